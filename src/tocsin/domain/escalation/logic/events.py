"""What can happen to a run. People are user ids as text."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Base of all events that `decide` takes."""


@dataclass(frozen=True, slots=True)
class Started(RunEvent):
    """The escalation begins. `approved`: no waiting (no approval demanded, or top severity)."""

    approved: bool = True


@dataclass(frozen=True, slots=True)
class Ticked(RunEvent):
    """`due_at` may have come; early and duplicate ticks are no-ops."""


@dataclass(frozen=True, slots=True)
class LevelReached(RunEvent):
    """The executor resolved the level's targets: these people are being paged."""

    level: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelEmpty(RunEvent):
    """Nobody on this level can be reached (no target resolved, no contact, or delivery failed for all).

    A delivery fails later than it was asked for: `cycle` says which opening is meant, None the present one.
    """

    level: int
    reason: str
    cycle: int | None = None


@dataclass(frozen=True, slots=True)
class LevelSkipped(RunEvent):
    """The level's own `when` is false for this ticket."""

    level: int
    reason: str


@dataclass(frozen=True, slots=True)
class Acknowledged(RunEvent):
    by: str
    cycle: int | None = None  # of the link used; None: from a page that shows the present


@dataclass(frozen=True, slots=True)
class Declined(RunEvent):
    by: str
    reason: str
    cycle: int | None = None


@dataclass(frozen=True, slots=True)
class Progressed(RunEvent):
    """The acknowledger did something on the ticket."""

    by: str


@dataclass(frozen=True, slots=True)
class Snoozed(RunEvent):
    by: str
    duration: timedelta
    cycle: int | None = None


@dataclass(frozen=True, slots=True)
class NextCalled(RunEvent):
    """Somebody asked for the next level now."""

    by: str
    cycle: int | None = None


@dataclass(frozen=True, slots=True)
class Resolved(RunEvent):
    """The ticket (or the escalation) is resolved."""

    by: str


@dataclass(frozen=True, slots=True)
class Cancelled(RunEvent):
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeEscalated(RunEvent):
    """A named acceptor at the lower line accepted."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retriggered(RunEvent):
    """Fired again within the reopen window: an ended run begins a new cycle.

    `approved`: as in Started; false where the policy demands an approval that nobody has given yet.
    """

    by: str
    approved: bool = True


@dataclass(frozen=True, slots=True)
class Approved(RunEvent):
    by: str


@dataclass(frozen=True, slots=True)
class Refused(RunEvent):
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class MaintenanceBegan(RunEvent):
    """The due step falls into a maintenance window: defer to its end."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Rebound(RunEvent):
    """The ticket has a new owner or team; the policy (or a person) has the open level resolved anew."""

    by: str


@dataclass(frozen=True, slots=True)
class PolicyRebased(RunEvent):
    """The run continues on another version; its open level is clamped to the new ladder."""

    by: str
