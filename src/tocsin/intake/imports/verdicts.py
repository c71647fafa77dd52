"""How a ticket ended, judged afterwards. Nothing here is ever shown to a trigger. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tocsin.intake.imports.events import Case
from tocsin.intake.imports.history import begin
from tocsin.intake.imports.promises import Promises


@dataclass(frozen=True, slots=True)
class Verdict:
    """`went_wrong_at` is set for a ticket that ended badly: from then on nothing could be saved."""

    ended_at: datetime
    went_wrong_at: datetime | None = None

    @property
    def is_bad(self) -> bool:
        return self.went_wrong_at is not None


type Judge = Callable[[Case], Verdict]

BADLY = {
    "servicenow": "made_sla is false at the end",
    "volvo": "active again after Completed, or a team ping-pong (A-B-A)",
}
BADLY_OTHERWISE = "the column `missed` says so at the end, or the ticket was reopened"


def judge_for(source: str, promises: Promises) -> Judge:
    """Return the judge for logs of this kind; BADLY says what it goes by."""
    if source == "servicenow":
        return lambda case: _promise(case, promises)
    if source == "volvo":
        return _round_trips
    return lambda case: _missed_or_reopened(case, promises)


def _promise(case: Case, promises: Promises) -> Verdict:
    """Judge by the outcome column. It went wrong when the target of its last priority passed, or else at the end."""
    ended_at = max(event.at for event in case.events)
    if not case.missed:
        return Verdict(ended_at)
    history, _ = begin(case)
    priority = next((event.priority for event in reversed(case.events) if event.priority), history.priority)
    broken_at = promises.broken_at(history.opened_at, priority)
    return Verdict(ended_at, min(broken_at, ended_at) if broken_at else ended_at)


def _round_trips(case: Case) -> Verdict:
    ended_at = max(event.at for event in case.events)
    moments = [at for at in (_reopened_at(case), _returned_at(case)) if at is not None]
    return Verdict(ended_at, min(moments, default=None))


def _missed_or_reopened(case: Case, promises: Promises) -> Verdict:
    reopened_at = _reopened_at(case)
    verdict = _promise(case, promises)
    moments = [at for at in (verdict.went_wrong_at, reopened_at) if at is not None]
    return Verdict(verdict.ended_at, min(moments, default=None))


def _reopened_at(case: Case) -> datetime | None:
    completed = False
    for event in case.events:
        if completed and event.active_again:
            return event.at
        completed = completed or event.completed
    return None


def _returned_at(case: Case) -> datetime | None:
    """Return when a ticket first came straight back to the team that had passed it on."""
    path: list[str] = []
    for event in case.events:
        if event.team and (not path or path[-1] != event.team):
            if len(path) > 1 and path[-2] == event.team:
                return event.at
            path.append(event.team)
    return None
