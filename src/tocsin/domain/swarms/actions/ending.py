"""The end of a swarm: by its owner with an outcome, or with the ticket. Credit is counted, what waits is withdrawn."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.notify import actions as notify
from tocsin.domain.people.models import User
from tocsin.domain.swarms import rules
from tocsin.domain.swarms.actions.crediting import put_credit
from tocsin.domain.swarms.actions.locking import begin_on
from tocsin.domain.swarms.enums import InvitationState, SwarmState
from tocsin.domain.swarms.events import SwarmEnded
from tocsin.domain.swarms.models import Answer, Swarm
from tocsin.domain.tickets.actions.recording import finish, stream_of, text
from tocsin.domain.tickets.events import StatusChanged
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.kernel.errors import NotAllowed


@transaction.atomic
def end_swarm(*, swarm_id: UUID, outcome: str, by: User, now: datetime, helped: Collection[UUID] = ()) -> Swarm:
    """End a swarm with what came of it; `helped`: ids of the answers that did. Ending it again changes nothing.

    By the ticket's owner, whoever opened it, or those who direct. Raises NotAllowed for others, InvalidInput without
    an outcome.
    """
    recording, swarm = begin_on(swarm_id, by=by, now=now, must_be_open=False)
    if by.pk != swarm.opened_by_id and not rules.may_end_swarm.test(by, recording.ticket):
        raise NotAllowed("not_allowed", "Only the owner of the ticket, whoever asked, or a lead can end the swarm.")
    if swarm.state == SwarmState.ENDED:
        return swarm
    word = text("outcome", outcome, limit=5_000, required=True)
    Answer.objects.filter(swarm=swarm, pk__in=helped).update(helped=True)
    helpers = _close(swarm, word, by, now)
    recording.fact("swarm.ended", swarm=swarm.pk, outcome=word, helpers=helpers)
    recording.owner_acts()
    finish(recording)
    publish(SwarmEnded(swarm_id=swarm.pk, ticket_id=swarm.ticket_id, at=now))
    return swarm


def on_status_changed(event: StatusChanged) -> None:
    """A ticket that ends takes its swarm with it: nobody is asked about what is over."""
    if event.after not in ENDED:
        return
    swarm = Swarm.objects.select_for_update(of=("self",)).filter(ticket=event.ticket_id, state=SwarmState.OPEN).first()
    if swarm is None:
        return
    outcome = f"The ticket was {event.after}."
    helpers = _close(swarm, outcome, None, event.at)
    record(
        stream=stream_of(event.ticket_id), kind="swarm.ended", actor=event.actor, at=event.at,
        data={"swarm": str(swarm.pk), "outcome": outcome, "helpers": helpers, "with_ticket": True},
    )  # fmt: skip
    publish(SwarmEnded(swarm_id=swarm.pk, ticket_id=event.ticket_id, at=event.at))


def _close(swarm: Swarm, outcome: str, by: User | None, now: datetime) -> list[str]:
    """Write the end and the credit; return the names of those who helped, by name."""
    rows = list(swarm.invitations.select_for_update(of=("self",)).select_related("person"))
    put_credit([one for one in rows if one.state == InvitationState.ACCEPTED], swarm.ticket_id, until=now)
    waiting = [one for one in rows if one.state == InvitationState.INVITED]
    for one in rows:
        if one.state == InvitationState.INVITED:
            one.state, one.due_at = InvitationState.WITHDRAWN, None
        one.save()
    swarm.state, swarm.outcome, swarm.ended_at, swarm.ended_by = SwarmState.ENDED, outcome, now, by
    swarm.save(update_fields=["state", "outcome", "ended_at", "ended_by"])
    notify.withdraw_pages(pages=[one.page for one in waiting if one.page], now=now, reason="the swarm has ended")
    return sorted(one.person.name for one in rows if one.joined_at is not None)
