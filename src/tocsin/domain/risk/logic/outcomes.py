"""When what is predicted has come true (SEMANTICS 10). Pure."""

from collections.abc import Sequence
from datetime import datetime

from tocsin.domain.risk.logic.moments import ENDED, Moment, Snapshot

LINES = {"L1": 1, "L2": 2, "L3": 3, "management": 4}


def line_raised_at(moments: Sequence[Moment]) -> datetime | None:
    """Return when a ticket first stood on a higher support line than the one it began on; None: never."""
    first = next((LINES[one.line] for one in moments if one.line in LINES), None)
    if first is None:
        return None
    return next((one.at for one in moments if LINES.get(one.line, 0) > first), None)


def bounced_at(moments: Sequence[Moment]) -> datetime | None:
    """Return when a ticket first went back to a team that had held it before another; None: never."""
    held: set[str] = set()
    team = ""
    for one in moments:
        if not one.team or one.team == team:
            continue
        if one.team in held:
            return one.at
        held.add(one.team)
        team = one.team
    return None


def hours_until_ended(moments: Sequence[Moment], opened_at: datetime) -> float:
    """Return the hours from the opening to the event that ended a ticket for good; of one that has not, to its last."""
    ended = moments[-1].at
    for one in reversed(moments):
        if one.status not in ENDED:
            break
        ended = one.at
    return (ended - opened_at).total_seconds() / 3600


def before(found: Sequence[Snapshot], came_at: datetime | None) -> tuple[Snapshot, ...]:
    """Return the snapshots of an open ticket from before it came true: there is nothing to predict after it."""
    return tuple(one for one in found if one.open and (came_at is None or one.at < came_at))
