"""Risk on a ticket: the scores with their reasons, and what people say about them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tocsin.domain.risk import actions, queries
from tocsin.domain.risk.enums import Outcome
from tocsin.domain.risk.logic.quiet import HIGH
from tocsin.domain.tickets import queries as tickets
from tocsin.web.access import now, viewer, worker
from tocsin.web.risk.words import SHORT
from tocsin.web.sheets import done

SAID = {"agree": "Noted: you agree.", "disagree": "Noted: it stays silent unless it rises far.", "snooze": "Snoozed."}


@worker
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """Show the scores of a ticket: loaded after the page, and empty where there are none."""
    return _panel(request, number)


def _panel(request: HttpRequest, number: int) -> HttpResponse:
    found = tickets.access_ticket(viewer(request), number)
    risks = [
        {"risk": one, "name": SHORT[Outcome(one.score.outcome)], "high": one.score.value >= HIGH and not one.quiet}
        for one in queries.risks_of(found.pk, now(request))
    ]
    context = {"ticket": found, "risks": risks, "snoozes": actions.SNOOZES}
    return render(request, "risk/panel.html", context)


@worker
@require_POST
def answer(request: HttpRequest, number: int, outcome: str) -> HttpResponse:
    """Keep what somebody says about a score."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    hours = request.POST.get("hours", "")
    opinion = "snooze" if hours else request.POST.get("opinion", "")
    made = actions.answer(
        ticket_id=found.pk, outcome=outcome, opinion=opinion, hours=int(hours) if hours.isdigit() else 24, by=user,
        now=now(request), note=request.POST.get("note", ""),
    )  # fmt: skip
    if getattr(request, "htmx", False):
        return _panel(request, number)
    return done(request, reverse("ticket", args=[number]), SAID[made.opinion])
