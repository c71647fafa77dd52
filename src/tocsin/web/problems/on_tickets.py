"""Problems on a ticket: the known problem with its workaround, and putting the ticket to one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.problems import actions, queries, rules
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import insider, now, viewer, worker
from tocsin.web.problems.forms import OnTicketForm
from tocsin.web.sheets import done, sheet


@insider
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """The problems a ticket stands on, with their workarounds, and those it might belong to: loaded after the page."""
    return _panel(request, number)


def _panel(request: HttpRequest, number: int) -> HttpResponse:
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    mine = queries.problems_of(found.pk)
    context = {
        "ticket": found, "problems": mine, "likely": [] if mine else queries.likely_problems(found),
        "may_work": rules.may_work_on_problems.test(user),
    }  # fmt: skip
    return render(request, "problems/panel.html", context)


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, number: int) -> HttpResponse:
    """Put a ticket to a problem, or open one for it."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    there = [("", "a new one"), *((str(pk), name) for pk, name in queries.active_choices())]
    form = OnTicketForm(request.POST or None, offers={"problem": there}, initial={"title": found.subject[:200]})
    where = reverse("ticket", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            chosen = form.uuid("problem")
            if chosen is not None:
                actions.link_tickets(problem_id=chosen, ticket_ids=[found.pk], by=user, now=now(request))
                return done(request, where, "Linked.")
            made = actions.open_problem(
                title=form.value("title"), tickets=[found.pk], service=found.service, category=found.category,
                configuration_item=found.configuration_item, by=user, now=now(request),
            )  # fmt: skip
            return done(request, where, f"{made.reference}: {made.get_state_display()}.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Problem behind {found.reference}", submit="Save", cancel=where)


@worker
@require_POST
def belongs(request: HttpRequest, number: int, problem: int) -> HttpResponse:
    """Put a ticket to a problem that was suggested."""
    user = viewer(request)
    found, other = tickets.access_ticket(user, number), queries.access_problem(user, problem)
    actions.link_tickets(problem_id=other.pk, ticket_ids=[found.pk], by=user, now=now(request))
    if getattr(request, "htmx", False):
        return _panel(request, number)
    return done(request, reverse("ticket", args=[number]), f"Linked to {other.reference}.")
