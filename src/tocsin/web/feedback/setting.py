"""What people are asked: when, how often, by which forms, and how it looks to them."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.feedback import actions, queries
from tocsin.domain.feedback.enums import AskState, Kind, Party
from tocsin.domain.feedback.models import Ask, QuestionSet
from tocsin.domain.people.models import User
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.email import queries as mail
from tocsin.intake.email.asking import question
from tocsin.intake.email.configured import letters_leave
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, question_setter, viewer
from tocsin.web.feedback.answering import Shown, form_for
from tocsin.web.feedback.forms import QuestionsForm, SettingForm
from tocsin.web.languages.catalogue import LANGUAGES
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@question_setter
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that is set, the forms of the four parties, and previews."""
    forms = [
        (party, Party(party).label, queries.newest_set(party), queries.questions_now(party)) for party in Party.values
    ]
    setting = queries.setting()
    shares = SettingForm.of(setting)
    context = {
        "setting": setting, "shares": shares, "forms": forms, "mail_leaves": letters_leave(), "section": "settings",
        "letters_failed": mail.health(now(request)).letters_failed,
    }  # fmt: skip
    return render(request, "feedback/setting.html", context)


@question_setter
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest) -> HttpResponse:
    """Change when and whom we ask."""
    form = SettingForm(request.POST or None, initial=SettingForm.of(queries.setting()))
    where = reverse("feedback_setting")
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_setting(values=form.values(), by=viewer(request), now=now(request))
            return done(request, where, "Saved. It holds for what ends from now on.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="When and whom we ask", submit="Save", cancel=where)


@question_setter
@require_http_methods(GET_OR_POST)
def questions(request: HttpRequest, party: str) -> HttpResponse:
    """Give one party a new version of its form."""
    if party not in Party.values:
        raise NotFound("no_such_party", "There is no such form.")
    form = QuestionsForm(request.POST or None, questions=queries.questions_now(party))
    where = reverse("feedback_setting")
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_questions(party=party, questions=form.questions(), by=viewer(request), now=now(request))
            return done(request, where, f"Version {made.number} is asked from now on.")
        except TocsinError as error:
            form.refuse(error)
    title = f"Questions to the {Party(party).label.lower()}"
    lead = "Three or four are answered; longer forms are not. Leave a question empty to drop it."
    return sheet(request, form, title=title, submit="Save as a new version", cancel=where, lead=lead)


@question_setter
@require_safe
def preview(request: HttpRequest, what: str) -> HttpResponse:
    """Show what somebody would get: the mail (of customers) and the page. Nothing is sent, and nothing is kept."""
    if what != Kind.CSAT and what not in Party.values:
        raise NotFound("no_such_form", "There is no such form.")
    language = request.GET.get("language", "en")
    language = language if language in LANGUAGES else "en"
    ask = _example(what, language, request)
    with translation.override(language):
        form = form_for(ask, request)
        letter = question(ask, reminder=False) if ask.party == Party.CUSTOMER else None
        context = {
            "page": Shown(ask=ask, form=form), "ask": ask, "form": form, "preview": True, "letter": letter, "what": what,
            "language_code": language, "languages": LANGUAGES.items(), "section": "settings",
        }  # fmt: skip
        return render(request, "feedback/preview.html", context)


def _example(what: str, language: str, request: HttpRequest) -> Ask:
    """A question that does not exist: its links lead nowhere."""
    at = now(request)
    person = User(name="Ana Example", email="ana@customer.example", language=language)
    ticket = Ticket(
        number=1042, subject="Payroll does not start", status=Status.RESOLVED, requester=person, resolved_at=at
    )
    setting = queries.setting()
    is_csat = what == Kind.CSAT
    party = Party.CUSTOMER if is_csat else Party(what)
    form = QuestionSet(party=party, number=0, questions=[one.as_json() for one in queries.questions_now(party)])
    return Ask(
        kind=Kind.CSAT if is_csat else Kind.ESCALATION, party=party, ticket=ticket, person=person,
        questions=None if is_csat else form, state=AskState.ASKED, planned_at=at, asked_at=at,
        expires_at=at + timedelta(days=setting.expire_days), resolved_at=at if is_csat else None,
    )  # fmt: skip
