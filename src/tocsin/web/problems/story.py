"""What happened on a problem, in sentences: the latest first."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.domain.journal.models import Entry
from tocsin.domain.problems.enums import HypothesisState, ProblemState, VerdictWord
from tocsin.domain.problems.logic.effect import read
from tocsin.domain.problems.logic.words import judged

SYSTEM = "Tocsin"


@dataclass(frozen=True, slots=True)
class Happened:
    """One line. `body`: what somebody wrote with it."""

    at: datetime
    summary: str
    body: str = ""


type Teller = Callable[[str, dict[str, Any]], str]
_TOLD: dict[str, tuple[Teller, str]] = {
    "problem.opened": (lambda who, _d: f"{who} opened it", ""),
    "problem.changed": (lambda who, d: f"{who} wrote: {', '.join(d['fields']).replace('_', ' ')}", ""),
    "problem.tickets_linked": (lambda who, d: f"{who} linked {_many(d['count'], 'ticket')}", ""),
    "problem.ticket_unlinked": (lambda who, _d: f"{who} unlinked a ticket", ""),
    "problem.moved": (lambda who, d: f"{who}: {_state(d['before'])} \u2192 {_state(d['after'])}", "word"),
    "problem.known_error": (lambda who, d: f"{who} published the known error as {d['article']}", ""),
    "problem.hypothesis": (lambda who, _d: f"{who} offered an explanation", "text"),
    "problem.hypothesis_judged": (lambda who, d: f"{who} tested an explanation: {_tested(d['state'])}", "test"),
    "problem.workaround_sent": (lambda who, d: f"{who} sent the workaround to {_many(d['count'], 'ticket')}", ""),
    "problem.workaround_taken_back": (lambda who, d: f"{who} took {_many(d['count'], 'reply', 'replies')} back", ""),
    "problem.measure": (lambda who, d: f"{who} took a measure: {d['measure']}", ""),
    "problem.measure_withdrawn": (lambda who, d: f"{who} withdrew a measure: {d['measure']}", ""),
    "problem.measure_judged": (lambda _w, d: f"{d['measure']}: {_verdict(d['verdict'])}", "sentence"),
    "problem.reopened": (lambda _w, d: f"It is open again: {d['measure']} shows no effect", "sentence"),
    "problem.merged": (lambda who, d: f"{who} merged it into {d['into']}", ""),
    "problem.merged_in": (lambda who, d: f"{who} merged {d['other']} into it", ""),
}


def story_of(
    entries: Sequence[Entry], names: Callable[[Collection[str]], dict[str, str]], language: str
) -> list[Happened]:
    """Return entries as sentences, in their order; verdicts on measures in `language`."""
    known = names({entry.actor for entry in entries})
    told = []
    for entry in entries:
        teller, body = _TOLD.get(entry.kind, (lambda who, _d, kind=entry.kind: f"{who}: {kind}", ""))
        who = known.get(entry.actor, SYSTEM)
        told.append(Happened(entry.at, teller(who, entry.data), _body(entry.data, body, language)))
    return told


def _body(data: dict[str, Any], name: str, language: str) -> str:
    if name == "sentence" and data.get("figures"):
        return judged(read(data["figures"]), data["verdict"], horizon=data["horizon"], language=language)
    return str(data.get(name) or "") if name else ""


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _state(value: str) -> str:
    return str(ProblemState(value).label)


def _tested(value: str) -> str:
    return str(HypothesisState(value).label).lower()


def _verdict(value: str) -> str:
    return str(VerdictWord(value).label).lower()
