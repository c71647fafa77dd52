"""What every page's frame shows. Looked up only when a template asks: fragments and errors cost nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tocsin.domain.decisions import queries as decisions
from tocsin.domain.desk import queries as working
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.feedback import queries as feedback
from tocsin.domain.feedback.rules import may_read_feedback, may_set_questions
from tocsin.domain.frontline import queries as frontline
from tocsin.domain.notify import queries as notify
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people import queries as people
from tocsin.domain.people.rules import is_administrator, is_staff, is_stakeholder
from tocsin.domain.reviews.rules import may_set_reviews
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.queries import MANY
from tocsin.intake.email import queries as mail
from tocsin.intake.email.rules import may_handle_mail
from tocsin.web.access import now, viewer
from tocsin.web.control import first_steps
from tocsin.web.desk.views_of_queue import VIEWS
from tocsin.web.words import duration, first_name

THEMES = ("light", "dark")
# Which pages (their `section`) stand in which group of the sidebar.
NAV_GROUPS = {
    "customers": ("accounts", "promises", "briefing", "feedback", "signals", "status"),
    "know": ("skills", "training", "decisions"),
    "improve": ("insights", "problems", "risk", "reviews", "backtests"),
    "house": (
        "schedules", "policies", "plans", "drills", "people", "organisations", "services", "mails", "assets", "macros",
        "settings", "mail",
    ),
    "me": ("notifications", "following"),
}  # fmt: skip
MOST_CHIPS = 4  # schedules in the sidebar; the page of schedules shows them all


@dataclass(frozen=True, slots=True)
class NavView:
    """A saved view in the sidebar."""

    key: str
    name: str
    icon: str
    count: int
    hot: bool

    @property
    def count_text(self) -> str:
        return f"{MANY - 1}+" if self.count >= MANY else str(self.count)


@dataclass(frozen=True, slots=True)
class Light:
    """The engine's light: shape and words say the same."""

    css: str
    words: str


def shell(request: HttpRequest) -> dict[str, Any]:
    """Django's context processor."""
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "theme": theme if theme in THEMES else "",
        "demo": settings.DEMO,
        "live_url": settings.LIVE_URL,
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context | {"is_desk": False, "frame": "portal/frame.html", "now": _lazy(lambda: now(request))}
    desk = (is_staff | is_stakeholder).test(user)
    counted = _lazy(lambda: _counted(request))
    return context | {
        "now": _lazy(lambda: now(request)),
        "is_desk": desk,
        "nav_groups": NAV_GROUPS,
        "frame": "base.html" if desk else "portal/frame.html",
        "may_read_feedback": may_read_feedback.test(user),
        "may_set_questions": may_set_questions.test(user),
        "may_set_reviews": may_set_reviews.test(user),
        "feedback_asked": lambda: counted()["feedback_asked"],
        "calls_owed": lambda: counted()["calls_owed"],
        "saved_views": _lazy(lambda: working.views_of(user)),
        "queue_views": _lazy(lambda: _views(counted())),
        "engine": _lazy(lambda: engine_light(request)),
        "may_handle_mail": may_handle_mail.test(user),
        "set_up_left": _lazy(lambda: _set_up_left(request)),
        "mails_waiting": lambda: counted()["mails_waiting"],
        "decisions_asked": lambda: counted()["decisions_asked"],
        "paged_count": lambda: counted()["paged"],
        "on_call_now": _lazy(lambda: on_call_chips(request)),
        "duty_asked": lambda: counted()["swaps_asked"] + counted()["covers_asked"],
        "shifts_offered": lambda: counted()["shifts_offered"],
    }


def _set_up_left(request: HttpRequest) -> int:
    """Return how many first steps are left, 0 for whom they are not and who has put them off."""
    user = viewer(request)
    return (
        first_steps.left(user)
        if is_administrator.test(user) and request.COOKIES.get(first_steps.COOKIE) != "off"
        else 0
    )


@dataclass(frozen=True, slots=True)
class OnCallChip:
    """Who is on call now in one schedule."""

    slug: str
    name: str
    people: tuple[str, ...]
    own: bool  # the viewer is among them


def on_call_chips(request: HttpRequest) -> list[OnCallChip]:
    """Return who is on call now for the viewer's teams. A constant number of queries, however many schedules."""
    user = viewer(request)
    rows = oncall.schedules_of_teams(team.pk for team in people.teams_of(user))[:MOST_CHIPS]
    on = oncall.who_is_on_now([row.slug for row in rows], now(request)) if rows else {}
    return [
        OnCallChip(row.slug, row.name, tuple(map(first_name, now_on.names)), user.pk in {pk for pk, _ in now_on.people})
        for row in rows
        if (now_on := on.get(row.slug)) is not None
    ]


def engine_light(request: HttpRequest) -> Light:
    """Say whether the paging engine works, from its own signs of life."""
    health = notify.engine_health(now(request))
    if health.state == "ok":
        return Light("", "Paging engine works")
    if health.state == "late":
        return Light("is-late", f"Paging is {duration(max(health.overdue.values(), default=0))} behind")
    return Light("is-down", "Paging engine is stopped")


def _counted(request: HttpRequest) -> dict[str, int]:
    """Count everything that the sidebar shows a number of: one statement for every page."""
    user, at = viewer(request), now(request)
    swaps, covers = oncall.asked_of(user, at)
    return tickets.count_together(
        tickets.standing_views(user, at, asleep=working.asleep())
        | {
            "asleep": working.asleep(), "escalated": escalation.escalated(tickets.visible_to(user)),
            "paged": escalation.runs_waiting_for(user), "swaps_asked": swaps, "covers_asked": covers,
            "shifts_offered": frontline.bundles_offered_to(user, at), "calls_owed": feedback.open_of(user),
            "feedback_asked": feedback.waiting(user, at), "decisions_asked": decisions.waiting_for(user),
            "mails_waiting": mail.quarantined(user),
        }
    )  # fmt: skip


def _views(counted: Mapping[str, int]) -> list[NavView]:
    return [
        NavView(
            view.key, view.name, view.icon, counted.get(view.counts, 0) if view.counts else 0, view.key == "escalated"
        )
        for view in VIEWS.values()
    ]


def _lazy(read: Callable[[], Any]) -> Callable[[], Any]:
    """Return a function that templates call; it reads once however often they ask."""
    return cache(read)
