"""Ctrl-K: one field for tickets, people, policies and pages."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.people import queries as people
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.queries import QueueFilters
from tocsin.web.access import staff, viewer
from tocsin.web.desk.views_of_queue import VIEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One line of the palette."""

    icon: str
    name: str
    more: str
    href: str


@staff
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """Return what fits, best first: a ticket by number, pages, tickets by words, people, policies."""
    wanted = request.GET.get("q", "").strip()[:100]
    hits = _pages(wanted)
    if wanted:
        found = tickets.queue(viewer(request), QueueFilters(status="all", text=wanted, sort="updated", size=8)).tickets
        hits = [
            *[
                Hit(icon="inbox", name=t.subject, more=t.reference, href=reverse("ticket", args=[t.number]))
                for t in found
            ],
            *hits,
            *[
                Hit(icon="person", name=p.name, more=p.email, href=reverse("person", args=[p.pk]))
                for p in people.people(wanted)[:5]
            ],
            *[
                Hit(icon="policies", name=p.name, more="policy", href=reverse("policy", args=[p.slug]))
                for p in escalation.all_policies()
                if wanted.lower() in p.name.lower()
            ][:5],
        ]
    return render(request, "partials/palette.html", {"hits": hits})


def _pages(wanted: str) -> list[Hit]:
    queue = reverse("queue")
    fixed = [Hit(icon="plus", name="Log a call", more="new ticket", href=reverse("ticket_new"))]
    fixed += [Hit(icon=v.icon, name=v.name, more="queue", href=f"{queue}?view={v.key}") for v in VIEWS.values()]
    fixed += [
        Hit(icon="page", name="Paged to me", more="answer", href=reverse("respond_mine")),
        Hit(icon="bell", name="How I am reached", more="answer", href=reverse("notifications")),
        Hit(icon="policies", name="Policies", more="organisation", href=reverse("policies")),
        Hit(icon="people", name="People and teams", more="organisation", href=reverse("people")),
        Hit(icon="settings", name="Settings", more="organisation", href=reverse("settings")),
    ]
    return [hit for hit in fixed if wanted.lower() in hit.name.lower()]
