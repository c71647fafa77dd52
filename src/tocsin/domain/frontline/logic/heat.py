"""How hot a ticket is, and why in words. Weights are said here once; nothing else ranks the hot board."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SOON = timedelta(hours=1)
BASE = {1: 40.0, 2: 24.0, 3: 8.0, 4: 2.0}  # by priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of a ticket. Times are aware."""

    priority: int
    breached_at: datetime | None = None  # of the clock that matters most
    due_at: datetime | None = None
    clock: str = ""  # its name
    watch_at: datetime | None = None  # when the next trigger fires
    watch: str = ""  # its policy
    handovers: int = 0
    ping_pongs: int = 0
    reopens: int = 0
    waiting_since: datetime | None = None  # the customer's last message, unanswered
    asked_at: datetime | None = None  # the customer asked for an escalation
    unowned: bool = False
    unanswered_since: datetime | None = None  # pages go out and nobody has answered
    level: int = 0
    risk: float | None = None  # 0 to 1


@dataclass(frozen=True, slots=True)
class Heat:
    """How hot; the reasons, weightiest first."""

    degree: float
    reasons: tuple[str, ...]


def heat(signs: Signs, now: datetime) -> Heat:
    """Return how hot a ticket is at `now`. Every part of the sum has its reason; the priority alone is none."""
    parts = [part for part in (
        _clock(signs, now), _unanswered(signs, now), _asked(signs), _watch(signs, now), _hops(signs), _reopened(signs),
        _silence(signs, now), _risk(signs), (4.0, "nobody owns it") if signs.unowned else None,
    ) if part is not None]  # fmt: skip
    parts.sort(key=lambda part: -part[0])
    return Heat(BASE.get(signs.priority, 0.0) + sum(points for points, _ in parts), tuple(words for _, words in parts))


def _clock(signs: Signs, now: datetime) -> tuple[float, str] | None:
    if signs.breached_at is not None:
        hours = (now - signs.breached_at).total_seconds() / 3600
        return 30 + min(hours, 20), f"{signs.clock} breached {_span(now - signs.breached_at)} ago"
    if signs.due_at is not None and signs.due_at - now <= SOON:
        left = max(signs.due_at - now, timedelta())
        return 10 + 15 * (1 - left / SOON), f"{signs.clock} breaches in {_span(left)}"
    return None


def _unanswered(signs: Signs, now: datetime) -> tuple[float, str] | None:
    if signs.unanswered_since is None:
        return None
    waited = now - signs.unanswered_since
    return 25 + min(waited / timedelta(minutes=2), 20), f"nobody has answered for {_span(waited)}, level {signs.level}"


def _asked(signs: Signs) -> tuple[float, str] | None:
    return (20.0, "the customer asked for an escalation") if signs.asked_at is not None else None


def _watch(signs: Signs, now: datetime) -> tuple[float, str] | None:
    if signs.watch_at is None or signs.watch_at - now > SOON:
        return None
    left = max(signs.watch_at - now, timedelta())
    return 6 + 6 * (1 - left / SOON), f"{signs.watch} begins in {_span(left)}"


def _hops(signs: Signs) -> tuple[float, str] | None:
    if signs.ping_pongs:
        return 8.0 + 4 * min(signs.ping_pongs, 4), f"went to and fro {_times(signs.ping_pongs)}"
    if signs.handovers >= 2:
        return 3.0 * min(signs.handovers, 4), f"passed on {signs.handovers} times"
    return None


def _reopened(signs: Signs) -> tuple[float, str] | None:
    return (6.0 * min(signs.reopens, 3), f"reopened {_times(signs.reopens)}") if signs.reopens else None


def _silence(signs: Signs, now: datetime) -> tuple[float, str] | None:
    if signs.waiting_since is None or now - signs.waiting_since < timedelta(hours=4):
        return None
    waited = now - signs.waiting_since
    return min(waited / timedelta(hours=4) * 2, 12), f"the customer has waited {_span(waited)} for an answer"


def _risk(signs: Signs) -> tuple[float, str] | None:
    if signs.risk is None or signs.risk < 0.3:
        return None
    return 20 * signs.risk, f"risk of an escalation {signs.risk:.0%}"


def _times(many: int) -> str:
    return {1: "once", 2: "twice"}.get(many, f"{many} times")


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
