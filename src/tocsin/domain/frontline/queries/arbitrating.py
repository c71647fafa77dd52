"""Who names the next owner of a ticket whose hop budget is used up, and whether they were asked (SEMANTICS 6)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.models import Entry
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Ticket

KIND = "arbiter.asked"
MOVES = ("ticket.assigned", "ticket.taken", "ticket.handed_over")


@dataclass(frozen=True, slots=True)
class AskedArbiter:
    """A question to the arbiter that nobody has answered by moving the ticket yet."""

    at: datetime
    by: UUID
    names: str  # of those who were asked
    to_user: UUID | None  # who is proposed
    to_team: UUID | None
    word: str


def arbiters_of(ticket: Ticket) -> list[User]:
    """Return whom to ask: the escalation manager of the ticket's team; failing one, all of them; failing those, the
    administrators. Empty only where nobody of these is active.
    """  # fmt: skip
    manager = ticket.team.escalation_manager if ticket.team else None
    if manager is not None and manager.is_active:
        return [manager]
    active = User.objects.filter(is_active=True).order_by("name")
    return list(active.filter(role=Role.ESCALATION_MANAGER)) or list(active.filter(role=Role.ADMINISTRATOR))


def arbiter_asked_on(ticket_id: UUID) -> AskedArbiter | None:
    """Return the last question to the arbiter, unless owner or team have changed since."""
    stream = Entry.objects.filter(stream=f"ticket:{ticket_id}")
    asked = stream.filter(kind=KIND).order_by("-position").first()
    if asked is None or stream.filter(position__gt=asked.position, kind__in=MOVES).exists():
        return None
    told = asked.data
    return AskedArbiter(
        at=asked.at, by=UUID(asked.actor.removeprefix("person:")), names=told["asked"], to_user=_uuid(told["to_user"]),
        to_team=_uuid(told["to_team"]), word=told["word"],
    )  # fmt: skip


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
