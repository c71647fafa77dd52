"""Answering the question: a note on the ticket that is credited to whoever wrote it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.swarms.actions.locking import begin_on
from tocsin.domain.swarms.actions.telling import tell, ticket_path
from tocsin.domain.swarms.enums import InvitationState
from tocsin.domain.swarms.models import Answer, Invitation
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.actions.recording import finish
from tocsin.domain.tickets.enums import MessageKind
from tocsin.kernel.errors import Conflict
from tocsin.kernel.ids import new_id


@transaction.atomic
def post_answer(*, swarm_id: UUID, body: str, by: User, now: datetime) -> Answer:
    """Answer the swarm's question; the owner and whoever asked are told. Raises Conflict for who is no part of it."""
    recording, swarm = begin_on(swarm_id, by=by, now=now)
    joined = Invitation.objects.filter(swarm=swarm, person=by, state=InvitationState.ACCEPTED).exists()
    if not joined:
        raise Conflict("not_in_swarm", "Accept the invitation, or join, before you answer. Your text is kept.")
    said = tickets.add_message(ticket_id=swarm.ticket_id, kind=MessageKind.NOTE, body=body, by=by, now=now)
    recording, swarm = begin_on(swarm_id, by=by, now=now)  # as the message has left it
    made = Answer.objects.create(id=new_id(), swarm=swarm, message=said, by=by, at=now)
    recording.fact("swarm.answered", swarm=swarm.pk, person=by.pk, answer=made.pk)
    finish(recording)
    ticket = recording.ticket
    people = [pk for pk in (ticket.owner_id, swarm.opened_by_id) if pk and pk != by.pk]
    if people:
        tell(
            people, ticket=ticket, subject=f"{by.name} answered on {ticket.reference}: {swarm.question}",
            body=said.body[:2000], path=ticket_path(ticket), now=now, urgency=swarm.urgency,
        )  # fmt: skip
    return made
