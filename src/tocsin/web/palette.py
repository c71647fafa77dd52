"""Ctrl-K: one field for tickets, people, policies and pages."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.people import queries as people
from tocsin.domain.sla.searching import search_tickets
from tocsin.domain.training import queries as training
from tocsin.web.access import now, staff, viewer
from tocsin.web.desk.views_of_queue import VIEWS
from tocsin.web.languages.catalogue import say


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
    """Return what fits, best first: tickets by number or words, pages, people, policies, and the way to the whole search."""
    wanted = request.GET.get("q", "").strip()[:100]
    hits = _pages(wanted)
    if wanted:
        found = search_tickets(user=viewer(request), text=wanted, now=now(request), limit=8).tickets
        # A page that is called so is meant; one that only holds the word comes after the tickets.
        meant = [hit for hit in hits if hit.name.lower().startswith(wanted.lower())]
        hits = [
            *meant,
            *[
                Hit(icon="inbox", name=t.subject, more=t.reference, href=reverse("ticket", args=[t.number]))
                for t in found
            ],
            *[hit for hit in hits if hit not in meant],
            *[
                Hit(icon="person", name=p.name, more=p.email, href=reverse("person", args=[p.pk]))
                for p in people.alike(wanted)[:5]
            ],
            *[
                Hit(
                    icon="learn", name=say(f"Who knows {skill.name}"), more=say("skill"),
                    href=f"{reverse('who_knows')}?{urlencode({'q': skill.name})}",
                )
                for skill in training.skills_like(wanted, limit=4)
            ],
            *[
                Hit(icon="policies", name=p.name, more="policy", href=reverse("policy", args=[p.slug]))
                for p in escalation.all_policies()
                if wanted.lower() in p.name.lower()
            ][:5],
            Hit(
                icon="search", name=say(f"Search everything for {wanted}"), more=say("search"),
                href=f"{reverse('search')}?{urlencode({'q': wanted})}",
            ),
        ]  # fmt: skip
    return render(request, "partials/palette.html", {"hits": hits})


def _pages(wanted: str) -> list[Hit]:
    queue = reverse("queue")
    fixed = [Hit(icon="phone", name="Log a call", more="new ticket", href=reverse("call_new"))]
    fixed += [Hit(icon="plus", name="New ticket", more="every field", href=reverse("ticket_new"))]
    fixed += [Hit(icon=v.icon, name=v.name, more="queue", href=f"{queue}?view={v.key}") for v in VIEWS.values()]
    fixed += [
        Hit(icon="zap", name="Hot board", more="where it burns", href=reverse("board")),
        Hit(icon="note", name="Knowledge", more="articles", href=reverse("knowledge")),
        Hit(icon="star", name="Feedback", more="ratings", href=reverse("feedback")),
        Hit(icon="info", name="Briefing", more="executives", href=reverse("briefing")),
        Hit(icon="building", name="Accounts", more="customers", href=reverse("accounts")),
        Hit(icon="status", name="Status pages", more="customers", href=reverse("status_pages")),
        Hit(icon="insights", name="Insights", more="figures", href=reverse("insights")),
        Hit(icon="signal", name="Signals", more="how customers sound", href=reverse("signals")),
        Hit(icon="problem", name="Problems", more="what repeats", href=reverse("problems")),
        Hit(icon="risk", name="Risk", more="what may escalate, breach or bounce", href=reverse("risk")),
        Hit(icon="review", name="Reviews", more="why it escalated", href=reverse("reviews")),
        Hit(icon="done", name="Corrective actions", more="what is owed", href=reverse("corrective_actions")),
        Hit(icon="page", name="Paged to me", more="answer", href=reverse("respond_mine")),
        Hit(icon="clock", name="My shifts", more="answer", href=reverse("my_shifts")),
        Hit(icon="hand-over", name="Shift handover", more="answer", href=reverse("shift_handover")),
        Hit(icon="schedule", name="Schedules", more="on call", href=reverse("schedules")),
        Hit(icon="shield", name="Decision rights", more="organisation", href=reverse("decisions")),
        Hit(icon="bell", name="How I am reached", more="answer", href=reverse("notifications")),
        Hit(icon="policies", name="Policies", more="organisation", href=reverse("policies")),
        Hit(icon="people", name="People and teams", more="organisation", href=reverse("people")),
        Hit(icon="building", name="Organisations", more="organisation", href=reverse("organisations")),
        Hit(icon="wrench", name="Services", more="organisation", href=reverse("services")),
        Hit(icon="person", name="Account", more="how I sign in", href=reverse("account")),
        Hit(icon="settings", name="Settings", more="organisation", href=reverse("settings")),
    ]
    fixed += [
        Hit(icon="learn", name="Training", more="courses", href=reverse("training")),
        Hit(icon="person", name="Who knows", more="skills", href=reverse("who_knows")),
        Hit(icon="done", name="Drills", more="organisation", href=reverse("drills")),
        Hit(icon="wrench", name="Register", more="organisation", href=reverse("assets")),
        Hit(icon="edit", name="Macros", more="organisation", href=reverse("macros")),
    ]
    spoken = [replace(hit, name=say(hit.name), more=say(hit.more)) for hit in fixed]
    return [hit for hit in spoken if wanted.lower() in hit.name.lower()]
