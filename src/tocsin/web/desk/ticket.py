"""The ticket page: solve, and see at a glance who owns it, where it stands and what comes next (UX "Pages")."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tocsin.domain.desk import queries as desk
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.views import Ladder
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.sla import queries as sla
from tocsin.domain.sla.enums import ClockState
from tocsin.domain.stakeholders import queries as stakeholders
from tocsin.domain.stakeholders.models import UpdateClock
from tocsin.domain.swarms import queries as swarms
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.domain.tickets.queries import TimelineItem
from tocsin.web.access import now, staff, viewer
from tocsin.web.decisions.notices import requests_on
from tocsin.web.desk.faces import Face
from tocsin.web.desk.notices import notices_of
from tocsin.web.desk.queue import WAITING, face_of
from tocsin.web.desk.story import story
from tocsin.web.stakeholders.notices import coming as owed
from tocsin.web.stakeholders.notices import told_notices
from tocsin.web.words import absolute, first_name

NEWEST = 100  # entries of the timeline that are drawn at first: a long story is read from its end
AFTER_SEND = [Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_VENDOR, Status.WAITING_CHANGE, Status.RESOLVED]


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing that happens by itself."""

    at: datetime | None
    what: str


@staff
@require_safe
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Show a ticket."""
    return ticket_page(request, tickets.access_ticket(viewer(request), number))


@staff
@require_safe
def live(request: HttpRequest, number: int) -> HttpResponse:
    """Only what moves by itself: state strip, banners, ladders. The composer is outside (check 17)."""
    found = tickets.access_ticket(viewer(request), number)
    return render(request, "desk/ticket_live.html", _live(request, found) | {"fragment": True})


@staff
@require_safe
def news(request: HttpRequest, number: int) -> HttpResponse:
    """Say how many events came since the page was drawn."""
    found = tickets.access_ticket(viewer(request), number)
    known = request.GET.get("known", "")
    fresh = 0
    if known.isascii() and known.isdigit() and len(known) < 12:
        fresh = len(tickets.timeline(found.pk, user=viewer(request), after=int(known), limit=200))
    return render(request, "desk/ticket_news.html", {"fresh": fresh, "number": number})


def ticket_page(
    request: HttpRequest, found: Ticket, *, draft: dict[str, str] | None = None, problems: Iterable[str] = (),
    stale: Message | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Draw the page; `draft` and `problems` bring back a message that was refused, `stale` one that was held."""
    user = viewer(request)
    items = tickets.timeline(found.pk, user=user)
    requester = found.requester.name if found.requester else ""
    clocks = clocks_of(found, now(request))
    lines = story(items, _names(items), found.description, requester, tickets.attachments_of(found.pk))
    context = _live(request, found) | {
        "back": _back(request),
        "ended": found.status in lifecycle.ENDED,
        "closed": found.status == Status.CLOSED,
        "may": {"work": rules.may_work_on_ticket.test(user, found)},
        "clocks": [clock for clock in clocks if clock.css != "is-done"],
        "past_clocks": [clock for clock in clocks if clock.css == "is-done"],
        "customer_time": _customer_time(found, now(request)),
        "links": [{"words": words, "ticket": other} for words, other in tickets.links_of(found, user)],
        "timeline": lines if request.GET.get("all") else lines[:NEWEST],
        "earlier": 0 if request.GET.get("all") else max(len(lines) - NEWEST, 0),
        "newest": items[-1].position if items else 0,
        "seen": _last_message(items),
        "more": desk.described(found, user),
        "draft": draft or _kept_draft(found, user),
        "problems": list(problems),
        "stale": stale,
        "requester_first": first_name(requester) or "the requester",
        "after_send": [(s.value, s.label) for s in AFTER_SEND if s != found.status],
        "escalate_title": "Choose a ladder and see who would be paged",
    }
    return render(request, "desk/ticket.html", context, status=status)


def _live(request: HttpRequest, found: Ticket) -> dict[str, Any]:
    user, at = viewer(request), now(request)
    ladders = escalation.ladders(found.pk, at, user=user)
    updates = stakeholders.clocks_of(found.pk)
    return {
        "ticket": found,
        "ladders": ladders,
        "ended_ladders": [ladder for ladder in ladders if ladder.state != EscalationState.OPEN],
        "waiting": found.status in WAITING,
        "level": _level(ladders),
        "next": _next(found, ladders, updates, at),
        "notices": requests_on(found, user) + notices_of(found, ladders, user, at) + told_notices(found, user, updates),
        "held": desk.held_on(found.pk) if rules.may_work_on_ticket.test(user, found) else [],
        "swarm_helping": swarms.helping_on(found.pk),
        "commands": swarms.commands_of([ladder.escalation_id for ladder in ladders]) if ladders else set(),
        "onlookers": desk.onlookers(found.pk, user, at),
    }


def _kept_draft(found: Ticket, user: User) -> dict[str, str]:
    """Return what the viewer was writing, on whatever device."""
    kept = desk.draft_of(found.pk, user)
    return {"kind": kept.kind, "body": kept.body, "seen": kept.seen} if kept else {"kind": "reply", "body": ""}


def clocks_of(found: Ticket, at: datetime) -> list[Face]:
    """Return every clock of a ticket that was ever started, those that still count first."""
    faces = [face_of(clock, at) for clock in sla.faces_of([found.pk], at)[found.pk]]
    return sorted(faces, key=lambda f: (f.css == "is-done", f.due_at is None, f.due_at or at))


def _level(ladders: list[Ladder]) -> str:
    open_now = [ladder for ladder in ladders if ladder.state == EscalationState.OPEN]
    if not open_now:
        return ""
    reached = [(ladder, step) for ladder in open_now for step in ladder.steps if step.fired_at]
    if not reached:
        return "Waits for approval" if any("approve" in ladder.may for ladder in open_now) else "Begins"
    words = {ladder.run_id: f"{step.number} {step.name}" for ladder, step in reached}
    return ", ".join(words.values())


def _next(found: Ticket, ladders: list[Ladder], updates: list[UpdateClock], at: datetime) -> Next:
    """Return the soonest of: a ladder's next step, a trigger that waits, a clock's breach."""
    coming = [Next(ladder.next_at, ladder.next_what) for ladder in ladders if ladder.next_at]
    coming += [Next(due_at, what) for due_at, what in owed(found, updates)]
    watch = escalation.next_watch(found.pk)
    if watch is not None and not any(ladder.policy_slug == watch.policy.slug and ladder.next_at for ladder in ladders):
        coming.append(Next(watch.due_at, f"{watch.policy.name} begins"))
    clock = sla.next_breaches([found.pk], at).get(found.pk)
    if clock is not None and clock.due_at is not None and clock.state == ClockState.RUNNING:
        coming.append(Next(clock.due_at, f"{clock.label} is breached"))
    if coming:
        return min(coming, key=lambda c: c.at or at)
    if found.status in WAITING:
        return Next(None, "Clocks stand still while it waits")
    return Next(None, "Nothing is due")


def _names(items: list[TimelineItem]) -> dict[str, str]:
    """Return names for every id that stands in the entries."""
    ids = {value for item in items for value in item.data.values() if isinstance(value, str) and len(value) == 36}
    return people.names_of(ids)


def _last_message(items: list[TimelineItem]) -> str:
    """Return the id of the last public message, by which a reply that was overtaken is noticed (check 19)."""
    for item in reversed(items):
        if item.message is not None and item.message.kind != "note":
            return str(item.message.pk)
    return ""


def _customer_time(found: Ticket, at: datetime) -> str:
    zone = found.organisation.zone if found.organisation else "UTC"
    try:
        return absolute(at.astimezone(ZoneInfo(zone)))
    except (ZoneInfoNotFoundError, ValueError):
        return ""


def _back(request: HttpRequest) -> str:
    """Return the queue as the viewer left it, if they came from there."""
    came_from = request.headers.get("Referer", "")
    queue = reverse("queue")
    prefix = f"{request.scheme}://{request.get_host()}{queue}"
    return came_from[came_from.index(queue) :] if came_from.startswith(prefix) else queue
