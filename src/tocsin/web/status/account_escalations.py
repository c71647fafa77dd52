"""Account escalations: several tickets of one customer under one owner, plan and clock."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.status import actions, queries, rules
from tocsin.domain.status.enums import AccountState
from tocsin.domain.status.models import AccountEscalation
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet
from tocsin.web.status.account_forms import AccountForm, AddForm, AnswerForm, ChangeForm, EndForm, OfferForm, UpdateForm

GET_OR_POST = ["GET", "HEAD", "POST"]
USUAL = timedelta(days=14)


@staff
@require_safe
def page(request: HttpRequest, number: int) -> HttpResponse:
    """One account escalation: what is held against us, who puts it right by when, with which tickets."""
    user = viewer(request)
    found = queries.access_account_escalation(user, number)
    context = {
        "one": found,
        "plan": [line.strip() for line in found.plan.splitlines() if line.strip()],
        "held": queries.held(found),
        "updates": queries.account_updates(found),
        "is_open": found.state == AccountState.OPEN,
        "may": {
            "run": rules.may_run_account_escalation.test(user, found),
            "answer": rules.may_answer_account_offer.test(user, found),
            "add": rules.may_open_account_escalation.test(user),
        },
        "section": "accounts",
    }
    return render(request, "status/account_escalation.html", context)


@worker
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Take tickets of a customer together."""
    customer = people.organisation(organisation_id)
    where = reverse("account_view", args=[organisation_id])
    already = queries.open_account_of(organisation_id)
    if already is not None and request.method != "POST":
        return done(request, reverse("account_escalation", args=[already.number]), "It has an open account escalation.")
    offered = queries.open_tickets_of(organisation_id)
    first = {
        "tickets": [one for one in request.GET.getlist("ticket") if one.isdigit()], "update_hours": 24,
        "target_at": now(request).replace(minute=0, second=0, microsecond=0) + USUAL,
    }  # fmt: skip
    form = AccountForm(request.POST or None, people=choices.staff(), tickets=offered, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_account_escalation(
                organisation=customer, title=form.value("title"), concern=form.value("concern"), plan=form.value("plan"),
                tickets=_chosen(offered, form.cleaned_data["tickets"]), target_at=form.cleaned_data["target_at"],
                update_hours=form.cleaned_data["update_hours"], offer_to=choices.person_of(form.uuid("to")),
                by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, reverse("account_escalation", args=[made.number]), f"{made.reference} is open.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Escalate the account of {customer.name}", submit="Escalate", cancel=where)


@worker
@require_http_methods(GET_OR_POST)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change its words, plan, date or cadence."""
    found = queries.access_account_escalation(viewer(request), number)
    names = ("title", "concern", "plan", "target_at", "update_hours")
    form = ChangeForm(request.POST or None, initial={name: getattr(found, name) for name in names})

    def act() -> None:
        given = form.cleaned_data
        target: datetime = given["target_at"]
        # The field holds minutes: an untouched date stays exactly as it was.
        same = target == found.target_at.replace(second=0, microsecond=0)
        actions.change_account_escalation(
            escalation_id=found.pk, by=viewer(request), now=now(request), title=given["title"], concern=given["concern"],
            plan=given["plan"], target_at=found.target_at if same else target, update_hours=given["update_hours"],
        )  # fmt: skip

    return _acted(request, found, form, act, title=f"Change {found.reference}", submit="Save", said="Saved.")


@worker
@require_http_methods(GET_OR_POST)
def offer(request: HttpRequest, number: int) -> HttpResponse:
    """Offer it to somebody else."""
    found = queries.access_account_escalation(viewer(request), number)
    form = OfferForm(request.POST or None, people=choices.staff())

    def act() -> None:
        to = choices.person_of(form.uuid("to"))
        if to is None:
            raise InvalidInput("nobody", "Choose somebody.", {"to": "Choose somebody."})
        actions.offer_account_escalation(escalation_id=found.pk, to=to, by=viewer(request), now=now(request))

    said = "It is offered. Until it is accepted, its owner stays."
    return _acted(request, found, form, act, title=f"Offer {found.reference}", submit="Offer", said=said)


@worker
@require_http_methods(GET_OR_POST)
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Accept it, or decline with a reason."""
    found = queries.access_account_escalation(viewer(request), number)
    form = AnswerForm(request.POST or None)

    def act() -> None:
        actions.answer_account_offer(
            escalation_id=found.pk, accept=form.value("verb") == "accept", reason=form.value("reason"), by=viewer(request),
            now=now(request),
        )  # fmt: skip

    return _acted(
        request, found, form, act, title=f"{found.reference} is offered to you", submit="Answer", said="Answered."
    )


@worker
@require_http_methods(GET_OR_POST)
def update(request: HttpRequest, number: int) -> HttpResponse:
    """The next word to the customer's side."""
    found = queries.access_account_escalation(viewer(request), number)
    form = UpdateForm(request.POST or None)

    def act() -> None:
        actions.update_account_escalation(
            escalation_id=found.pk, body=form.value("body"), by=viewer(request), now=now(request)
        )

    said = "Their stakeholders read it now. The next word is promised anew."
    return _acted(request, found, form, act, title=f"Update of {found.reference}", submit="Tell them", said=said)


@worker
@require_http_methods(GET_OR_POST)
def add(request: HttpRequest, number: int) -> HttpResponse:
    """Take another ticket in."""
    found = queries.access_account_escalation(viewer(request), number)
    held = {row.ticket_id for row in queries.held(found) if row.removed_at is None}
    offered = [one for one in queries.open_tickets_of(found.organisation_id) if one.pk not in held]
    form = AddForm(request.POST or None, tickets=offered, initial={"ticket": request.GET.get("ticket", "")})

    def act() -> None:
        ticket = tickets.access_ticket(viewer(request), int(form.value("ticket")))
        actions.add_ticket(escalation_id=found.pk, ticket=ticket, by=viewer(request), now=now(request))

    return _acted(
        request, found, form, act, title=f"Ticket for {found.reference}", submit="Take it in", said="It is in."
    )


@worker
@require_POST
def remove(request: HttpRequest, number: int, ticket: int) -> HttpResponse:
    """Take a ticket out."""
    found = queries.access_account_escalation(viewer(request), number)
    one = tickets.access_ticket(viewer(request), ticket)
    actions.remove_ticket(escalation_id=found.pk, ticket=one, by=viewer(request), now=now(request))
    return done(request, reverse("account_escalation", args=[number]), f"{one.reference} is out.")


@worker
@require_http_methods(GET_OR_POST)
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End it with its outcome."""
    found = queries.access_account_escalation(viewer(request), number)
    form = EndForm(request.POST or None)

    def act() -> None:
        actions.end_account_escalation(
            escalation_id=found.pk, outcome=form.value("outcome"), outcome_text=form.value("outcome_text"),
            by=viewer(request), now=now(request),
        )  # fmt: skip

    return _acted(request, found, form, act, title=f"End {found.reference}", submit="End it", said="It has ended.")


def _acted(
    request: HttpRequest,
    found: AccountEscalation,
    form: Form,
    act: Callable[[], None],
    *,
    title: str,
    submit: str,
    said: str,
) -> HttpResponse:
    """Draw a sheet, or act and go back to the account escalation."""
    where = reverse("account_escalation", args=[found.number])
    if request.method == "POST" and form.is_valid():
        try:
            act()
            return done(request, where, said)
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=title, submit=submit, cancel=where)


def _chosen(offered: Sequence[Ticket], numbers: Sequence[str]) -> list[Ticket]:
    return [one for one in offered if str(one.number) in numbers]
