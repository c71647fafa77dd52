"""`tocsin problems`: look for repeats now or in a log, judge measures, make digests."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tocsin.cli.imports import Bars, Format, MappingFile, Zone, progress_bars, read_cases
from tocsin.domain.problems import actions, queries
from tocsin.domain.problems.logic.words import counted, times
from tocsin.intake.imports import repeating
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import InvalidInput

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def detect(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Count all of history anew, not only what changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for repeats up to the end of yesterday, and print what waits for a decision. May be interrupted."""
    console = Console(stderr=True, highlight=False)
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console) as shown:
        task = shown.add_task("beginning", total=None)
        look = actions.detect(
            now=database_now(connection), anew=rebuild, say=lambda word: shown.update(task, description=word)
        )
    found = list(queries.proposals())
    if as_json:
        rows = [
            {
                "series": one.series, "sentence": one.sentence, "weeks": one.weeks, "recent": one.recent, "usual": one.usual,
                "ratio": one.ratio, "p": one.p, "adjusted": one.adjusted, "scatter": one.scatter,
            }
            for one in found
        ]  # fmt: skip
        told = {"days_counted": look.days, "series": look.series, "weeks": look.weeks, "new": look.proposed,
                "lapsed": look.lapsed, "proposals": rows}  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(
        f"{look.series} series of {look.weeks} weeks; {look.days} days counted; {look.proposed} new, {look.lapsed} lapsed"
    )
    for one in found:
        typer.echo(f"x{one.ratio:.1f}\tp={one.p:.2g}\t{one.sentence}")


@app.command()
def scan(
    log: Annotated[
        Path, typer.Argument(help="The log, plain or gzip: ServiceNow's, Volvo's, csv with a mapping, or XES.")
    ],
    form: Format = "",
    mapping: MappingFile = None,
    zone: Zone = "",
    looks: Annotated[int, typer.Option(min=1, max=600, help="How many month ends to look at, the last ones.")] = 24,
    check: Annotated[
        bool,
        typer.Option("--check", help="Also look at the log with its days shuffled: hardly anything should be found."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what repeated in another desk's log, with rates and p-values. Imports nothing and writes nothing."""
    with progress_bars(Console(stderr=True)) as bars:
        opened = _opened(log, form, mapping, zone, bars)
        counts = repeating.counts_of(opened)
        shown = bars.progress.add_task("looking back", total=None)
        done, found = repeating.walk(
            counts, looks=looks, looked=lambda now, of: bars.progress.update(shown, completed=now, total=of)
        )
        chance = repeating.shuffled(opened, times=1) if check else None
    told: dict[str, Any] = {
        "log": log.name, "tickets": counts.tickets, "first": counts.first.isoformat(), "last": counts.last.isoformat(),
        "series": len(counts.series), "looks": done, "found": [_as_dict(one) for one in found],
        "found_when_shuffled": chance,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(
        f"{counts.tickets} tickets from {counts.first} to {counts.last}, {len(counts.series)} series, {done} monthly looks: "
        f"{len(found)} repeats"
    )
    for one in found:
        typer.echo(_line(one))
    if chance is not None:
        typer.echo(f"With the days shuffled, one look finds {chance}.")


def _opened(log: Path, form: str, mapping: Path | None, zone: str, bars: Bars) -> list[repeating.Opened]:
    if ".xes" in log.suffixes:
        return list(repeating.opened_in_xes(log))
    return list(
        repeating.opened_in(read_cases(log, format_for(log, form, mapping=mapping, zone=zone), Problems(), bars))
    )


def _as_dict(found: repeating.Found) -> dict[str, Any]:
    one, change = found.repeat, found.change
    return {
        "series": one.key.text, "on": found.on.isoformat(), "weeks": one.weeks, "recent": one.recent,
        "usual_a_week": round(one.usual, 4), "ratio": round(one.ratio, 3), "p": one.p, "adjusted": one.adjusted,
        "scatter": round(one.scatter, 3), "changed_on": change.on.isoformat() if change else None,
    }  # fmt: skip


def _line(found: repeating.Found) -> str:
    one, change = found.repeat, found.change
    moved = f"{times(change.before, change.after)} after {change.on}" if change else "no single day stands out"
    return (
        f"{found.on}\t{counted(one.key, one.key.values)}: {one.recent} in {one.weeks} weeks, usual {one.usual:.2f} a week, "
        f"x{one.ratio:.1f}\tp={one.p:.1e}, adjusted {one.adjusted:.1e}\t{moved}"
    )


@app.command()
def judge(as_json: AsJson = False) -> None:
    """Judge every measure by the counts up to yesterday, and print what came of each."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as shown:
        task = shown.add_task("measures", total=None)
        changed = actions.judge_measures(
            now=database_now(connection), say=lambda done, of: shown.update(task, completed=done, total=of)
        )
    found = list(queries.measures())
    if as_json:
        rows = [{"problem": m.problem.reference, "measure": m.title, "verdict": m.verdict, "sentence": m.sentence, **m.figures}
                for m in found]  # fmt: skip
        typer.echo(json.dumps({"changed": changed, "measures": rows}, ensure_ascii=False))
        return
    typer.echo(f"{len(found)} measures judged, {changed} verdicts changed")
    for one in found:
        typer.echo(f"{one.problem.reference}\t{one.title}\t{one.sentence}")


@app.command()
def digest(
    month: Annotated[str, typer.Option(help="Such as 2026-05; otherwise the last whole month.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the monthly digests of all teams that are not made yet, and tell their leads."""
    try:
        asked = date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        problem = f"{month} is no month. Write it like 2026-05."
        raise InvalidInput("bad_month", problem, {"month": problem}) from None
    made = actions.make_digests(now=database_now(connection), month=asked)
    typer.echo(json.dumps({"made": made}) if as_json else f"{made} digests made")
