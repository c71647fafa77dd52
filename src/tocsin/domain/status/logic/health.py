"""How a customer fares with us: a hundred less what weighs on them. Each part has its points and its reason. Pure.

Weights are said here once. It is a sum that can be read, not a model: no part without words, no points without a part.
"""

from dataclasses import dataclass

WHOLE = 100
WELL, WATCHED = 80, 50  # from so many points on
ENOUGH_RATINGS = 3  # fewer say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of a customer. Counts; periods are the last 90 days."""

    open_tickets: int = 0
    grave: int = 0  # open, Sev1 or Sev2
    breached: int = 0  # open tickets with a broken promise
    waiting: int = 0  # open tickets whose last word, older than four hours, is the customer's
    escalated: int = 0  # escalations open now
    escalations: int = 0  # begun in the period
    repeats: int = 0  # of those: again on a service that had one before
    reopened: int = 0  # open tickets that were reopened
    good: int = 0  # ratings 4 and 5
    ratings: int = 0
    account_escalation: bool = False
    overdue_account: bool = False  # its date or its next word has passed
    promises_broken: int = 0  # told by others (stakeholders)
    low_signals: int = 0  # told by others (listening)


@dataclass(frozen=True, slots=True)
class Part:
    """What takes points away, and why, in words."""

    key: str
    points: int
    words: str


@dataclass(frozen=True, slots=True)
class Health:
    """The points left, and what took the others away, weightiest first."""

    points: int
    parts: tuple[Part, ...]

    @property
    def band(self) -> str:
        """well, watched or troubled."""
        if self.points >= WELL:
            return "well"
        return "watched" if self.points >= WATCHED else "troubled"

    @property
    def word(self) -> str:
        return {"well": "Well", "watched": "Watch it", "troubled": "In trouble"}[self.band]


def health(signs: Signs) -> Health:
    """Return how a customer fares."""
    parts = [part for part in (
        _many("breached", signs.breached, 8, 24, "1 ticket has a broken promise",
              f"{signs.breached} tickets have a broken promise"),
        _many("escalated", signs.escalated, 8, 24, "1 escalation is open", f"{signs.escalated} escalations are open"),
        _many("repeats", signs.repeats, 5, 15, "1 escalation came again on the same service",
              f"{signs.repeats} escalations came again on the same service"),
        _many("waiting", signs.waiting, 4, 12, "1 ticket waits for our answer",
              f"{signs.waiting} tickets wait for our answer"),
        _many("grave", signs.grave, 4, 12, "1 grave ticket is open", f"{signs.grave} grave tickets are open"),
        _many("reopened", signs.reopened, 3, 9, "1 open ticket was reopened",
              f"{signs.reopened} open tickets were reopened"),
        _many("promises", signs.promises_broken, 6, 18, "1 word was not kept",
              f"{signs.promises_broken} words were not kept"),
        _many("signals", signs.low_signals, 3, 9, "1 message sounds unhappy",
              f"{signs.low_signals} messages sound unhappy"),
        _ratings(signs),
        Part("account", 15, "An account escalation is open") if signs.account_escalation else None,
        Part("overdue", 10, "The account escalation is overdue") if signs.overdue_account else None,
    ) if part is not None]  # fmt: skip
    parts.sort(key=lambda part: -part.points)
    return Health(max(0, WHOLE - sum(part.points for part in parts)), tuple(parts))


def _many(key: str, count: int, each: int, most: int, one: str, many: str) -> Part | None:
    if count <= 0:
        return None
    return Part(key, min(count * each, most), one if count == 1 else many)


def _ratings(signs: Signs) -> Part | None:
    """Take up to twenty points for ratings below nine good ones of ten; nothing where too few have said."""
    if signs.ratings < ENOUGH_RATINGS:
        return None
    short = 0.9 - signs.good / signs.ratings
    points = min(20, round(short * 40))
    if points <= 0:
        return None
    return Part("ratings", points, f"{signs.good} of {signs.ratings} ratings were good")
