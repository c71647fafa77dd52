"""Two tickets that are one, and one ticket that is two."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.desk.actions.working import journal, worked_on
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import LinkKind, MessageKind, Status
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

QUOTED = 20  # messages that a merge carries over


@transaction.atomic
def merge(*, from_id: UUID, into_id: UUID, by: User, now: datetime) -> Ticket:
    """Merge one ticket into another of the same customer: its story is noted there, and it is resolved as a duplicate.

    Resolving it stops its runs and clocks (SEMANTICS 4). Nothing is deleted: both timelines stay. Raises Conflict for
    tickets of different customers (the story would be told to strangers) and for what has ended already.
    """
    if from_id == into_id:
        problem = "A ticket cannot be merged into itself. Choose another one."
        raise InvalidInput("same_ticket", problem, {"to": problem})
    list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=[from_id, into_id]).order_by("pk"))
    source, target = worked_on(from_id, by), worked_on(into_id, by)
    if source.organisation_id != target.organisation_id or (
        source.organisation_id is None and source.requester_id != target.requester_id
    ):
        raise Conflict("different_customers", "They belong to different customers. Link them instead.")
    for one in (source, target):
        if one.status in lifecycle.ENDED:
            raise Conflict("ended", f"{one.reference} has ended. Reopen it first, or link the two.")
    tickets.link(from_id=source.pk, to_id=target.pk, kind=LinkKind.DUPLICATE, by=by, now=now)
    tickets.add_message(ticket_id=target.pk, kind=MessageKind.NOTE, body=_story(source), by=by, now=now)
    why = f"Merged into {target.reference}, where it goes on."
    tickets.set_status(ticket_id=source.pk, status=Status.RESOLVED, by=by, now=now, note=why)
    journal(source, "ticket.merged", by, now, into=str(target.pk), reference=target.reference)
    journal(target, "ticket.merged_from", by, now, source=str(source.pk), reference=source.reference)
    return target


@transaction.atomic
def split(*, ticket_id: UUID, message_id: UUID, subject: str, by: User, now: datetime) -> Ticket:
    """Make a ticket of its own out of one message; requester, customer and service stay the same, and both are linked."""
    ticket = worked_on(ticket_id, by)
    message = Message.objects.filter(pk=message_id, ticket=ticket).first()
    if message is None:
        raise NotFound("message_not_found", "There is no such message on this ticket.")
    if message.kind == MessageKind.NOTE:
        raise Conflict("internal", "A note is for those who work here; a ticket's text is for its customer too.")
    if ticket.requester is None:
        raise Conflict("no_requester", "This ticket has no requester. Open a new ticket instead.")
    made = tickets.open_ticket(
        subject=subject, description=message.body, requester=ticket.requester, organisation=ticket.organisation,
        service=ticket.service, team=ticket.team, impact=ticket.impact, urgency=ticket.urgency, category=ticket.category,
        channel=ticket.channel, by=by, now=now,
    )  # fmt: skip
    tickets.link(from_id=made.pk, to_id=ticket.pk, kind=LinkKind.RELATED, by=by, now=now)
    journal(ticket, "ticket.split", by, now, into=str(made.pk), reference=made.reference, message=str(message.pk))
    return made


@transaction.atomic
def open_child(*, ticket_id: UUID, subject: str, by: User, now: datetime, description: str = "") -> Ticket:
    """Open a ticket for a part of this one."""
    parent = worked_on(ticket_id, by)
    if parent.requester is None:
        raise Conflict("no_requester", "This ticket has no requester. Open a new ticket instead.")
    made = tickets.open_ticket(
        subject=subject, description=description, requester=parent.requester, organisation=parent.organisation,
        service=parent.service, impact=parent.impact, urgency=parent.urgency, channel=parent.channel, by=by, now=now,
    )  # fmt: skip
    tickets.link(from_id=made.pk, to_id=parent.pk, kind=LinkKind.CHILD, by=by, now=now)
    return made


def _story(source: Ticket) -> str:
    said = Message.objects.filter(ticket=source).exclude(kind=MessageKind.NOTE).select_related("author").order_by("-at")
    lines = [f"**Merged from {source.reference}: {source.subject}**", "", source.description]
    for message in reversed(said[:QUOTED]):
        who = message.author.name if message.author else "Somebody"
        quoted = "\n".join(f"> {line}" for line in message.body.splitlines())
        lines += ["", f"{who}, {message.at:%Y-%m-%d %H:%M} UTC:", quoted]
    return "\n".join(lines)[:190_000]
