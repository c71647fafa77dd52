"""Sending an update: written once, told to each audience in its words, in the order of their priority (SEMANTICS 7)."""

import hashlib
import json
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import rules
from tocsin.domain.stakeholders.enums import Audience, CommunicationState, Way
from tocsin.domain.stakeholders.events import UpdateSent
from tocsin.domain.stakeholders.links import ticket_url, unsubscribe_url
from tocsin.domain.stakeholders.models import Update, UpdateClock
from tocsin.domain.stakeholders.queries.audiences import ORDER, Group, Recipient
from tocsin.domain.stakeholders.queries.composing import Composed, Words, compose, owed_at
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.actions.recording import begin, demand, finish
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import Conflict
from tocsin.kernel.ids import new_id, new_ids

# Audiences leave one behind the other: each is due so much later in the outbox than the one before it.
BEHIND = timedelta(milliseconds=1)
LANE = "updates"  # one lane, so that the order holds and a large update takes turns with pages instead of going first


# As one JSON text, as pages and deliveries travel.
_TOLD = """
INSERT INTO stakeholders_told (id, update_id, at, user_id, audience, page)
SELECT n.id, %s, %s, n.user_id, n.audience, n.page
FROM json_to_recordset(%s::json) AS n(id uuid, user_id uuid, audience text, page uuid)
"""


@transaction.atomic
def send_update(
    *, ticket_id: UUID, outward: str, by: User, now: datetime, inward: str = "", next_at: datetime | None = None,
    seal: str = "",
) -> Update:  # fmt: skip
    """Tell every audience of the ticket's plans; return the update.

    `seal` is that of the preview: Conflict when words or recipients are others now. The customer reads it as a public
    reply in the ticket, everybody else by the outbox; `next_at` (else each audience's cadence) sets when the next one
    is owed. With every escalation over it is the closing update, and the plans end.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_send_updates, "Only those who work on the ticket can send updates.")
    composed = compose(
        ticket_id=ticket_id, words=Words(outward=outward, inward=inward, next_at=next_at), by=by, now=now
    )  # fmt: skip
    if seal and seal != composed.seal:
        raise Conflict(
            "preview_old", "Words or recipients have changed since the preview. Look at it again, then send."
        )
    message = _reply(composed, by, now)
    update = Update.objects.create(
        id=new_id(), communication=composed.communications[0], ticket=composed.ticket, number=composed.number, by=by,
        at=now, outward=composed.words.outward, inward=composed.words.inward, next_at=composed.words.next_at,
        closing=composed.closing, message=message,
        audiences={group.audience.value: len(group.recipients) for group in composed.groups if group.recipients},
    )  # fmt: skip
    _tell(composed, update, now)
    _set_clocks(composed, now)
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)  # as the reply has left it
    recording.fact(
        "update.sent", update=update.pk, number=update.number, audiences=update.audiences, closing=update.closing,
        next_at=update.next_at, told=_digest(composed),
    )  # fmt: skip
    recording.owner_acts()
    finish(recording)
    publish(
        UpdateSent(
            update_id=update.pk, escalation_id=composed.communications[0].escalation_id, ticket_id=ticket_id,
            closing=update.closing, at=now,
        )
    )  # fmt: skip
    return update


def _digest(composed: Composed) -> str:
    """Return what the journal keeps of who was told: a digest over everybody, in order; the rows can be held against it."""
    told = [f"{group.audience.value} {one.user.pk}" for group in composed.groups for one in group.recipients]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _reply(composed: Composed, by: User, now: datetime) -> Message | None:
    """Write the customer's version into the ticket's thread, from where it goes to them as every reply does."""
    for group in composed.groups:
        if group.audience is Audience.CUSTOMER and Way.THREAD in group.ways:
            for one in group.recipients:
                if Way.THREAD in one.ways:
                    body = composed.body_for(group, one)
                    return tickets.add_message(
                        ticket_id=composed.ticket.pk, kind=MessageKind.REPLY, body=body, by=by, now=now
                    )  # fmt: skip
    return None


def _tell(composed: Composed, update: Update, now: datetime) -> None:
    tellings = [
        (group.audience.value, one.user.pk, _page(composed, group, one, update, now))
        for group in composed.groups
        for one in group.recipients
    ]
    pages = [page for _, _, page in tellings if page is not None]
    made = notify.enqueue(pages=pages, now=now, journal=False)
    silent = {page.user_id for page in made.unreachable}
    reached = [page.user_id for page in pages if page.user_id not in silent]
    ids = dict(zip(reached, [page.hex for page in made.page_ids], strict=True))
    rows = [
        {"id": pk.hex, "user_id": user.hex, "audience": audience, "page": ids.get(user)}
        for pk, (audience, user, _) in zip(new_ids(len(tellings)), tellings, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [update.pk, now, json.dumps(rows)])


def _page(composed: Composed, group: Group, one: Recipient, update: Update, now: datetime) -> PageRequest | None:
    """Return one person's message; None for who reads the thread, or only a feed.

    It is of no ticket: its sending is told on the person's own stream of the journal. Five thousand lines on the ticket's tell
    nobody anything.
    """
    channels = one.channels
    if not channels:
        return None
    ticket = composed.ticket
    data = {
        "reference": ticket.reference, "number": ticket.number, "priority": ticket.priority, "update": str(update.pk),
        "link": ticket_url(ticket.number, portal=one.user.role == Role.REQUESTER),
    }  # fmt: skip
    body = composed.body_for(group, one)
    if one.subscription is not None:
        stop = unsubscribe_url(one.subscription, now=now)
        data["unsubscribe"] = stop
        body = f"{body}\n\nYou asked to be told about this. To stop: {stop}" if stop else body
    return PageRequest(
        user_id=one.user.pk, purpose="notice", urgency=Urgency.NORMAL, subject=composed.subject_for(group, one),
        body=body, data=data, lane=LANE, channels=channels, mail_to=one.user.email if Way.MAIL in one.ways else "",
        delay=ORDER.index(group.audience) * BEHIND,
    )  # fmt: skip


def _set_clocks(composed: Composed, now: datetime) -> None:
    """Wind the clocks of everybody who was told; after a closing update there are none."""
    ids = [communication.pk for communication in composed.communications]
    if composed.closing:
        UpdateClock.objects.filter(communication__in=ids).delete()
        for communication in composed.communications:
            communication.state, communication.ended_at = CommunicationState.ENDED, now
            communication.save(update_fields=["state", "ended_at"])
        return
    running = [one.pk for one in composed.communications if one.state == CommunicationState.RUNNING]
    for clock in UpdateClock.objects.filter(communication__in=running):
        clock.from_at, clock.due_at = now, owed_at(clock.minutes, composed.words, now)
        clock.promised, clock.missed_at = composed.words.next_at is not None, None
        clock.save(update_fields=["from_at", "due_at", "promised", "missed_at"])
