"""Making a promise and ending it: kept, renegotiated before it is due, cancelled with a reason (SEMANTICS 7)."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.stakeholders import rules
from tocsin.domain.stakeholders.actions.breaking import break_promise, escalate_broken, settle, to_name
from tocsin.domain.stakeholders.enums import PromisedTo, PromiseSource, PromiseState
from tocsin.domain.stakeholders.events import PromiseMade, PromiseSettled
from tocsin.domain.stakeholders.logic.promising import Act, Attention, attention
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, text
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

FURTHEST = timedelta(days=366)
WORKERS = "Only those who work on the ticket can do this."


@transaction.atomic
def make_promise(
    *, ticket_id: UUID, what: str, due_at: datetime, by: User | None, now: datetime, promiser: User | None = None,
    to_kind: str = PromisedTo.CUSTOMER, to_person: User | None = None, source: str = PromiseSource.HAND,
    said: str = "", zone: str = "", message: Message | None = None, actor: str | None = None,
) -> Promise:  # fmt: skip
    """Write a promise down: `promiser` (else whoever writes it) does `what` by `due_at` for a person.

    To the customer (the requester unless `to_person` says who) it is shown in the portal. Raises InvalidInput for
    a time that is behind or more than a year ahead, and for a person who is not of this customer.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now)
    demand(recording, rules.may_make_promises, WORKERS)
    promise = _made(
        recording, what=what, due_at=due_at, promiser=promiser or by, to_kind=to_kind, to_person=to_person,
        source=source, said=said, zone=zone, message=message,
    )  # fmt: skip
    recording.fact(
        "promise.made", promise=promise.pk, what=promise.what, by_person=promise.by_id, to=to_name(promise),
        due_at=promise.due_at, source=source,
    )  # fmt: skip
    recording.owner_acts()
    finish(recording)
    publish(PromiseMade(promise_id=promise.pk, ticket_id=promise.ticket_id, at=now))
    return promise


def _made(
    recording: Recording, *, what: str, due_at: datetime, promiser: User | None, to_kind: str, to_person: User | None,
    source: str, said: str, zone: str, message: Message | None = None, renegotiates: Promise | None = None,
) -> Promise:  # fmt: skip
    ticket, now = recording.ticket, recording.now
    words = " ".join(text("what", what, limit=300, required=True).split())
    if promiser is None or not is_staff.test(promiser):
        problem = "A promise is kept by somebody who works on tickets. Choose a person."
        raise InvalidInput("promiser", problem, {"promiser": problem})
    if to_kind not in PromisedTo.values or source not in PromiseSource.values:
        raise InvalidInput("bad_choice", "Choose whom it is promised to.", {"to_kind": "Choose one of the list."})
    person = to_person or (ticket.requester if to_kind == PromisedTo.CUSTOMER else None)
    if to_kind == PromisedTo.CUSTOMER and person is not None and not _of_its_customer(person, ticket):
        problem = f"{person.name} is not with this ticket's customer. Choose the requester or a colleague of theirs."
        raise InvalidInput("to_person", problem, {"to_person": problem})
    if to_kind == PromisedTo.INTERNAL and (person is None or not is_staff.test(person)):
        problem = "Choose the colleague to whom it is promised."
        raise InvalidInput("to_person", problem, {"to_person": problem})
    check_due(due_at, now)
    # A recovery reminds of its own call.
    look = Attention(None, due_at) if source == PromiseSource.RECOVERY else attention(made_at=now, due_at=due_at)
    return Promise.objects.create(
        id=new_id(), ticket=ticket, organisation_id=ticket.organisation_id, what=words, to_kind=to_kind,
        to_person=person, by=promiser, source=source, said=said.strip()[:120], zone=_zone(zone or promiser.zone),
        message=message, made_at=now, made_by=recording.actor, due_at=due_at, remind_at=look.remind_at,
        next_at=look.next_at, renegotiates=renegotiates, is_demo=ticket.is_demo,
    )  # fmt: skip


def _of_its_customer(person: User, ticket: Ticket) -> bool:
    if person.pk == ticket.requester_id:
        return True
    return person.organisation_id is not None and person.organisation_id == ticket.organisation_id


def check_due(due_at: datetime, now: datetime) -> None:
    """Raise InvalidInput unless the instant lies ahead, within a year."""
    problem = ""
    if due_at.tzinfo is None:
        problem = "Give the time a zone, such as 2026-12-01T15:00:00+01:00."
    elif due_at <= now:
        problem = "This time is behind us. Choose one that lies ahead."
    elif due_at > now + FURTHEST:
        problem = "At most a year ahead. Choose a nearer time."
    if problem:
        raise InvalidInput("due_at", problem, {"due_at": problem})


@transaction.atomic
def keep_promise(*, promise_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> Promise:
    """Say that it is kept. From its due time on it is broken instead, whoever is faster. Saying it twice is no fault.

    A broken one is noted as done all the same, late; it stays broken.
    """
    promise, recording = _locked(promise_id, by, now, actor)
    if promise.state == PromiseState.KEPT:
        return promise
    late = promise.state == PromiseState.OPEN and now >= promise.due_at
    if late:
        break_promise(promise, recording)
    if promise.state == PromiseState.BROKEN:
        _done_late(promise, recording)
        if late:
            escalate_broken(promise, now)
        return promise
    settle(promise, recording, Act.KEEP)
    recording.fact("promise.kept", promise=promise.pk, what=promise.what, to=to_name(promise))
    return _end(promise, recording)


def _done_late(promise: Promise, recording: Recording) -> None:
    if promise.done_at is None:
        promise.done_at = recording.now
        promise.save(update_fields=["done_at"])
        late = round((recording.now - promise.due_at).total_seconds() / 60)
        recording.fact("promise.done_late", promise=promise.pk, what=promise.what, minutes_late=late)
    finish(recording)


@transaction.atomic
def renegotiate_promise(
    *, promise_id: UUID, due_at: datetime, reason: str, by: User | None, now: datetime, said: str = "",
    actor: str | None = None,
) -> Promise:  # fmt: skip
    """Agree on another time before it is due; return the promise that takes its place. Raises Conflict when it is late.

    The old one keeps its due time and says why it was moved.
    """
    promise, recording = _locked(promise_id, by, now, actor)
    why = text("reason", reason, limit=500, required=True)
    check_due(due_at, now)
    if due_at == promise.due_at:
        problem = "This is the time that is promised already. Choose another."
        raise InvalidInput("due_at", problem, {"due_at": problem})
    settle(promise, recording, Act.RENEGOTIATE, why)
    new = _made(
        recording, what=promise.what, due_at=due_at, promiser=promise.by, to_kind=promise.to_kind,
        to_person=promise.to_person, source=promise.source, said=said, zone=promise.zone, renegotiates=promise,
    )  # fmt: skip
    recording.fact(
        "promise.renegotiated", promise=promise.pk, new_promise=new.pk, what=promise.what, due_before=promise.due_at,
        due_at=new.due_at, reason=why,
    )  # fmt: skip
    _end(promise, recording)
    publish(PromiseMade(promise_id=new.pk, ticket_id=new.ticket_id, at=now))
    return new


@transaction.atomic
def cancel_promise(
    *, promise_id: UUID, reason: str, by: User | None, now: datetime, actor: str | None = None
) -> Promise:
    """Call it off, with the reason. Raises Conflict from its due time on: what is broken is not called off."""
    promise, recording = _locked(promise_id, by, now, actor)
    why = text("reason", reason, limit=500, required=True)
    settle(promise, recording, Act.CANCEL, why)
    recording.fact("promise.cancelled", promise=promise.pk, what=promise.what, reason=why)
    return _end(promise, recording)


def _locked(promise_id: UUID, by: User | None, now: datetime, actor: str | None) -> tuple[Promise, Recording]:
    """Lock the ticket, then the promise as it is now. Raises NotFound, NotAllowed."""
    ticket_id = Promise.objects.filter(pk=promise_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound("promise_not_found", "There is no such promise.")
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now)
    promise = Promise.objects.select_for_update(of=("self",)).select_related("by", "to_person", "organisation").get(
        pk=promise_id
    )  # fmt: skip
    if by is not None and not rules.may_settle_promise.test(by):
        raise NotAllowed("not_allowed", WORKERS)
    return promise, recording


def _end(promise: Promise, recording: Recording) -> Promise:
    recording.owner_acts()
    finish(recording)
    publish(
        PromiseSettled(promise_id=promise.pk, ticket_id=promise.ticket_id, state=promise.state, at=recording.now)
    )  # fmt: skip
    return promise


def _zone(name: str) -> str:
    try:
        return str(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
