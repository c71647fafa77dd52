"""Answering: a rating by a mailed link, the forms of the parties, and the wish not to be asked."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.feedback import queries
from tocsin.domain.feedback.actions.telling import tell
from tocsin.domain.feedback.enums import AskState, Kind
from tocsin.domain.feedback.events import FeedbackGiven
from tocsin.domain.feedback.logic.questions import answered
from tocsin.domain.feedback.models import Answer, Ask, OptOut
from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Rating, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

OPENED_AGAIN = "It was opened again since: this rating was not taken. You will be asked when it is solved."


@transaction.atomic
def rate_by_ask(*, ask_id: UUID, score: int, comment: str, via: str, now: datetime) -> Rating:
    """Rate the resolution that a question is about, as the person who was asked; or change it while it stands.

    Raises Conflict when it was opened again, or another person is its requester now; what `tickets.rate` raises.
    """
    ask = _locked(ask_id, Kind.CSAT)
    ticket = ask.ticket
    if ticket.resolved_at != ask.resolved_at or ticket.requester_id != ask.person_id:
        raise Conflict("not_standing", OPENED_AGAIN)
    return tickets.rate(ticket_id=ticket.pk, score=score, comment=comment, by=ask.person, now=now, via=via)


@transaction.atomic
def answer(*, ask_id: UUID, given: Mapping[str, str], via: str, now: datetime) -> Ask:
    """Answer the form about an escalation, as the person who was asked; or change the answers until it runs out.

    `given`: {key: "1" to "5", or words}. Raises InvalidInput with fields by key, Conflict when it has run out.
    """
    ask = _locked(ask_id, Kind.ESCALATION)
    if ask.state not in (AskState.ASKED, AskState.ANSWERED) or ask.expires_at is None or now >= ask.expires_at:
        raise Conflict("ask_over", "This question is over. Thank you all the same.")
    answers, wrong = answered(queries.form_of(ask), given)
    if wrong:
        raise InvalidInput("bad_answers", "Check the answers marked below.", wrong)
    again = ask.state == AskState.ANSWERED
    before = {(one.key, one.score, one.text) for one in ask.answers.all()}
    if again and before == {(one.key, one.score, one.text) for one in answers}:
        return ask
    ask.answers.all().delete()
    Answer.objects.bulk_create(Answer(ask=ask, key=one.key, score=one.score, text=one.text) for one in answers)
    if not again:
        ask.state, ask.answered_at, ask.via, ask.due_at = AskState.ANSWERED, now, via, None
        ask.save(update_fields=["state", "answered_at", "via", "due_at"])
    scores = {one.key: one.score for one in answers if one.score is not None}
    tell(
        ask.ticket_id, "feedback.answered", now, by=ask.person, ask=ask.pk, party=ask.party, scores=scores, again=again
    )
    publish(
        FeedbackGiven(
            ask_id=ask.pk, ticket_id=ask.ticket_id, escalation_id=ask.escalation_id, kind=Kind.ESCALATION,
            party=ask.party, score=None, again=again, at=now,
        )
    )  # fmt: skip
    return queries.ask_of(ask.pk)


def _locked(ask_id: UUID, kind: str) -> Ask:
    """Lock the ticket, then the question: the order in which everybody locks. Raises NotFound."""
    ticket_id = Ask.objects.filter(pk=ask_id, kind=kind).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound("ask_not_found", "There is no such question.")
    Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    Ask.objects.select_for_update(of=("self",)).get(pk=ask_id)
    return queries.ask_of(ask_id)


@transaction.atomic
def stop_asking(*, person: User, now: datetime) -> None:
    """Ask somebody nothing more by mail; what is on its way is called off. Repeating it changes nothing."""
    _, is_new = OptOut.objects.get_or_create(person=person, defaults={"at": now})
    if is_new:
        record(stream=f"person:{person.pk}", kind="feedback.stopped", actor=f"person:{person.pk}", at=now, data={})
    planned = Ask.objects.filter(person=person, state=AskState.PLANNED, party="customer")
    planned.update(state=AskState.SKIPPED, why="does not want to be asked", due_at=None)


@transaction.atomic
def start_asking(*, person: User, now: datetime) -> None:
    """Ask somebody again who had said no."""
    gone, _ = OptOut.objects.filter(person=person).delete()
    if gone:
        record(stream=f"person:{person.pk}", kind="feedback.started", actor=f"person:{person.pk}", at=now, data={})
