"""The counts by which an import is checked. Each definition is in its function; docs/imports.md repeats them."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from tocsin.domain.tickets.logic.hops import without_repeats
from tocsin.intake.imports.events import ENDED, Case

type Summary = dict[str, int | dict[str, int]]

LINES = ("L1", "L2", "L3")


def summarise(source: str, cases: Sequence[Case]) -> Summary:
    """Return the counts for a log of this kind; keys and their order are published."""
    return _SUMMARIES.get(source, _generic)(cases)


def _volvo(cases: Sequence[Case]) -> Summary:
    highest = Counter(max(_lines(case)) for case in cases)
    started = [case for case in cases if _lines(case)[0] == "L1"]
    return {
        "tickets": len(cases),
        "events": _events(cases),
        "highest_line": {line: highest[line] for line in LINES},
        "started_l1": len(started),
        "escalated_after_l1": sum(max(_lines(case)) > "L1" for case in started),
        "came_back": sum(_came_back(case) for case in cases),
        "ping_pong": sum(_ping_pong(case) for case in cases),
        "ping_pong_same_line": sum(_ping_pong(case, one_line=True) for case in cases),
        "handovers": sum(max(len(_teams(case)) - 1, 0) for case in cases),
        "reopened": sum(active_after_completed(case) for case in cases),
    }


def _servicenow(cases: Sequence[Case]) -> Summary:
    return {
        "tickets": len(cases),
        "events": _events(cases),
        "sla_missed": sum(case.missed for case in cases),
        "reassigned": sum(_last(case, "reassignments") > 0 for case in cases),
        "reopened": sum(_last(case, "reopenings") > 0 for case in cases),
        "priority_raised": sum(_priority_raised(case) for case in cases),
    }


def _generic(cases: Sequence[Case]) -> Summary:
    return {
        "tickets": len(cases),
        "events": _events(cases),
        "ended": sum(case.events[-1].status in ENDED for case in cases),
        "handovers": sum(max(len(_teams(case)) - 1, 0) for case in cases),
        "ping_pong": sum(_ping_pong(case) for case in cases),
        "reopened": sum(_left_the_end(case) for case in cases),
        "priority_raised": sum(_priority_raised(case) for case in cases),
    }


_SUMMARIES: dict[str, Callable[[Sequence[Case]], Summary]] = {"volvo": _volvo, "servicenow": _servicenow}


def _events(cases: Sequence[Case]) -> int:
    return sum(len(case.events) for case in cases)


def _lines(case: Case) -> list[str]:
    return [event.line or "L1" for event in case.events]


def _came_back(case: Case) -> bool:
    """Whether a row ever stands on a lower line than the row before it."""
    return any(after < before for before, after in pairwise(_lines(case)))


def _teams(case: Case) -> list[str]:
    return without_repeats(event.team or "" for event in case.events)


def _ping_pong(case: Case, *, one_line: bool = False) -> bool:
    """Whether the teams, repeats removed, hold A-B-A; with `one_line`, one whose three stays are on one line."""
    stays: list[tuple[str, str]] = []
    for event in case.events:
        if event.team and (not stays or stays[-1][0] != event.team):
            stays.append((event.team, event.line or ""))
    triples = zip(stays, stays[1:], stays[2:], strict=False)
    return any(a[0] == c[0] and (not one_line or a[1] == b[1] == c[1]) for a, b, c in triples)


def active_after_completed(case: Case) -> bool:
    """Whether a row is Accepted or Queued after an earlier one was Completed."""
    completed = False
    for event in case.events:
        if completed and event.active_again:
            return True
        completed = completed or event.completed
    return False


def _left_the_end(case: Case) -> bool:
    told = [event.status for event in case.events if event.status is not None]
    return any(before in ENDED and after not in ENDED for before, after in pairwise(told))


def _last(case: Case, counter: str) -> int:
    """Return the desk's own counter as the last row that tells has it."""
    values = (getattr(event, counter) for event in reversed(case.events))
    return next((int(value) for value in values if value is not None), 0)


def _priority_raised(case: Case) -> bool:
    """Whether the priority ever became graver (its number fell) from one row to the next."""
    told = [event.priority for event in case.events if event.priority is not None]
    return any(after < before for before, after in pairwise(told))
