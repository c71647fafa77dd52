"""How an incident and a maintenance move, and what they make of a component. Pure."""

from collections.abc import Iterable
from datetime import datetime

# From best to worst: what is worse is shown.
ORDER = ("operational", "maintenance", "degraded", "partial", "major")
_RANK = {state: rank for rank, state in enumerate(ORDER)}
INCIDENT = ("investigating", "identified", "monitoring", "resolved")
MAINTENANCE = ("scheduled", "under_way", "completed", "cancelled")
ENDED = frozenset({"resolved", "completed", "cancelled"})
ACTS_ON_COMPONENTS = frozenset({"investigating", "identified", "monitoring", "under_way"})


def next_states(kind: str, state: str) -> tuple[str, ...]:
    """Return what an update may say: the present state and whatever can follow it. Ended: nothing.

    An incident may go back (a fix that did not hold); resolved is its end, another time is another incident.
    """
    if state in ENDED:
        return ()
    if kind == "incident":
        return INCIDENT
    return ("scheduled", "under_way", "cancelled") if state == "scheduled" else ("under_way", "completed")


def worst(states: Iterable[str]) -> str:
    """Return the worst of the states; operational where there is none."""
    return max(states, key=_RANK.__getitem__, default="operational")


def shown(own: str, open_on_it: Iterable[tuple[str, str]]) -> str:
    """Return what readers see of a component.

    `own`: its state as set by hand. `open_on_it`: (state of an incident, what it makes of the component); what is only
    planned, or has ended, makes nothing of it.
    """
    return worst([own, *(made for state, made in open_on_it if state in ACTS_ON_COMPONENTS)])


def switch(state: str, starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Return the state of a maintenance at `now`. After downtime both switches may be late: the last one counts."""
    if state == "scheduled" and now >= ends_at:
        return "completed"
    if state == "scheduled" and now >= starts_at:
        return "under_way"
    if state == "under_way" and now >= ends_at:
        return "completed"
    return state


def due(state: str, starts_at: datetime, ends_at: datetime) -> datetime | None:
    """Return when a maintenance switches next."""
    return {"scheduled": starts_at, "under_way": ends_at}.get(state)
