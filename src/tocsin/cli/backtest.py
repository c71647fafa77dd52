"""`tocsin backtest`: two versions of a policy on our own tickets, or on an imported log without a database."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tocsin.cli.app import use_django
from tocsin.cli.imports import AsJson, Format, MappingFile, Zone, progress_bars, read_cases
from tocsin.cli.replay import policies_of, promises_of
from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.insights.logic.backtest import BADLY, WELL, Tally, Ticket, add, count, leaf, ran_of
from tocsin.intake.imports.events import Case
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.promises import Promises
from tocsin.intake.imports.replaying import heard, replay, replayable
from tocsin.intake.imports.verdicts import judge_for
from tocsin.kernel.errors import InvalidInput

SIDES = ("before", "after")
ANSWERS, WHOSE = ("work", "recorded", "nobody"), ("own", "imported", "all")
OVER_A_LOG = ("work", "nobody")  # a log holds no pages that anybody could have answered


def backtest(
    policy: Annotated[list[Path] | None, typer.Option(help="A policy (YAML): the draft, or with --log both.")] = None,
    slug: Annotated[str, typer.Option(help="Compare with the live version of this policy.")] = "",
    days: Annotated[int, typer.Option(help="Own tickets that were opened in the last days.", min=1, max=3650)] = 90,
    answers: Annotated[str, typer.Option(help="work, recorded or nobody.")] = "work",
    whose: Annotated[str, typer.Option(help="own, imported or all.")] = "own",
    log: Annotated[Path | None, typer.Option(help="Take an event log instead, plain or gzip.")] = None,
    form: Format = "",
    mapping: MappingFile = None,
    zone: Zone = "",
    targets: Annotated[str, typer.Option(help="With --log: promised times, e.g. 3=213h,4=496h.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say what another version of a policy would have done differently. Pages nobody and writes nothing."""
    files = policy or []
    _check("answers", answers, OVER_A_LOG if log is not None else ANSWERS)
    _check("whose", whose, WHOSE)
    if log is not None:
        if len(files) != 2:
            raise InvalidInput(
                "two_policies", "A log is walked by two policies: give --policy twice.", {"policy": "two"}
            )
        found = _over_log(log, files, form, mapping, zone, targets, answers)
    else:
        if len(files) != 1:
            raise InvalidInput("one_draft", "Give the draft with --policy; it is compared with the live version.", {})
        found = _over_tickets(files[0], slug, days, answers, whose)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)


def _check(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        problem = f"There is no --{name} {given}. Choose one of {', '.join(known)}."
        raise InvalidInput("bad_choice", problem, {name: problem})


def _over_log(
    log: Path, files: Sequence[Path], form: str, mapping: Path | None, zone: str, targets: str, answers: str
) -> dict[str, Any]:
    log_format = format_for(log, form, mapping=mapping, zone=zone)
    promises = promises_of(log_format.source, targets, "")
    before, after = policies_of(files)
    with progress_bars(Console(stderr=True)) as bars:
        cases = read_cases(log, log_format, Problems(), bars)
    tally = walk_log(cases, (before, after), promises, source=log_format.source, answers=answers != "nobody")
    return {"log": log.name, "tally": tally}


def walk_log(
    cases: Sequence[Case], policies: tuple[Policy, Policy], promises: Promises, *, source: str, answers: bool = True
) -> Tally:
    """Return the tally of a log. Roles stand for people: a log holds no members, rosters or zones."""
    it = heard(cases, promises, answers=answers)
    able = [replace(replayable(policy, it)[0], slug=policies[0].slug) for policy in policies]
    judge = judge_for(source, promises)
    until = max((event.at for case in cases for event in case.events), default=None)
    whole: Tally = {}
    for number, case in enumerate(cases, 1):
        if until is None:
            break
        runs = []
        for policy in able:
            simulation = replay(case, (policy,), promises, until=until, answers=answers)
            told = {step.at: step.people for step in simulation.steps if step.outcome == "catch_all"}
            runs.append(ran_of(simulation, policy.slug, told))
        verdict = judge(case)
        broken = (("went wrong", verdict.went_wrong_at),) if verdict.went_wrong_at else ()
        ticket = Ticket(number, BADLY if verdict.is_bad else WELL, broken)
        add(whole, count(ticket, runs, {}, events=len(case.events)))
    return whole


def _over_tickets(file: Path, slug: str, days: int, answers: str, whose: str) -> dict[str, Any]:
    use_django()
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.insights.backtests import asking, queries  # noqa: PLC0415
    from tocsin.domain.insights.backtests.running import Question, silent, tickets_of  # noqa: PLC0415
    from tocsin.domain.insights.backtests.spreading import walk_on_all_processors  # noqa: PLC0415
    from tocsin.kernel.clock import database_now  # noqa: PLC0415

    draft = policies_of([file])[0]
    before = asking.published(slug or draft.slug).content
    now = database_now(connection)
    variants = (before, replace(draft, slug=before.slug))
    question: Question = Question(
        variants, asking.children_of(variants), now - timedelta(days=days), now, answers, whose
    )  # fmt: skip
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("walking tickets", total=tickets_of(question).count())
        outcome = walk_on_all_processors(question, go_on=lambda done: bars.update(task, completed=done))
    tally = outcome.tally
    result = queries.result(tally, {})
    return {
        "policy": before.slug, "days": days, "answers": answers, "whose": whose, "tally": tally,
        "not_replayed": {**silent(variants[0]), **silent(variants[1])}, "figures": asdict(result.figures),
        "people": [asdict(one) for one in result.people],
        "tickets": [
            {"number": row.ticket_number, "change": row.difference.change, "added": len(row.difference.added),
             "avoided": len(row.difference.avoided)}
            for row in outcome.rows if row.difference.change != "same"
        ],
    }  # fmt: skip


def _show(found: dict[str, Any]) -> None:
    console = Console()
    tally = found["tally"]
    told = tally.get("difference", {})
    console.print(f"{leaf(tally, 'tickets'):,} tickets, {leaf(tally, 'events'):,} events.", highlight=False)
    table = Table("", *SIDES)
    for name, path in (
        ("tickets escalated", ("tickets",)), ("pages", ("pages",)), ("pages at night", ("nights",)),
        ("breaches warned of", ("warned",)), ("noise: ended well", ("noise", "tickets")), ("levels that reached nobody", ("empty",)),
    ):  # fmt: skip
        table.add_row(name, *(f"{leaf(tally, 'sides', side, *path):,}" for side in ("0", "1")))
    console.print(table)
    added, avoided = leaf(told, "added", "people"), leaf(told, "avoided", "people")
    console.print(f"{added:,} pages added, {avoided:,} avoided.", highlight=False)
    for one in found.get("people", [])[:20]:
        if one["added"] or one["avoided"]:
            console.print(f"  {one['name']}: {one['before']} to {one['after']}", highlight=False)
