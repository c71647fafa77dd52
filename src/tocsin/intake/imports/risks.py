"""Event logs as risk learns from them: moments of each ticket, and how it ended (docs/risk.md). Pure but for the file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tocsin.domain.risk.logic.leaks import Life
from tocsin.domain.risk.logic.moments import ENDED, Moment, snapshots
from tocsin.domain.risk.logic.outcomes import before, bounced_at, hours_until_ended, line_raised_at
from tocsin.domain.risk.logic.training import Sample
from tocsin.intake.imports.events import Case, LoggedEvent
from tocsin.intake.imports.history import History, steps
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.reading import rows
from tocsin.kernel.errors import InvalidInput

OUTCOMES = ("escalation", "breach", "bounce")
MISSING = frozenset({"", "?", "NULL", "null", "None"})
type Fields = Mapping[int, Mapping[str, str]]  # {line of the file: {column: value}}


def own_fields(path: Path, names: Sequence[str], delimiter: str = "") -> dict[int, dict[str, str]]:
    """Return the values of further columns by the line they stand on. Raises InvalidInput for a column there is not."""
    if not names:
        return {}
    found = rows(path, Problems(), delimiter=delimiter)
    header = next(found, None)
    columns = {cell.strip(): at for at, cell in enumerate(header.cells)} if header else {}
    lacking = [name for name in names if name not in columns]
    if lacking:
        problem = f"{path.name} has no column {', '.join(lacking)}. Its header says: {', '.join(columns)[:300]}."
        raise InvalidInput("wrong_columns", problem, {"field": problem})
    places = {name: columns[name] for name in names}
    return {
        row.line: {name: _value(row.cells, at) for name, at in places.items()} for row in found
    }  # fmt: skip


def _value(cells: Sequence[str], at: int) -> str:
    value = cells[at].strip() if at < len(cells) else ""
    return "" if value in MISSING else value


def moments_of(case: Case, fields: Fields) -> list[Moment]:
    """Return how the ticket stood after each of its rows."""
    return [_moment(event, history, fields.get(event.line_number, {})) for event, history, _ in steps(case)]


def _moment(event: LoggedEvent, it: History, more: Mapping[str, str]) -> Moment:
    return Moment(
        at=it.updated_at, status=it.status, priority=it.priority, impact=it.impact, urgency=it.urgency, by=event.by,
        team=it.team, line=it.line, owner=it.owner, service=it.service, category=it.category, item=it.item,
        channel=it.channel, organisation=it.organisation, state=event.state, more=more,
    )  # fmt: skip


def samples(
    cases: Sequence[Case], outcome: str, fields: Mapping[int, Mapping[str, str]], *, over: Collection[str] = ENDED
) -> list[Sample]:
    """Return the tickets to learn from. `over`: statuses in which a ticket is no longer open, so there is no risk left.

    Of tickets whose first row stands above the first line nobody can ask whether they will leave it: they are left out.
    """
    found = []
    for case in cases:
        moments = moments_of(case, fields)
        came_at = None
        if outcome == "escalation":
            if not moments[0].line or moments[0].line != "L1":
                continue
            came_at = line_raised_at(moments)
        elif outcome == "bounce":
            came_at = bounced_at(moments)
        came = case.missed if outcome == "breach" else came_at is not None
        opened = min(case.events[0].opened_at or moments[0].at, moments[0].at)
        seen = snapshots(moments, opened_at=opened)
        known = [replace(one, open=moment.status not in over) for one, moment in zip(seen, moments, strict=True)]
        found.append(Sample(case.ref, opened, before(known, came_at), came, hours_until_ended(moments, opened)))
    return found


def lives(cases: Sequence[Case], found: Sequence[Sample], fields: Fields) -> list[Life]:
    """Return the raw rows of tickets with their outcomes, for the leak test."""
    outcomes = {one.ticket: one.outcome for one in found}
    told = []
    for case in cases:
        if case.ref in outcomes:
            events = [(event, history.status) for event, history, _ in steps(case)]
            told.append(
                Life(
                    case.ref, [event.at for event, _ in events], [fields.get(e.line_number, {}) for e, _ in events],
                    [status in ENDED for _, status in events], outcomes[case.ref],
                )
            )  # fmt: skip
    return told
