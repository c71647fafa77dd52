"""One question as a page: the same by a mailed link and signed in."""

from dataclasses import dataclass

from django.http import HttpRequest

from tocsin.domain.feedback import actions, queries
from tocsin.domain.feedback.enums import AskState, Kind
from tocsin.domain.feedback.models import Ask
from tocsin.domain.tickets.logic import lifecycle
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now
from tocsin.web.feedback.forms import PartyForm, RatingForm
from tocsin.web.fields import Form
from tocsin.web.languages.catalogue import language_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a question stands after this request."""

    ask: Ask
    form: Form | None  # None: nothing can be answered (any more)
    why: str = ""  # why nothing can be answered
    refused: str = ""
    done: bool = False
    status: int = 200

    @property
    def is_csat(self) -> bool:
        return self.ask.kind == Kind.CSAT

    @property
    def answered(self) -> bool:
        return self.ask.state == AskState.ANSWERED


def shown(request: HttpRequest, ask: Ask, *, via: str) -> Shown:
    """Answer by POST, look by GET. What is refused comes back beside what was typed."""
    why = why_over(ask, request)
    if why:
        return Shown(ask=ask, form=None, why=why, status=409 if request.method == "POST" else 200)
    form = form_for(ask, request)
    if request.method != "POST":
        return Shown(ask=ask, form=form)
    refused = ""
    if form.is_valid():
        try:
            _take(ask, form, via, request)
            return Shown(ask=queries.ask_of(ask.pk), form=form, done=True)
        except TocsinError as error:
            form.refuse(error)
            refused = error.message
    return Shown(ask=ask, form=form, refused=refused, status=422)


def _take(ask: Ask, form: Form, via: str, request: HttpRequest) -> None:
    at = now(request)
    if isinstance(form, PartyForm):
        actions.answer(ask_id=ask.pk, given=form.given(), via=via, now=at)
    else:
        actions.rate_by_ask(
            ask_id=ask.pk, score=int(form.value("score")), comment=form.value("comment"), via=via, now=at
        )


def form_for(ask: Ask, request: HttpRequest) -> Form:
    """Return the form of a question, with what was answered before, or what the link has ticked."""
    given = request.POST if request.method == "POST" else None
    if ask.kind == Kind.ESCALATION:
        known = queries.answers_to(ask) if ask.state == AskState.ANSWERED else None
        return PartyForm(given, questions=queries.form_of(ask), language=language_now(), initial=known)
    rating = ask.rating
    known = {"score": str(rating.score), "comment": rating.comment} if rating else {}
    ticked = request.GET.get("score", "")
    return RatingForm(given, initial=known | ({"score": ticked} if ticked in ("1", "2", "3", "4", "5") else {}))


def why_over(ask: Ask, request: HttpRequest) -> str:
    """Return why a question cannot be answered, "" if it can."""
    if ask.expires_at is None or now(request) >= ask.expires_at:
        return "This question is over. Thank you all the same."
    if ask.kind == Kind.ESCALATION:
        open_to = ask.state in (AskState.ASKED, AskState.ANSWERED)
        return "" if open_to else "This question is over. Thank you all the same."
    ticket = ask.ticket
    if ticket.status not in lifecycle.ENDED or ticket.resolved_at != ask.resolved_at:
        return "It was opened again since, so there is nothing to rate now. You will be asked when it is solved."
    return "" if ticket.requester_id == ask.person_id else "It is somebody else's request now."
