"""The permission table: every route, who may open it, by role. Written from the marks themselves (docs/permissions.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.web.access import RULES

INTRODUCTION = """\
# Who may open what

Written from the marks on the views (`src/tocsin/web/access.py`); a test fails when it is out of date. To write
it anew: `WRITE_DOCS=1 .venv/bin/python -m pytest tests/web/test_permissions.py`.

A mark lets somebody in at the door. Behind it every page asks again for the thing itself: what a person may
not see does not exist for them (404), what they may see and not do is refused (403). Requesters see their own
requests, and those of their organisation where it shares them. A crawler walks all routes as every role with the
ids of others (`tests/web/test_crawler.py`).

- `public`: nobody need be signed in; the page protects itself (a signed link, a sign-in form, a signature).
- `signed_in`: anybody with an account; the page looks only at what belongs to them.
- `token: ...`: the API. Each method asks for the scope that is named; whoever has no such token is answered 401 or 403,
  and the person's own rights are asked for behind it, as on the pages.
- `schedule_editor`: besides those below, whoever leads a team or manages its escalations, for that team's schedules.

"""


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `access` is the mark of its view, "" for none."""

    path: str
    name: str
    access: str


def routes() -> list[Route]:
    """Return every route by path."""
    return sorted(_walk(get_resolver().url_patterns, ""), key=lambda route: (route.path, route.name))


def _walk(patterns: Sequence[Any], before: str) -> Iterator[Route]:
    for pattern in patterns:
        path = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield Route(f"/{path}", pattern.name or "", getattr(pattern.callback, "access", ""))


def may_open(access: str, role: str) -> bool:
    """Say whether somebody of this role passes the mark, being nothing else (no team's lead, say)."""
    if access in ("public", "signed_in") or access.startswith("token: "):
        return True
    return bool(access in RULES and RULES[access].test(User(role=role, is_active=True)))


def as_markdown() -> str:
    """Return the whole table."""
    names = [Role(value).label for value in Role.values]
    lines = [
        "| route | mark | " + " | ".join(names) + " |",
        "|---|---|" + "---|" * len(names),
    ]
    for route in routes():
        cells = ["yes" if may_open(route.access, role) else "" for role in Role.values]
        lines.append(f"| `{route.path}` | `{route.access}` | " + " | ".join(cells) + " |")
    return INTRODUCTION + "\n".join(lines) + "\n"
