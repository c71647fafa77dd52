"""Decisions on a ticket: what one may decide oneself, taking a decision, answering what is beyond somebody's limit."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.decisions import actions, queries
from tocsin.domain.decisions.logic import rights
from tocsin.domain.decisions.models import Request
from tocsin.domain.decisions.queries import Mine
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules as ticket_rules
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.decisions.forms import DecideForm, RefuseForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@staff
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What may be decided here, what was, and what came back from an expert: loaded after the page."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    may_work = ticket_rules.may_work_on_ticket.test(user, found)
    inside = ticket_rules.may_see_internals.test(user)
    offered = queries.rights_on(found, user, now(request)) if may_work and found.status != Status.CLOSED else []
    learnt = queries.learnt_on(found.pk) if may_work else None
    context = {
        "ticket": found,
        "own": [one for one in offered if one.verdict.allowed],
        "asked": [one for one in offered if not one.verdict.allowed],
        "taken": [
            (one, rights.sized(one.amount, one.decision.unit, one.decision.unit_name))
            for one in (queries.taken_on(found.pk) if inside else [])
        ],
        "learnt": learnt if learnt is not None and learnt.to_id == user.pk else None,
    }
    return render(request, "decisions/panel.html", context)


@worker
@require_http_methods(GET_OR_POST)
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Take a decision, or with the same act ask whoever may (UX: three interactions)."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    offered = queries.rights_on(found, user, now(request))
    given = request.POST or request.GET
    chosen = queries.choice_of(offered, given.get("decision", "")) or next(iter(offered), None)
    title, cancel = f"Decide on {found.reference}", _ticket(found)
    if chosen is None:
        return sheet(request, None, title=title, cancel=cancel, template="decisions/decide_none.html")
    form = DecideForm(
        request.POST or None, chosen=chosen.decision,
        offered=[(one.decision.slug, one.decision.name) for one in offered],
        initial={"decision": chosen.decision.slug, "amount": request.GET.get("amount", "")},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            return done(request, cancel, _decide(request, found, chosen, form))
        except TocsinError as error:
            form.refuse(error)
    context = {"chosen": chosen, "offered": offered, "beyond": _beyond(found, chosen, user, request)}
    return sheet(
        request, form, title=title, submit="Decide", cancel=cancel, template="decisions/decide.html", **context
    )


def _decide(request: HttpRequest, found: Ticket, chosen: Mine, form: DecideForm) -> str:
    outcome = actions.decide(
        ticket_id=found.pk, decision_id=chosen.decision.pk, amount=form.cleaned_data.get("amount"),
        reason=form.value("reason"), fields=form.kept(), by=viewer(request), now=now(request),
    )  # fmt: skip
    if outcome.request is not None:
        names = ", ".join(one.name for one in outcome.request.asked_of.all())
        return f"This is beyond your limit: {names} is asked."
    return f"{chosen.decision.name} is decided, and recorded."


def _beyond(found: Ticket, chosen: Mine, user: User, request: HttpRequest) -> str:
    """Return who is asked if it is beyond the viewer's limit, by name: before anybody presses anything."""
    right = chosen.verdict.right
    if chosen.verdict.allowed and (right is None or right.limit is None):
        return ""
    above = right.limit + Decimal("0.01") if right is not None and right.limit is not None else None
    asked = queries.will_be_asked(chosen.entry, above, found, user, now(request))
    return ", ".join(one.name for one in asked.people) if asked else ""


@worker
@require_safe
def right(request: HttpRequest, number: int) -> HttpResponse:
    """The part of the escalate sheet that says whether one may decide it oneself."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    offered = queries.rights_on(found, user, now(request))
    chosen = queries.choice_of(offered, request.GET.get("decision", ""))
    amount = amount_of(request.GET.get("amount", ""))
    verdict = rights.judge(chosen.entry, queries.standing_of(user), amount) if chosen is not None else None
    context = {"ticket": found, "chosen": chosen, "amount": amount, "verdict": verdict}
    return render(request, "decisions/right.html", context)


def amount_of(text: str) -> Decimal | None:
    """Return a typed amount, None for what is none."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount < Decimal("1e12") else None


@worker
@require_http_methods(GET_OR_POST)
def answer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Approve with one button; refusing asks why."""
    user = viewer(request)
    asked = queries.access_request(user, request_id)
    where = _ticket(asked.ticket)
    approve = request.POST.get("approve") == "yes"
    form = RefuseForm(request.POST or None)
    if request.method == "POST" and (approve or form.is_valid()):
        try:
            actions.answer_request(
                request_id=request_id, approve=approve, answer="" if approve else form.value("answer"), by=user,
                now=now(request),
            )  # fmt: skip
            return done(request, where, f"Approved. {asked.asked_by.name} is told." if approve else "Refused.")
        except TocsinError as error:
            if approve:
                raise
            form.refuse(error)
    return sheet(request, form, title=f"Refuse {asked.decision.name}", submit="Refuse", cancel=where, lead=_lead(asked))


def _lead(asked: Request) -> str:
    size = rights.sized(asked.amount, asked.decision.unit, asked.decision.unit_name)
    return f"{asked.asked_by.name} asks for it: {size or asked.decision.name}."


@worker
@require_POST
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take a request back."""
    asked = queries.access_request(viewer(request), request_id)
    actions.withdraw_request(request_id=request_id, by=viewer(request), now=now(request))
    return done(request, _ticket(asked.ticket), "The request is withdrawn.")


def _ticket(found: Ticket) -> str:
    return reverse("ticket", args=[found.number])
