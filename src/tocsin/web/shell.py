"""What every page's frame shows. Looked up only when a template asks: fragments and errors cost nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.notify import queries as notify
from tocsin.domain.people.rules import is_staff, is_stakeholder
from tocsin.domain.tickets import queries as tickets
from tocsin.web.access import now, viewer
from tocsin.web.desk.views_of_queue import VIEWS
from tocsin.web.words import duration

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class NavView:
    """A saved view in the sidebar."""

    key: str
    name: str
    icon: str
    count: int
    hot: bool


@dataclass(frozen=True, slots=True)
class Light:
    """The engine's light: shape and words say the same."""

    css: str
    words: str


def shell(request: HttpRequest) -> dict[str, Any]:
    """Django's context processor."""
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {"theme": theme if theme in THEMES else "", "demo": settings.DEMO}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context | {"is_desk": False, "now": _lazy(lambda: now(request))}
    return context | {
        "now": _lazy(lambda: now(request)),
        "is_desk": (is_staff | is_stakeholder).test(user),
        "queue_views": _lazy(lambda: _views(request)),
        "engine": _lazy(lambda: engine_light(request)),
        "paged_count": _lazy(lambda: len(escalation.open_runs_for(user))),
    }


def engine_light(request: HttpRequest) -> Light:
    """Say whether the paging engine works, from its own signs of life."""
    health = notify.engine_health(now(request))
    if health.state == "ok":
        return Light("", "Paging engine works")
    if health.state == "late":
        return Light("is-late", f"Paging is {duration(max(health.overdue.values(), default=0))} behind")
    return Light("is-down", "Paging engine is stopped")


def _views(request: HttpRequest) -> list[NavView]:
    user = viewer(request)
    counted = tickets.counts(user, now(request))
    counted["escalated"] = escalation.escalated(tickets.visible_to(user)).count()
    return [
        NavView(
            view.key, view.name, view.icon, counted.get(view.counts, 0) if view.counts else 0, view.key == "escalated"
        )
        for view in VIEWS.values()
    ]


def _lazy(read: Callable[[], Any]) -> Callable[[], Any]:
    """Return a function that templates call; it reads once however often they ask."""
    return cache(read)
