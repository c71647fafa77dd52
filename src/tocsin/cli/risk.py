"""`tocsin risk`: train models on the installation's history, or try them on an event log (docs/risk.md)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tocsin.cli.imports import AsJson, Format, MappingFile, Zone, progress_bars, read_cases
from tocsin.domain.risk import actions, queries
from tocsin.domain.risk.enums import Outcome, TrainingState
from tocsin.domain.risk.logic.judging import ANY, LAST, admit, compare
from tocsin.domain.risk.logic.leaks import judge
from tocsin.domain.risk.logic.model import dump
from tocsin.domain.risk.logic.training import THREADS, TooFew, split
from tocsin.domain.risk.logic.training import train as learn
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.risks import lives, own_fields, samples
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import InvalidInput

app = typer.Typer(no_args_is_help=True)
EVENTS = (ANY, 1, 3, 5, LAST)
Wanted = Annotated[str, typer.Option("--outcome", help=f"{', '.join(Outcome.values)}; left out: all.")]
LogFile = Annotated[Path | None, typer.Option("--log", help="Learn from this event log instead, plain or gzip.")]
OwnFields = Annotated[
    list[str] | None, typer.Option("--field", help="A further column of the log. Repeat it for more.")
]
AtOpening = Annotated[
    list[str] | None, typer.Option("--known-at-opening", help="A column that is known when a ticket is opened.")
]
Threads = Annotated[int, typer.Option(min=1, max=64, help="How many threads learn.")]


@app.command()
def train(
    outcome: Wanted = "",
    log: LogFile = None,
    out: Annotated[Path | None, typer.Option(help="With --log: write the model to this file (JSON).")] = None,
    field: OwnFields = None,
    known_at_opening: AtOpening = None,
    form: Format = "",
    mapping: MappingFile = None,
    zone: Zone = "",
    threads: Threads = THREADS,
    as_json: AsJson = False,
) -> None:
    """Train on the installation's own history and put to use what beats the simple rule. With --log: judge, and write it."""
    if log is not None:
        if out is None:
            problem = "A model of a log is written to a file. Say --out FILE."
            raise InvalidInput("no_file", problem, {"out": problem})
        told = _on_log(log, _outcomes(outcome or "breach"), field, known_at_opening, form, mapping, zone, threads, out)
        _print(told, as_json)
        return
    found = [_own(one, threads) for one in _outcomes(outcome)]
    _print(found, as_json)
    if not any(one["state"] == TrainingState.DONE for one in found):
        raise typer.Exit(1)


@app.command()
def evaluate(
    outcome: Wanted = "",
    log: LogFile = None,
    field: OwnFields = None,
    known_at_opening: AtOpening = None,
    form: Format = "",
    mapping: MappingFile = None,
    zone: Zone = "",
    threads: Threads = THREADS,
    as_json: AsJson = False,
) -> None:
    """Print how well models do on later tickets: those in use, or with --log one trained on the log's first 70 %."""
    if log is not None:
        _print(_on_log(log, _outcomes(outcome), field, known_at_opening, form, mapping, zone, threads, None), as_json)
        return
    cards = [queries.card(one) for one in _outcomes(outcome)]
    _print(
        [
            {"outcome": one.outcome, "in_use": one.scores, "why": one.model.why, "judged": one.model.judged,
             "months": one.model.months} if one.model else {"outcome": one.outcome, "in_use": False, "why": "No model yet."}
            for one in cards
        ],
        as_json,
    )  # fmt: skip


def _outcomes(wanted: str) -> list[str]:
    if wanted and wanted not in Outcome.values:
        problem = f"There is no risk {wanted!r}. Use one of {', '.join(Outcome.values)}."
        raise InvalidInput("no_such_outcome", problem, {"outcome": problem})
    return [wanted] if wanted else list(Outcome.values)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[str, float], None]]:
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda step, done: progress.update(task, description=f"{what}: {step}", completed=done)


def _own(outcome: str, threads: int) -> dict[str, Any]:
    asked = actions.request_training(outcome=outcome, by=None, now=database_now(connection))
    with _bar(outcome) as progress:
        done = actions.run_training(
            training_id=asked.pk, clock=lambda: database_now(connection), threads=threads, progress=progress
        )
    card = queries.card(outcome)
    told = {"outcome": outcome, "state": done.state, "why": done.message, "in_use": card.scores}
    if done.state == TrainingState.DONE and card.model is not None:
        told |= {"seconds": round(card.model.seconds, 1), "tickets": card.model.tickets, "judged": card.model.judged}
    return told


def _on_log(
    log: Path, outcomes: list[str], names: list[str] | None, opening: list[str] | None, form: str, mapping: Path | None,
    zone: str, threads: int, out: Path | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Judge every outcome on a log; where `out` is given, write the (one) model learned from all of it."""
    log_format = format_for(log, form, mapping=mapping, zone=zone)
    wanted = list(dict.fromkeys([*(names or ()), *(opening or ())]))
    fields = own_fields(log, wanted, log_format.delimiter)
    with progress_bars(Console(stderr=True)) as bars:
        cases = read_cases(log, log_format, Problems(), bars)
    found = []
    for outcome in outcomes:
        every = samples(cases, outcome, fields)
        verdicts = [judge(name, told, opening or ()) for told in [lives(cases, every, fields)] for name in wanted]
        own = [one.field for one in verdicts if one.accepted]
        shown = [{"field": one.field, "accepted": one.accepted, "why": one.why} for one in verdicts]
        kept = [one for one in every if one.snapshots]
        earlier, later = split(kept)
        with _bar(outcome) as progress:
            try:
                model = learn(earlier, own_fields=own, threads=threads, progress=progress)
                judged = [compare(model, later, event) for event in EVENTS]
                whole = learn(kept, own_fields=own, threads=threads, progress=progress) if out else None
            except TooFew as few:
                found.append({"outcome": outcome, "in_use": False, "why": str(few), "fields": shown})
                continue
        admission = admit(judged[0])
        if whole is not None and out is not None:
            out.write_text(json.dumps(dump(whole)), encoding="utf-8")
        found.append(
            {"outcome": outcome, "in_use": admission.shown, "why": admission.why, "tickets": len(kept), "fields": shown,
             "rule": judged[0].rule_name, "judged": [actions.judged_row(one) for one in judged]}
        )  # fmt: skip
    return found


def _print(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for one in found:
        console.print(f"[bold]{one['outcome']}[/bold]: {one['why']}")
        for field in one.get("fields", ()):
            console.print(f"  {'used' if field['accepted'] else 'refused'}: {field['field']}: {field['why']}")
        if one.get("judged"):
            console.print(_table(one["judged"]))


def _table(judged: list[dict[str, Any]]) -> Table:
    table = Table("at", "", "n", "AUC", "AP", "found at 10 %", "at 20 %", "Brier", "off by", box=None)
    for line in judged:
        at = {ANY: "any moment", LAST: "last event"}.get(line["event"], f"event {line['event']}")
        for name in ("model", "logistic", "rule"):
            it = line[name]
            ten, twenty = it["flagged"]
            table.add_row(
                at if name == "model" else "", name, f"{it['n']:,}", _two(it["auc"]), _two(it["average_precision"]),
                f"{ten['recall']:.0%}", f"{twenty['recall']:.0%}", _two(it["brier"]), f"{it['calibration_error']:.3f}",
            )  # fmt: skip
    return table


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
