"""`tocsin replay`: what policies would have done over an event log, in the log's own time (docs/imports.md).

Needs no database. The same log, policies and options print the same bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tocsin.cli.imports import AsJson, Bars, Format, MappingFile, Zone, progress_bars, read_cases
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.document import MAX_BYTES
from tocsin.domain.escalation.logic.durations import parse_duration
from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.escalation.logic.spec_errors import PolicyErrors
from tocsin.intake.imports import promises as promised
from tocsin.intake.imports.events import Case
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.promises import Promises
from tocsin.intake.imports.replay_report import counts_for, share
from tocsin.intake.imports.replaying import heard, replayable
from tocsin.intake.imports.replaying import replay as replay_case
from tocsin.intake.imports.verdicts import BADLY, BADLY_OTHERWISE, judge_for
from tocsin.kernel.errors import InvalidInput

EVERY = 200  # tickets between two moves of the progress bar


def replay(
    log: Annotated[Path, typer.Option(help="The log, plain or gzip.")],
    policy: Annotated[list[Path], typer.Option(help="A policy (YAML). Repeat it to compare several.")],
    more: Annotated[list[Path] | None, typer.Argument(metavar="[POLICY]...", help="Further policies.")] = None,
    form: Format = "",
    mapping: MappingFile = None,
    zone: Zone = "",
    targets: Annotated[
        str, typer.Option(help="Promised time from opening to closing by priority, e.g. 3=213h,4=496h.")
    ] = "",
    close_after: Annotated[
        str, typer.Option(help="How long the desk leaves a resolved ticket before it closes it, e.g. 120h.")
    ] = "",
    no_answers: Annotated[bool, typer.Option("--no-answers", help="Nobody ever answers a page.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run policies over an event log, in the log's own time. Pages nobody and writes nothing."""
    log_format = format_for(log, form, mapping=mapping, zone=zone)
    promises = promises_of(log_format.source, targets, close_after)
    policies = policies_of([*policy, *(more or ())])
    problems = Problems()
    with progress_bars(Console(stderr=True)) as bars:
        cases = read_cases(log, log_format, problems, bars)
        found = report(cases, policies, promises, source=log_format.source, answers=not no_answers, bars=bars)
    found["log"] = {"file": log.name, **found["log"], "rows_left_out": problems.broken_rows}
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _show(found)


def report(
    cases: Sequence[Case],
    policies: Sequence[Policy],
    promises: Promises,
    *,
    source: str,
    answers: bool = True,
    bars: Bars | None = None,
) -> dict[str, Any]:
    """Replay every ticket and return what `--json` prints."""
    it = heard(cases, promises, answers=answers)
    pairs = [replayable(policy, it) for policy in policies]
    counts = counts_for([policy for policy, _ in pairs], [silent for _, silent in pairs])
    judge = judge_for(source, promises)
    badly = 0
    until = max((event.at for case in cases for event in case.events), default=None)
    done = bars.begin("replaying tickets", len(cases)) if bars else None
    for number, case in enumerate(cases, 1):
        if until is None:
            break
        simulation = replay_case(case, [c.policy for c in counts], promises, until=until, answers=answers)
        verdict = judge(case)
        badly += verdict.is_bad
        for count in counts:
            count.add(simulation, verdict)
        if done and number % EVERY == 0:
            done(number)
    return {
        "log": _log(source, cases, badly),
        "assumed": {"answers": "the first work after a page" if answers else "none", **promises.as_dict()},
        "policies": [count.as_dict(badly) for count in counts],
    }


def _log(source: str, cases: Sequence[Case], badly: int) -> dict[str, Any]:
    return {
        "source": source,
        "tickets": len(cases),
        "events": sum(len(case.events) for case in cases),
        "ended_badly_means": BADLY.get(source, BADLY_OTHERWISE),
        "ended_badly": badly,
        "ended_well": len(cases) - badly,
        "ended_badly_share": share(badly, len(cases)),
    }


def promises_of(source: str, targets: str, close_after: str) -> Promises:
    known = promised.SERVICENOW if source == "servicenow" else promised.NONE
    made = replace(known, targets={**known.targets, **promised.read_targets(targets)}) if targets else known
    if close_after:
        length = parse_duration(close_after)
        if length is None:
            raise InvalidInput(
                "bad_duration", f"{close_after!r} is no duration. Write it as 120h or 5d.", {"close_after": close_after}
            )
        made = replace(made, close_after=length)
    return made


def policies_of(files: Sequence[Path]) -> list[Policy]:
    """Load the policies; versions of one policy get a number, so that they can be told apart."""
    found: list[Policy] = []
    errors: dict[str, str] = {}
    for file in files:
        try:
            loaded = spec.load(_text(file), filename=file.name)
        except PolicyErrors as refused:
            errors.update({f"{e.file}:{e.line}: {e.field}": f"{e.message} {e.remedy}".strip() for e in refused.errors})
            continue
        same = sum(policy.slug.partition("#")[0] == loaded.slug for policy in found)
        found.append(replace(loaded, slug=f"{loaded.slug}#{same + 1}") if same else loaded)
    if errors:
        raise InvalidInput("bad_policy", "A policy is not right; nothing was replayed.", errors)
    return found


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1).decode()
    except UnicodeDecodeError:
        raise InvalidInput("bad_policy", f"{path} is not UTF-8. Save it as UTF-8.", {"policy": "not UTF-8"}) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput("unreadable_file", f"Cannot read {path}: {reason}.", {"policy": reason}) from error


def _show(found: dict[str, Any]) -> None:
    console = Console()
    log = found["log"]
    console.print(
        f"{log['file']}: {log['tickets']:,} tickets, {log['events']:,} events; {log['ended_badly']:,} ended badly "
        f"({log['ended_badly_means']}), {log['ended_well']:,} well.",
        highlight=False,
    )
    targets = ", ".join(f"{p}={t}" for p, t in found["assumed"]["targets"].items()) or "none"
    console.print(
        f"Assumed: targets {targets}, closed {found['assumed']['close_after']} after resolving; "
        f"answers: {found['assumed']['answers']}.",
        highlight=False,
    )
    for policy in found["policies"]:
        _show_policy(console, policy, log["ended_badly"])


def _show_policy(console: Console, policy: dict[str, Any], badly: int) -> None:
    table = Table(title=f"{policy['name']} ({policy['policy']})", title_justify="left")
    for heading in (
        "trigger",
        "fired",
        "tickets",
        "ended badly, warned",
        "before it went wrong",
        "hours before the end",
    ):
        table.add_column(heading, justify="left" if heading == "trigger" else "right")
    table.add_column("ended well", justify="right")
    rows = [(t["key"], f"{t['fired']:,}", t) for t in policy["triggers"]] + [("any of them", "", policy)]
    for name, fired, row in rows:
        table.add_row(
            name,
            fired,
            f"{row['tickets']:,}",
            f"{row['ended_badly_warned']:,} of {badly:,}",
            f"{row['ended_badly_warned_in_time']:,}",
            _hours(row["hours_before_the_end"]),
            f"{row['ended_well']:,}",
        )
    console.print(table)
    levels = Table("level", "", "pages", "tickets", "pages on tickets that ended well", "found nobody")
    for level in policy["levels"]:
        numbers = (level["pages"], level["tickets"], level["pages_on_tickets_that_ended_well"], level["found_nobody"])
        levels.add_row(str(level["level"]), level["name"], *(f"{number:,}" for number in numbers))
    console.print(levels)
    for key, reason in policy["not_in_this_log"].items():
        console.print(f"not replayed: {key}: {reason}", markup=False, highlight=False)


def _hours(spread: dict[str, float | None]) -> str:
    if spread["median"] is None:
        return "-"
    return f"median {spread['median']:,}, p90 {spread['p90']:,}"
