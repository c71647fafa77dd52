"""On a ticket: what customers were told of it, and the account escalation it is in."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tocsin.domain.frontline.queries import Hot
from tocsin.domain.status import queries
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.domain.tickets.rules import may_see_internals
from tocsin.kernel.errors import InvalidInput
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.sheets import done, sheet


def tag_accounts(rows: Iterable[Hot]) -> None:
    """Hang the account escalation that a ticket is in on it, for the tag on the hot board; one query."""
    tickets_shown = [row.ticket for row in rows]
    found = queries.accounts_of_tickets({one.pk for one in tickets_shown})
    for one in tickets_shown:
        one.account_escalation = found.get(one.pk)  # type: ignore[attr-defined]  # for the template only


@staff
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What customers were told, and the account escalation: loaded after the page, empty where there is neither."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    if not may_see_internals.test(user):
        return HttpResponse("")
    context = {
        "ticket": found,
        "incidents": queries.incidents_of_ticket([found.pk]),
        "account": queries.account_of_ticket(found.pk),
        "may_tell": found.status not in ENDED,
        "at": now(request),
    }
    return render(request, "status/panel.html", context)


@worker
@require_safe
def choose_page(request: HttpRequest, number: int) -> HttpResponse:
    """Choose the page on which readers are told; pages with a component of the ticket's service first."""
    found = tickets.access_ticket(viewer(request), number)
    pages = queries.pages_with_service(found.service_id)
    return sheet(
        request, None, title="Tell readers of a status page", cancel=reverse("ticket", args=[number]),
        template="status/choose.html", pages=pages, ticket=found,
    )  # fmt: skip


@worker
@require_safe
def account_escalation(request: HttpRequest, number: int) -> HttpResponse:
    """Lead to the customer's open account escalation to take the ticket in, or to a new one with it."""
    found = tickets.access_ticket(viewer(request), number)
    if found.organisation_id is None:
        raise InvalidInput("no_customer", f"{found.reference} is of no customer. Set its requester first.")
    already = queries.account_of_ticket(found.pk)
    if already is not None:
        return done(request, reverse("account_escalation", args=[already.number]))
    open_one = queries.open_account_of(found.organisation_id)
    if open_one is not None:
        return redirect(f"{reverse('account_add', args=[open_one.number])}?ticket={found.number}")
    return redirect(f"{reverse('account_escalate', args=[found.organisation_id])}?ticket={found.number}")
