"""Who carries how much: hours, nights, weekends and pages, per person (UX "Schedules")."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.notify import queries as notify
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic.load import Load, load
from tocsin.domain.oncall.logic.roster import final_view
from tocsin.domain.oncall.logic.schedule import Person
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people import queries as people
from tocsin.web.access import now, staff, viewer
from tocsin.web.oncall.words import hours

PERIODS = {
    "last-4": ("Last 4 weeks", timedelta(days=-28), timedelta()),
    "last-12": ("Last 12 weeks", timedelta(days=-84), timedelta()),
    "next-4": ("Next 4 weeks", timedelta(), timedelta(days=28)),
    "next-12": ("Next 12 weeks", timedelta(), timedelta(days=84)),
}
USUAL = "last-4"
UNEVEN = 1.1  # times the mean
EQUAL = 1.0  # hours; less is no difference


@staff
@require_safe
def everywhere(request: HttpRequest) -> HttpResponse:
    """The load over all schedules together; a person in two at once carries both."""
    return _page(request, oncall.schedules(), None)


@staff
@require_safe
def of_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """The load of one schedule."""
    row = oncall.access_schedule(viewer(request), slug)
    return _page(request, [row], row)


def _page(request: HttpRequest, rows: list[Schedule], only: Schedule | None) -> HttpResponse:
    asked = request.GET.get("period", "")
    period = asked if asked in PERIODS else USUAL
    _, back, ahead = PERIODS[period]
    at = now(request)
    start, end = at + back, at + ahead
    carried = _carried(rows, start, end)
    pages = notify.pages_between(start, end) if back else {}
    names = people.names_of(carried)
    mean = sum(one.hours for one in carried.values()) / len(carried) if carried else 0
    lines = [
        {
            "pk": UUID(person), "name": names.get(person, "somebody"), "load": one, "hours": hours(one.hours),
            "night_hours": hours(one.night_hours), "weekend_hours": hours(one.weekend_hours),
            "longest": hours(one.longest_hours), "pages": pages.get(UUID(person), 0),
            "share": round(100 * one.hours / max(c.hours for c in carried.values())),
        }
        for person, one in sorted(carried.items(), key=lambda item: -item[1].hours)
    ]  # fmt: skip
    context: dict[str, Any] = {
        "schedule": only, "lines": lines, "period": period, "periods": [(key, told[0]) for key, told in PERIODS.items()],
        "start": start, "end": end, "mean": hours(mean), "past": bool(back), "schedules": len(rows),
        "finding": _finding(lines, mean), "section": "schedules",
    }  # fmt: skip
    return render(request, "oncall/load.html", context)


def _carried(rows: list[Schedule], start: datetime, end: datetime) -> Mapping[Person, Load]:
    """Return each person's load, summed over schedules; nights and weekends by each schedule's own clock."""
    said = oncall.schedules_of([row.slug for row in rows])
    total: dict[Person, Load] = {}
    for content in said.values():
        for person, one in load(final_view(content, start, end), ZoneInfo(content.zone)).items():
            other = total.get(person, Load())
            total[person] = Load(
                one.hours + other.hours, one.night_hours + other.night_hours, one.weekend_hours + other.weekend_hours,
                one.shifts + other.shifts, one.nights + other.nights, one.weekends + other.weekends,
                max(one.longest_hours, other.longest_hours),
            )  # fmt: skip
    return total


def _finding(lines: list[dict[str, Any]], mean: float) -> str:
    """Say in one sentence what the figures show."""
    if not lines:
        return "Nobody was on call"
    most = lines[0]["load"].hours
    heaviest = [line["name"] for line in lines if line["load"].hours > most - EQUAL]
    if len(lines) == 1:
        return f"{heaviest[0]} carries everything alone"
    if most > UNEVEN * mean:
        who = heaviest[0] if len(heaviest) == 1 else f"{', '.join(heaviest[:-1])} and {heaviest[-1]}"
        verb = "carries" if len(heaviest) == 1 else "carry"
        return f"{who} {verb} the most: {lines[0]['hours']}, {most / mean - 1:.0%} above the mean"
    return "The load is spread evenly"
