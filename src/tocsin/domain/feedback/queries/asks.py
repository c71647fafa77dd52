"""Who is asked what: settings, forms, questions on their way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from tocsin.domain.feedback import links, rules
from tocsin.domain.feedback.enums import AskState, Kind, Party
from tocsin.domain.feedback.logic import questions as forms
from tocsin.domain.feedback.logic.questions import Question
from tocsin.domain.feedback.models import Answer, Ask, OptOut, QuestionSet, Setting
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Link, Rating, Ticket
from tocsin.kernel.errors import NotFound

_WITH = (
    "ticket__organisation", "ticket__requester", "person", "escalation__policy", "questions", "rating",
)  # fmt: skip


def setting() -> Setting:
    """Return the organisation's settings; the defaults (nobody is asked) where nobody has set any."""
    return Setting.objects.filter(pk=1).first() or Setting()


def questions_now(party: str) -> tuple[Question, ...]:
    """Return the form that this party gets from now on."""
    newest = newest_set(party)
    return forms.read(newest.questions) if newest else forms.DEFAULTS[party]


def newest_set(party: str) -> QuestionSet | None:
    """Return the newest version of a party's form; None while the built-in one was never used or changed."""
    return QuestionSet.objects.filter(party=party).order_by("-number").first()


def form_of(ask: Ask) -> tuple[Question, ...]:
    """Return the questions that somebody was asked, as they then stood."""
    return forms.read(ask.questions.questions) if ask.questions else ()


def next_ask_due() -> datetime | None:
    """Return when the next question, reminder or end is due (UTC), or was."""
    return Ask.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


def last_asked(person: UUID, *, but: UUID) -> datetime | None:
    """Return when this person was last asked anything as a customer."""
    rows = Ask.objects.filter(person=person, party=Party.CUSTOMER, asked_at__isnull=False).exclude(pk=but)
    found: datetime | None = rows.aggregate(Max("asked_at"))["asked_at__max"]
    return found


def has_opted_out(person: UUID) -> bool:
    """Say whether somebody does not want to be asked."""
    return OptOut.objects.filter(person=person).exists()


def is_duplicate(ticket: Ticket) -> bool:
    """Say whether a ticket was closed as the duplicate of another."""
    return Link.objects.filter(from_ticket=ticket, kind="duplicate").exists()


def ask_of(ask_id: UUID) -> Ask:
    """Return one question with whom and what it is about. Raises NotFound."""
    found = Ask.objects.select_related(*_WITH).filter(pk=ask_id).first()
    if found is None:
        raise NotFound("ask_not_found", "There is no such question.")
    return found


def access_asked(token: str, now: datetime) -> Ask:
    """Return the question behind a mailed link. Raises NotFound: link_invalid, link_expired, ask_not_found."""
    found = ask_of(links.read_ask(token, now=now))
    if not found.person.is_active:
        raise NotFound("ask_not_found", "Its person has no account any more.")
    return found


def access_ask(user: User, ask_id: UUID) -> Ask:
    """Return a question that this very person was asked. Raises NotFound."""
    found = ask_of(ask_id)
    if not rules.may_answer.test(user, found) or found.state == AskState.PLANNED:
        raise NotFound("ask_not_found", "There is no such question, or it is not put to you.")
    return found


def asked_of(user: User, now: datetime) -> list[Ask]:
    """Return the questions that wait for this person, the earliest end first."""
    return list(waiting(user, now).order_by("expires_at", "pk"))


def waiting(user: User, now: datetime) -> QuerySet[Ask]:
    """Return the questions that wait for this person."""
    if not user.is_active:
        return Ask.objects.none()
    rows = Ask.objects.select_related(*_WITH)
    return rows.filter(person=user, state=AskState.ASKED, asked_at__isnull=False, expires_at__gt=now)


def answered_lately(user: User, limit: int = 20) -> list[Ask]:
    """Return the questions this person has answered, the latest first."""
    rows = Ask.objects.select_related(*_WITH).filter(person=user, state=AskState.ANSWERED)
    return list(rows.order_by("-answered_at", "-pk")[:limit])


def companion(ask: Ask) -> Ask | None:
    """Return the form about the escalation that belongs to the same ticket and person, while it can be answered."""
    rows = Ask.objects.filter(ticket=ask.ticket_id, person=ask.person_id, kind=Kind.ESCALATION, state=AskState.ASKED)
    return rows.order_by("-asked_at").first()


def answers_to(ask: Ask) -> dict[str, str]:
    """Return what was answered so far as a form holds it: {key: score or words}."""
    return {one.key: str(one.score) if one.score is not None else one.text for one in ask.answers.all()}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTicket:
    """What is known of one ticket: for its page."""

    rating: Rating | None
    asks: Sequence[Ask]

    @property
    def nothing(self) -> bool:
        return self.rating is None and not self.asks


def on_ticket(ticket: Ticket) -> OnTicket:
    """Return ratings and questions of one ticket, the latest first."""
    rows = Ask.objects.select_related("person", "escalation__policy").filter(ticket=ticket)
    rating = Rating.objects.filter(ticket=ticket).order_by("-resolved_at").first()
    return OnTicket(rating=rating, asks=list(rows.order_by("-planned_at", "party")[:20]))


def given(user: User) -> QuerySet[Ask]:
    """Return every answered question that this person may read, with rating, answers and ticket."""
    if rules.may_read_feedback.test(user):
        mine = Q()
    elif user.is_active:
        mine = Q(person=user)
    else:
        return Ask.objects.none()
    rows = Ask.objects.filter(mine, state=AskState.ANSWERED, answered_at__isnull=False, ticket__is_drill=False)
    return rows.select_related(*_WITH).prefetch_related("answers")


def words_of(ask: Ask) -> list[Answer]:
    """Return the answers of one question in the order of its form."""
    order = {question.key: place for place, question in enumerate(form_of(ask))}
    return sorted(ask.answers.all(), key=lambda one: order.get(one.key, len(order)))
