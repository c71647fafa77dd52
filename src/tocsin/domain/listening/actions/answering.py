"""Playing a record back to the customer, what they say of it, and which reply answered what."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.listening import rules
from tocsin.domain.listening.actions.writing import LONGEST, WORKERS
from tocsin.domain.listening.enums import State, Via
from tocsin.domain.listening.events import PlayedBack
from tocsin.domain.listening.logic.confirming import Act, after
from tocsin.domain.listening.models import Concern, ListeningRecord
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, text
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message
from tocsin.domain.tickets.rules import is_requester_of
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

SAID_AGAIN = "There is no such listening record, or you may not see it."


@transaction.atomic
def play_back(*, ticket_id: UUID, by: User, now: datetime) -> ListeningRecord:
    """Send the record to the requester, who is asked whether that is it. Raises Conflict where there is nobody to ask."""
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_listen, WORKERS)
    found = _locked(recording)
    if recording.ticket.requester_id is None:
        raise Conflict(
            "no_requester", "The ticket has no requester. Name one, or ask on the phone and note the answer."
        )
    found.state = _moved(found, Act.PLAY_BACK)
    found.played_back_at, found.played_back_by = now, by
    found.save(update_fields=["state", "played_back_at", "played_back_by"])
    recording.fact("listening.played_back", record=found.pk, version=found.version, to=recording.ticket.requester_id)
    recording.owner_acts()
    finish(recording)
    publish(
        PlayedBack(
            record_id=found.pk, ticket_id=recording.ticket.pk, version=found.version, at=now, actor=recording.actor
        )
    )
    return found


@transaction.atomic
def answer(
    *, record_id: UUID, version: int, right: bool, words: str, by: User, via: str, now: datetime
) -> ListeningRecord:
    """The requester says that this is it, or not quite and what is missing.

    What they add becomes their message on the ticket. The same answer again changes nothing. Raises NotAllowed for
    anybody else, InvalidInput for a "not quite" without words, Conflict if the wording has changed since.
    """
    ticket_id = ListeningRecord.objects.filter(pk=record_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound("record_not_found", SAID_AGAIN)
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    if not is_requester_of.test(by, recording.ticket):
        raise NotAllowed("not_allowed", "Only whoever made the request can say this.")
    found = _locked(recording)
    if found.version != version:
        message = "The record has a newer wording. Look at that one, and answer it."
        raise Conflict("record_changed", message)
    said = text("words", words, limit=LONGEST)
    if not right and not said:
        problem = "Say in a sentence what is missing or wrong."
        raise InvalidInput("required", problem, {"words": problem})
    if (found.state, found.answer) == (State.CONFIRMED if right else State.CORRECTED, said):
        return found
    _settle(recording, found, right, said, by, via)
    finish(recording)
    if said:
        _as_message(found, said, by, now)
    return found


def _as_message(found: ListeningRecord, said: str, by: User, now: datetime) -> None:
    """What the customer adds is said to the desk; on a ticket that is closed for good it stays in the record alone."""
    try:
        with transaction.atomic():
            tickets.add_message(ticket_id=found.ticket_id, kind=MessageKind.CUSTOMER, body=said, by=by, now=now)
    except Conflict:
        return


@transaction.atomic
def answer_for_customer(
    *, ticket_id: UUID, right: bool, words: str, by: User, now: datetime, message_id: UUID | None = None
) -> ListeningRecord:
    """Note what the customer said of the record on the phone, or (with `message_id`) in a reply of theirs.

    Raises InvalidInput for a message that is none of the customer's, or a "not quite" that does not say what.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_listen, WORKERS)
    found = _locked(recording)
    said = text("words", words, limit=LONGEST)
    if message_id is not None:
        reply = Message.objects.filter(pk=message_id, ticket=recording.ticket, kind=MessageKind.CUSTOMER).first()
        if reply is None:
            problem = "Choose one of the customer's messages on this ticket."
            raise InvalidInput("no_message", problem, {"message": problem})
        said = said or " ".join(reply.body.split())[:1000]
    if not right and not said:
        problem = "Say in a sentence what is missing or wrong."
        raise InvalidInput("required", problem, {"words": problem})
    _settle(recording, found, right, said, by, Via.REPLY if message_id else Via.CALL)
    recording.owner_acts()
    finish(recording)
    return found


def settle_by_call(recording: Recording, found: ListeningRecord, right: bool, said: str, by: User) -> None:
    """Note the customer's answer on a locked ticket; for call notes."""
    _settle(recording, found, right, said, by, Via.CALL)


def _settle(recording: Recording, found: ListeningRecord, right: bool, said: str, by: User, via: str) -> None:
    found.state = _moved(found, Act.CONFIRM if right else Act.CORRECT)
    found.answered_at, found.answered_by, found.answered_via, found.answer = recording.now, by, via, said
    found.save(update_fields=["state", "answered_at", "answered_by", "answered_via", "answer"])
    kind = "listening.confirmed" if right else "listening.corrected"
    recording.fact(kind, record=found.pk, version=found.version, via=via)


def _moved(found: ListeningRecord, act: Act) -> str:
    state = after(found.state, act)
    if state is None:
        raise Conflict("wrong_state", "The customer has confirmed this wording. Write a new version to ask again.")
    return state


def _locked(recording: Recording) -> ListeningRecord:
    """The ticket's row is locked, and with it the record: nobody writes one without it."""
    found = ListeningRecord.objects.filter(ticket=recording.ticket).first()
    if found is None:
        raise NotFound("record_not_found", "Nothing is written down yet. Begin the listening record first.")
    return found


@transaction.atomic
def mark_answered(*, ticket_id: UUID, concern_id: UUID, message_id: UUID | None, by: User, now: datetime) -> Concern:
    """Say which reply answered a concern; None takes it back. Raises NotFound, InvalidInput."""
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_listen, WORKERS)
    found = Concern.objects.filter(pk=concern_id, record__ticket=recording.ticket).first()
    if found is None:
        raise NotFound("concern_not_found", "There is no such concern on this ticket.")
    if message_id is not None:
        replies = Message.objects.filter(pk=message_id, ticket=recording.ticket).exclude(kind=MessageKind.CUSTOMER)
        if not replies.exists():
            problem = "Choose the reply that answers it."
            raise InvalidInput("no_message", problem, {"message": problem})
    if found.answered_by_message_id == message_id:
        return found
    found.answered_by_message_id = message_id
    found.answered_at, found.answered_by = (now, by) if message_id else (None, None)
    found.save(update_fields=["answered_by_message", "answered_at", "answered_by"])
    kind = "listening.concern_answered" if message_id else "listening.concern_open"
    recording.fact(kind, concern=found.pk, answer=message_id)
    recording.owner_acts()
    finish(recording)
    return found
