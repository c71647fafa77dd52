"""The layers of a schedule: who takes turns, and when. Looked at before they are saved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.oncall import actions
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic import findings
from tocsin.domain.oncall.logic.definition import check_layers
from tocsin.domain.oncall.logic.load import load
from tocsin.domain.oncall.logic.roster import final_view
from tocsin.domain.oncall.logic.schedule import Layer
from tocsin.domain.oncall.logic.schedule import Schedule as Content
from tocsin.domain.oncall.models import Layer as LayerRow
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.oncall.rules import may_edit_schedule
from tocsin.domain.people import queries as people
from tocsin.kernel.errors import NotAllowed, TocsinError
from tocsin.web.access import now, schedule_editor, viewer
from tocsin.web.desk import choices
from tocsin.web.oncall.draft import Draft, LayerForms, draft_of, new_rotation, restructure, typed
from tocsin.web.oncall.grid import window
from tocsin.web.oncall.outlook import found_words
from tocsin.web.oncall.picture import naming, people_of, picture
from tocsin.web.oncall.views import viewers_zone
from tocsin.web.oncall.words import hours
from tocsin.web.sheets import done

COMPARED = timedelta(weeks=4)
EDITORS = "Only the lead or escalation manager of the schedule's team, or an administrator, can change it."


@schedule_editor
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a layer as the last, which is asked when no other has anybody on."""
    row = _editable(request, slug)
    zone = ZoneInfo(row.zone)
    name = "Primary" if not oncall.layers_now(row) else ""
    draft = Draft(name, "", [new_rotation(now(request), zone)])
    return _page(request, row, None, draft)


@schedule_editor
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, layer_id: int) -> HttpResponse:
    """Change a layer from now on; what it said before stays true for the past."""
    row = _editable(request, slug)
    stored = oncall.layer_now(row, layer_id)
    content = oncall.layer_from(stored)
    return _page(request, row, stored, draft_of(content, ZoneInfo(stored.zone or row.zone)))


@schedule_editor
@require_POST
def move(request: HttpRequest, slug: str, layer_id: int) -> HttpResponse:
    """Let a layer be asked before the one above it."""
    row = _editable(request, slug)
    oncall.layer_now(row, layer_id)
    rows = oncall.layers_now(row)
    place = next(number for number, layer in enumerate(rows) if layer.pk == layer_id)
    layers = [_bare(layer) for layer in rows]
    if place:
        layers[place - 1], layers[place] = layers[place], layers[place - 1]
        actions.set_layers(schedule_id=row.pk, layers=layers, by=viewer(request), now=now(request))
    said = f"{rows[place].name} is asked earlier from now on."
    return done(request, reverse("schedule", args=[slug]), said)


@schedule_editor
@require_POST
def remove(request: HttpRequest, slug: str, layer_id: int) -> HttpResponse:
    """End a layer now; its past stays."""
    row = _editable(request, slug)
    gone = oncall.layer_now(row, layer_id)
    layers = [_bare(layer) for layer in oncall.layers_now(row) if layer.pk != layer_id]
    actions.set_layers(schedule_id=row.pk, layers=layers, by=viewer(request), now=now(request))
    return done(request, reverse("schedule", args=[slug]), f"{gone.name} has ended.")


def _page(request: HttpRequest, row: Schedule, stored: LayerRow | None, draft: Draft) -> HttpResponse:
    """Show the form; with a post add or move lines, preview, or save."""
    act = request.POST.get("act", "preview") if request.method == "POST" else ""
    shown: dict[str, Any] = {}
    forms = LayerForms(draft, people=choices.staff(), zone=row.zone, bound=False)
    if act:
        draft = typed(request.POST)
        structural = restructure(draft, act, new_rotation(now(request), ZoneInfo(row.zone)))
        forms = LayerForms(draft, people=choices.staff(), zone=row.zone, bound=not structural)
        if not structural and forms.is_valid():
            try:
                layers = _with(row, stored, forms.layer())
                check_layers(layers)
                if act == "save":
                    actions.set_layers(schedule_id=row.pk, layers=layers, by=viewer(request), now=now(request))
                    where = reverse("schedule", args=[row.slug])
                    return done(request, where, f"{forms.layer().name} counts from now on.")
                shown = _preview(row, layers, now(request))
            except TocsinError as error:
                forms.refuse(error)
    wrong = forms.head.errors or any(one.head.errors for one in forms.rotations)
    context = {"schedule": row, "stored": stored, "forms": forms, "section": "schedules", **shown}
    template = "oncall/layer_form.html" if getattr(request, "htmx", False) else "oncall/layer.html"
    return render(request, template, context, status=422 if wrong else 200)


def _preview(row: Schedule, layers: Sequence[Layer], at: datetime) -> dict[str, Any]:
    """Return how the schedule would look from now on, who would carry more or less, and what would be wrong."""
    content = oncall.schedule_of(row.slug)
    after = replace(content, layers=tuple(layers))
    zone = viewers_zone()
    today = at.astimezone(zone).date()
    shown = window(today, 2, zone)
    names = people.names_of({*people_of(content), *people_of(after)})
    view = final_view(after, max(at, shown.start), shown.end)
    return {
        "picture": picture(after, view, shown, naming(after, names), at),
        "differences": _differences(content, after, names, at, ZoneInfo(row.zone)),
        "found": found_words(findings.findings_in(after, view), names, {}, zone, row.slug),
    }


def _differences(
    before: Content, after: Content, names: dict[str, str], at: datetime, zone: ZoneInfo
) -> list[dict[str, str]]:
    """Return by how many hours each person's next four weeks change, the largest change first."""
    old, new = (load(final_view(one, at, at + COMPARED), zone) for one in (before, after))
    changes = []
    for person in {*old, *new}:
        was = old[person].hours if person in old else 0.0
        will = new[person].hours if person in new else 0.0
        if abs(will - was) >= 0.05:
            sign = "+" if will > was else "-"
            text = f"{sign}{hours(abs(will - was))}"
            changes.append(
                (abs(will - was), {"name": names.get(person, "somebody"), "change": text, "then": hours(will)})
            )
    return [told for _, told in sorted(changes, key=lambda one: (-one[0], one[1]["name"]))]


def _with(row: Schedule, stored: LayerRow | None, layer: Layer) -> list[Layer]:
    """Return the schedule's layers with `layer` in place of the stored one, or as the last."""
    if stored is None:
        return [*(_bare(one) for one in oncall.layers_now(row)), layer]
    return [layer if one.pk == stored.pk else _bare(one) for one in oncall.layers_now(row)]


def _bare(layer: LayerRow) -> Layer:
    return replace(oncall.layer_from(layer), valid_from=None, valid_until=None)


def _editable(request: HttpRequest, slug: str) -> Schedule:
    row = oncall.access_schedule(viewer(request), slug)
    if not may_edit_schedule.test(viewer(request), row):
        raise NotAllowed("not_allowed", EDITORS)
    return row
