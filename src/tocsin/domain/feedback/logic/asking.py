"""Whether, when and whom to ask (SEMANTICS 8). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID


def in_sample(key: UUID, salt: str, share: int) -> bool:
    """Tell whether something belongs to a sample of `share` percent: always the same answer for the same thing.

    `salt` keeps samples of different questions apart. Nobody can choose what falls into it.
    """
    number = int.from_bytes(sha256(f"{salt}|{key}".encode()).digest()[:8])
    return number % 10_000 < share * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known when a question is due."""

    stands: bool  # the resolution is still the one that was to be rated
    duplicate: bool  # the ticket was closed as a duplicate of another
    reachable: bool  # the person is active and has an address of their own
    opted_out: bool
    last_asked_at: datetime | None  # of this person, whatever about
    quiet: timedelta
    now: datetime


def reason_not_to_ask(it: Circumstances) -> str:
    """Return why a customer is not asked, "" if they are. The first ground counts."""
    if not it.stands:
        return "it was opened again"
    if it.duplicate:
        return "closed as a duplicate"
    if not it.reachable:
        return "nobody to ask"
    if it.opted_out:
        return "does not want to be asked"
    if it.last_asked_at is not None and it.now - it.last_asked_at < it.quiet:
        return "asked not long ago"
    return ""


class Step(StrEnum):
    """What is due on a question that was put."""

    REMIND = "remind"
    EXPIRE = "expire"


def step_at(*, now: datetime, expires_at: datetime, reminded: bool) -> Step:
    """Return what is due now. After downtime a reminder whose link has run out is not sent."""
    return Step.EXPIRE if reminded or now >= expires_at else Step.REMIND


def after_asking(asked_at: datetime, *, remind_after: timedelta, expires_at: datetime) -> tuple[datetime, bool]:
    """Return when the next step is due, and whether it is the one reminder (no: the end)."""
    remind_at = asked_at + remind_after
    reminds = remind_after > timedelta() and remind_at < expires_at
    return (remind_at, True) if reminds else (expires_at, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who was in an escalation, as far as is known; None for nobody."""

    requester: UUID | None
    opened_by: UUID | None  # of the staff
    owner_then: UUID | None  # the ticket's owner when it began
    owner_now: UUID | None
    acknowledged_by: UUID | None  # the escalation's owner
    escalation_manager: UUID | None
    lead: UUID | None
    manager_of_owner: UUID | None


def parties(cast: Cast) -> dict[str, UUID]:
    """Return {party: person}: customer, front_line, expert, manager, each person once, the first role counts.

    The front line is who escalated (the owner at that time if a rule or the customer did); the expert is who
    acknowledged it or holds the ticket now; the manager is the team's escalation manager, its lead, or the owner's.
    """
    wanted = (
        ("customer", (cast.requester,)),
        ("front_line", (cast.opened_by, cast.owner_then)),
        ("expert", (cast.owner_now, cast.acknowledged_by)),
        ("manager", (cast.escalation_manager, cast.lead, cast.manager_of_owner)),
    )
    found: dict[str, UUID] = {}
    for party, candidates in wanted:
        chosen = next((one for one in candidates if one is not None and one not in found.values()), None)
        if chosen is not None:
            found[party] = chosen
    return found
