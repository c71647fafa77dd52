"""Messages of swarms and commands, through each person's own contact rules and quiet hours (SEMANTICS 5)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.notify.models import Page
from tocsin.domain.swarms.links import invitation_token
from tocsin.domain.swarms.models import Invitation, Swarm
from tocsin.domain.tickets.models import Ticket

NOTICE = "notice"


def ticket_path(ticket: Ticket) -> str:
    """Return where the ticket is, below the base URL."""
    return f"/tickets/{ticket.number}"


def command_path(escalation_id: UUID) -> str:
    """Return where the command of an escalation is, below the base URL."""
    return f"/escalations/{escalation_id}/command"


def tell(
    people: Sequence[UUID], *, ticket: Ticket, subject: str, body: str, path: str, now: datetime, urgency: str = Urgency.NORMAL
) -> None:  # fmt: skip
    """Tell these people something about a ticket; each once."""
    pages = [
        PageRequest(
            user_id=person, purpose=NOTICE, urgency=urgency, subject=subject[:300], body=body, ticket=ticket.pk,
            data=_data(ticket, path), lane=str(ticket.organisation_id or ""),
        )
        for person in dict.fromkeys(people)
    ]  # fmt: skip
    notify.enqueue(pages=pages, now=now)


def ask(invitations: Sequence[Invitation], *, swarm: Swarm, ticket: Ticket, asker: str, now: datetime) -> None:
    """Send the invitations, each with its own signed link, and remember by which page each was told."""
    pages = [
        PageRequest(
            user_id=one.person_id, purpose=NOTICE, urgency=swarm.urgency,
            subject=f"{asker} asks for your help on {ticket.reference}: {swarm.question}"[:300],
            body=_words(swarm, ticket, asker, one.why), ticket=ticket.pk, lane=str(ticket.organisation_id or ""),
            data=_data(ticket, f"/swarm/{invitation_token(one.pk, expires_at=one.expires_at)}")
            | {"invitation": str(one.pk)},
        )
        for one in invitations
    ]  # fmt: skip
    notify.enqueue(pages=pages, now=now)
    made = Page.objects.filter(
        ticket=ticket.pk, data__invitation__in=[str(one.pk) for one in invitations], created_at=now
    )
    by_invitation = {page.data["invitation"]: page.pk for page in made}
    for one in invitations:
        one.page = by_invitation.get(str(one.pk))
    Invitation.objects.bulk_update(invitations, ["page"])


def _words(swarm: Swarm, ticket: Ticket, asker: str, why: str) -> str:
    parts = [
        swarm.question,
        f"{ticket.reference}: {ticket.subject}",
        swarm.context,
        f"You are asked because: {why}. The ticket stays with its owner; {asker} asks only for your help.",
    ]
    return "\n\n".join(part for part in parts if part)


def _data(ticket: Ticket, path: str) -> dict[str, object]:
    return {"reference": ticket.reference, "priority": ticket.priority, "path": path}
