"""The briefing: how escalations stand, in plain words, for those who decide and those who are affected."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.status import queries
from tocsin.domain.status.queries import Briefing
from tocsin.domain.tickets.rules import may_see_internals
from tocsin.web.access import now, staff, viewer
from tocsin.web.status import seams


@staff
@require_safe
def overall(request: HttpRequest) -> HttpResponse:
    """Everything that is escalated now, as far as the viewer may know; only what moves, if htmx asks."""
    found = queries.briefing(viewer(request), now(request))
    template = "status/briefing_live.html" if getattr(request, "htmx", False) else "status/briefing.html"
    return render(request, template, {"found": found, "bars": _bars(found), "section": "briefing"})


@staff
@require_safe
def one(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """One escalation, and what its customer was told."""
    found, said = queries.brief_of(viewer(request), escalation_id, now(request))
    context = {
        "one": found,
        "said": said,
        "pieces": seams.pieces(seams.BRIEF_PIECES, request, escalation_id),
        "inside": may_see_internals.test(viewer(request)),
        "section": "briefing",
    }
    return render(request, "status/brief.html", context)


def _bars(found: Briefing) -> list[dict[str, Any]]:
    """Return one bar a day: 40 px for the most, at least 2 for what is not nothing."""
    most = max(found.most, 1)
    bars = []
    for place, (day, n) in enumerate(found.days):
        height = max(2, round(40 * n / most)) if n else 1
        bars.append({"x": place * 16, "y": 40 - height, "height": height, "day": day, "n": n})
    return bars
