"""Schedules: who is on call now and who comes next, the final schedule above its layers (UX "Schedules")."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.escalation import policies
from tocsin.domain.oncall import actions
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic.roster import Span, final_view
from tocsin.domain.oncall.logic.schedule import Person
from tocsin.domain.oncall.logic.schedule import Schedule as Content
from tocsin.domain.oncall.logic.words import why
from tocsin.domain.oncall.models import Override, Schedule, Shift
from tocsin.domain.oncall.rules import may_create_schedule, may_edit_schedule, may_put_on_duty
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff, may_see_reach
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, schedule_editor, staff, viewer
from tocsin.web.desk import choices
from tocsin.web.oncall.forms import ScheduleForm
from tocsin.web.oncall.grid import Window, window
from tocsin.web.oncall.outlook import outlooks
from tocsin.web.oncall.picture import between, naming, people_of, picture
from tocsin.web.oncall.words import crews_words, restriction_words, rotation_words
from tocsin.web.sheets import done, sheet

WEEKS = (1, 2, 4)
USUAL = 2
FIRST, LAST = date(2000, 1, 1), date(2190, 1, 1)


@staff
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List schedules: who is on now and until when, who comes next, how good each is, and its gaps."""
    context = {
        "rows": outlooks(oncall.schedules(), now(request), viewers_zone()),
        "may_create": may_create_schedule.test(viewer(request)),
        "may_see_reach": may_see_reach.test(viewer(request)),
        "section": "schedules",
    }
    return render(request, "oncall/listing.html", context)


@staff
@require_safe
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """One schedule: the final view above overrides, shifts, absences and layers, and the same as a table."""
    row = oncall.access_schedule(viewer(request), slug)
    at, zone = now(request), viewers_zone()
    shown = shown_window(request, at, zone)
    content = oncall.schedule_of(slug)
    view = final_view(content, shown.start, shown.end)
    names = people.names_of(people_of(content))
    (ahead,) = outlooks([row], at, zone)
    overrides = oncall.overrides_after(row, at)
    user = viewer(request)
    context = {
        "schedule": row,
        "picture": picture(content, view, shown, naming(content, names, str(user.pk)), at),
        "rows": table(content, view, names, shown, at),
        "ahead": ahead,
        "layers": _layers(row, names),
        "overrides": [{"row": one, "mine": _may_end(user, row, one)} for one in overrides],
        "shifts": [{"row": one, "mine": _may_end(user, row, one)} for one in oncall.shifts_after(row, at)],
        "swaps": oncall.open_swaps(row, at),
        "absences": oncall.absences_among(people_of(content), at),
        "used_by": [policy.content for policy in policies.naming_schedule(slug)],
        "zone_differs": zone.key != row.zone,
        "may_edit": may_edit_schedule.test(user, row),
        "may_see_reach": may_see_reach.test(viewer(request)),
        "may_put": may_put_on_duty.test(user, row),
        "may_take": is_staff.test(user),
        "section": "schedules",
    } | navigation(shown, at)
    return render(request, "oncall/schedule.html", context)


@schedule_editor
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Add a schedule; its layers come next."""
    form = ScheduleForm(
        request.POST or None, teams=choices.teams(), initial={"zone": viewers_zone().key, "team": _own_team(request)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.create_schedule(
                name=form.value("name"), slug=form.value("slug"), zone=form.value("zone"), by=viewer(request),
                team=choices.team_of(form.uuid("team")), now=now(request),
            )  # fmt: skip
            return done(request, reverse("layer_new", args=[row.slug]), f"{row.name} is there. Say who takes turns.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New schedule", submit="Create and add a layer", cancel=reverse("schedules"))


@schedule_editor
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change name, zone or team."""
    row = oncall.access_schedule(viewer(request), slug)
    where = reverse("schedule", args=[slug])
    form = ScheduleForm(
        request.POST or None, teams=choices.teams(), is_new=False,
        initial={"name": row.name, "zone": row.zone, "team": row.team_id},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_schedule(
                schedule_id=row.pk, name=form.value("name"), zone=form.value("zone"),
                team=choices.team_of(form.uuid("team")), by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, where, "The schedule is changed.")
        except TocsinError as error:
            form.refuse(error)
    lead = "A new zone moves the hand-overs of every layer without a zone of its own."
    return sheet(request, form, title=f"Edit {row.name}", submit="Save", cancel=where, lead=lead)


def viewers_zone() -> ZoneInfo:
    """Return the zone of whoever looks, as the middleware has set it."""
    return ZoneInfo(timezone.get_current_timezone_name())


def shown_window(request: HttpRequest, at: datetime, zone: ZoneInfo) -> Window:
    """Return what the address asks to see: `weeks` (1, 2, 4) from the local day `from` on; today where it says nothing."""
    asked = request.GET.get("weeks", "")
    weeks = int(asked) if asked in {str(one) for one in WEEKS} else USUAL
    try:
        first = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        first = at.astimezone(zone).date()
    return window(min(max(first, FIRST), LAST), weeks, zone)


def navigation(shown: Window, at: datetime) -> dict[str, Any]:
    """Return where earlier and later lead, and which lengths there are."""
    first = shown.start.astimezone(shown.zone).date()
    step = timedelta(weeks=shown.weeks)
    return {
        "earlier": (first - step).isoformat(),
        "later": (first + step).isoformat(),
        "is_today": first == at.astimezone(shown.zone).date(),
        "weeks": [(one, f"{one} week{'s' if one > 1 else ''}") for one in WEEKS],
        "span": between(shown.start, shown.end, shown.zone),
        "zone": shown.zone.key,
    }


def table(content: Content, view: list[Span], names: dict[Person, str], shown: Window, at: datetime) -> list[Any]:
    """Return the final view as rows: when, who, and why, in the viewer's zone."""
    return [
        {
            "when": between(span.start, span.end, shown.zone),
            "there": between(span.start, span.end, ZoneInfo(content.zone)),
            "now": span.start <= at < span.end,
            "people": [{"pk": one.person, "name": names.get(one.person, "somebody")} for one in span.evidence],
            "why": list(dict.fromkeys(why(one, content, names, shown.zone) for one in span.evidence)),
        }
        for span in view
    ]


def _layers(row: Schedule, names: dict[Person, str]) -> list[dict[str, Any]]:
    """Return the layers in words, the first being asked first."""
    found = []
    for layer in oncall.layers_now(row):
        content = oncall.layer_from(layer)
        lines = [
            {
                "turns": rotation_words(rotation),
                "crews": crews_words(rotation, names),
                "hours": restriction_words(rotation.restrictions),
                "starts": rotation.starts,
                "ends": rotation.ends,
            }
            for rotation in content.rotations
        ]
        found.append({"row": layer, "zone": layer.zone or row.zone, "rotations": lines})
    return found


def _may_end(user: User, row: Schedule, made: Override | Shift) -> bool:
    return made.made_by_id == user.pk or bool(may_put_on_duty.test(user, row))


def _own_team(request: HttpRequest) -> UUID | None:
    own = people.teams_of(viewer(request))
    return own[0].pk if len(own) == 1 else None
