"""How long an escalation's parts took: detect, acknowledge, accept, mitigate, resolve (SEMANTICS 9)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

NAMES = {
    "detect": "Until it was escalated", "acknowledge": "Until somebody acknowledged",
    "accept": "Until somebody took it over", "mitigate": "Until the harm stopped", "resolve": "Until it was resolved",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """What is known of one escalation; None: it did not happen, or nobody has stated it."""

    opened: datetime
    escalated: datetime
    acknowledged: datetime | None = None
    accepted: datetime | None = None
    mitigated: datetime | None = None
    resolved: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """One figure in seconds, None where it is not known."""

    key: str
    elapsed: float | None
    business: float | None


def spans(at: Instants, business: Callable[[datetime, datetime], float]) -> list[Span]:
    """Return the five figures. Detecting and resolving count from the ticket's opening, the others from escalating."""
    ends = [
        ("detect", at.opened, at.escalated), ("acknowledge", at.escalated, at.acknowledged),
        ("accept", at.escalated, at.accepted), ("mitigate", at.escalated, at.mitigated), ("resolve", at.opened, at.resolved),
    ]  # fmt: skip
    found = []
    for key, start, end in ends:
        known = end is not None and end >= start
        elapsed = (end - start).total_seconds() if known and end else None
        found.append(Span(key, elapsed, business(start, end) if known and end else None))
    return found


def spoken(seconds: float | None) -> str:
    """Return a length of time in at most two units, "" for an unknown one."""
    if seconds is None:
        return ""
    whole = int(seconds)
    for size, unit, part, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit} {rest} {small}" if rest else f"{whole // size} {unit}"
    return f"{whole // 60} min" if whole >= 60 else f"{whole} s"
