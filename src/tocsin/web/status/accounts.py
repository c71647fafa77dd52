"""Customers as a whole."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.status import queries, rules
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, staff, viewer
from tocsin.web.status import seams

BANDS = (("", "All"), ("troubled", "In trouble"), ("watched", "Watch it"), ("well", "Well"))


@staff
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every customer, those who fare worst first; one of a customer is not told of others."""
    _demand(request)
    more = seams.counts_of(request, [one.pk for one in people.organisations()])
    rows = queries.accounts(now(request), more)
    band, mine = request.GET.get("band", ""), bool(request.GET.get("mine"))
    shown = [
        row
        for row in rows
        if (not band or row.health.band == band)
        and (not mine or row.organisation.account_manager_id == viewer(request).pk)
    ]
    context = {"rows": shown, "all": len(rows), "band": band, "mine": mine, "bands": BANDS, "section": "accounts"}
    return render(request, "status/accounts.html", context)


@staff
@require_safe
def account(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Everything of one customer."""
    _demand(request)
    found = queries.account(organisation_id, now(request), seams.counts_of(request, [organisation_id]))
    context = {
        "found": found,
        "customer": found.row.organisation,
        "pieces": seams.pieces(seams.ACCOUNT_PIECES, request, organisation_id),
        "may_escalate": rules.may_open_account_escalation.test(viewer(request)),
        "section": "accounts",
    }
    return render(request, "status/account.html", context)


def _demand(request: HttpRequest) -> None:
    """A customer's own stakeholder has the briefing; how we rate customers does not exist for them."""
    if not rules.may_see_accounts.test(viewer(request)):
        raise NotFound("account_not_found", "There is no such customer, or you may not see it.")
