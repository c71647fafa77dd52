"""What changes a schedule for once: overrides, one-off shifts, swaps (UX: the primary act of the page)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.oncall import actions
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic.roster import final_view
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.oncall.rules import may_answer_for, may_put_on_duty
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.oncall.forms import OverrideForm, ShiftForm, SwapForm, without
from tocsin.web.oncall.picture import merged, people_of
from tocsin.web.sheets import done, sheet

MINUTE = timedelta(minutes=1)
AHEAD = timedelta(days=35)
USUAL = timedelta(hours=8)  # of an override where nobody hands over within five weeks


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def override(request: HttpRequest, slug: str) -> HttpResponse:
    """Put somebody on call instead of everybody, of a layer's people, or of one person."""
    row = oncall.access_schedule(viewer(request), slug)
    starts, ends = _usual_span(request, row)
    form = OverrideForm(
        request.POST or None, people=_may_put(request, row), places=_places(row, now(request)),
        initial={"starts_at": starts, "ends_at": ends, "person": viewer(request).pk},
    )  # fmt: skip
    where = reverse("schedule", args=[slug])
    if request.method == "POST" and form.is_valid():
        kind, _, name = form.value("place").partition(":")
        person = people.person(UUID(form.value("person")))
        try:
            made = actions.add_override(
                schedule_id=row.pk, person=person, starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"], layer=name if kind == "layer" else "",
                instead_of=people.person(UUID(name)) if kind == "person" else None, reason=form.value("reason"),
                by=viewer(request), now=now(request),
            )  # fmt: skip
            undo = reverse("override_end", args=[slug, made.pk])
            return done(request, where, f"{person.name} is on call in that time.", undo)
        except TocsinError as error:
            form.refuse(error)
    lead = f"On call now: {_on_now(row, now(request))}. The rotation goes on underneath; nobody's turn moves."
    return sheet(request, form, title=f"Override {row.name}", submit="Put on call", cancel=where, lead=lead)


@worker
@require_POST
def end_override(request: HttpRequest, slug: str, override_id: UUID) -> HttpResponse:
    """End an override now, or remove one that has not begun."""
    row = oncall.access_schedule(viewer(request), slug)
    if override_id not in {one.pk for one in oncall.overrides_after(row, now(request))}:
        raise NotFound("override_not_found", "There is no such override, or its time is over.")
    actions.end_override(override_id=override_id, by=viewer(request), now=now(request))
    return done(request, reverse("schedule", args=[slug]), "The override is taken back.")


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: HttpRequest, slug: str) -> HttpResponse:
    """Put somebody on call once, as well as whoever is on."""
    row = oncall.access_schedule(viewer(request), slug)
    starts, _ = _usual_span(request, row)
    form = ShiftForm(
        request.POST or None, people=_may_put(request, row),
        initial={"starts_at": starts, "ends_at": starts + USUAL, "person": viewer(request).pk},
    )  # fmt: skip
    where = reverse("schedule", args=[slug])
    if request.method == "POST" and form.is_valid():
        person = people.person(UUID(form.value("person")))
        try:
            made = actions.add_shift(
                schedule_id=row.pk, person=person, starts_at=form.cleaned_data["starts_at"], by=viewer(request),
                ends_at=form.cleaned_data["ends_at"], reason=form.value("reason"), now=now(request),
            )  # fmt: skip
            undo = reverse("shift_end", args=[slug, made.pk])
            return done(request, where, f"{person.name} is on call as well in that time.", undo)
        except TocsinError as error:
            form.refuse(error)
    lead = "Whoever is on by the layers stays on; this person is paged as well."
    return sheet(request, form, title=f"One-off shift in {row.name}", submit="Add the shift", cancel=where, lead=lead)


@worker
@require_POST
def end_shift(request: HttpRequest, slug: str, shift_id: UUID) -> HttpResponse:
    """End a one-off shift now, or remove one that has not begun."""
    row = oncall.access_schedule(viewer(request), slug)
    if shift_id not in {one.pk for one in oncall.shifts_after(row, now(request))}:
        raise NotFound("shift_not_found", "There is no such shift, or its time is over.")
    actions.end_shift(shift_id=shift_id, by=viewer(request), now=now(request))
    return done(request, reverse("schedule", args=[slug]), "The shift is taken back.")


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask somebody to take a part of one's duty; nothing changes until they accept."""
    row = oncall.access_schedule(viewer(request), slug)
    user = viewer(request)
    content = oncall.schedule_of(slug)
    names = people.names_of(people_of(content))
    givers = [(pk, name) for pk, name in names.items() if may_answer_for.test(user, people.person(UUID(pk)))]
    initial = {"offered_by": user.pk} | _own_next(row, user, now(request))
    form = SwapForm(request.POST or None, givers=givers, takers=without(choices.staff(), user.pk), initial=initial)
    where = reverse("schedule", args=[slug])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        back = (given["return_starts_at"], given["return_ends_at"]) if given["return_starts_at"] else None
        try:
            asked = people.person(UUID(form.value("offered_to")))
            actions.offer_swap(
                schedule_id=row.pk, offered_by=people.person(UUID(form.value("offered_by"))), offered_to=asked,
                starts_at=given["starts_at"], ends_at=given["ends_at"], in_return=back, reason=form.value("reason"),
                by=user, now=now(request),
            )  # fmt: skip
            return done(request, where, f"{asked.name} is asked. Until they accept, nothing changes.")
        except TocsinError as error:
            form.refuse(error)
    lead = "They are told at once and answer under “My shifts”. Until they accept, the duty stays where it is."
    return sheet(request, form, title=f"Offer a swap in {row.name}", submit="Ask them", cancel=where, lead=lead)


@worker
@require_POST
def answer_swap(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """Accept or decline a swap that I am asked for."""
    oncall.access_swap(viewer(request), swap_id)
    accept = request.POST.get("answer") == "accept"
    actions.answer_swap(
        swap_id=swap_id, accept=accept, by=viewer(request), now=now(request), answer=request.POST.get("why", "")[:200]
    )
    said = "The duty is yours in that time." if accept else "Declined. They are told."
    return done(request, reverse("my_shifts"), said)


@worker
@require_POST
def withdraw_swap(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """Take my offer back before it is answered."""
    oncall.access_swap(viewer(request), swap_id)
    actions.withdraw_swap(swap_id=swap_id, by=viewer(request), now=now(request))
    return done(request, reverse("my_shifts"), "The offer is taken back.")


def _may_put(request: HttpRequest, row: Schedule) -> list[tuple[str, str]]:
    """Return whom the viewer may put on duty: everybody, or themselves."""
    user = viewer(request)
    return choices.staff() if may_put_on_duty.test(user, row) else [(str(user.pk), user.name)]


def _places(row: Schedule, at: datetime) -> list[tuple[str, str]]:
    """Return what an override can replace beside everybody: a layer's people, or one of those who take turns."""
    found = oncall.participants(row.slug, at)
    layers = [(f"layer:{layer.name}", f"the people of {layer.name}") for layer in oncall.layers_now(row)]
    names = people.names_of(str(pk) for pk in found[1]) if found else {}
    return layers + [(f"person:{pk}", name) for pk, name in sorted(names.items(), key=lambda one: one[1])]


def _usual_span(request: HttpRequest, row: Schedule) -> tuple[datetime, datetime]:
    """Return from when (what the address asks, else now) until when (the next hand-over) an override usually lasts."""
    asked = parse_datetime(request.GET.get("from", "")[:40]) if request.GET.get("from") else None
    at = now(request).replace(second=0, microsecond=0)
    starts = max(asked, at) if asked is not None and asked.tzinfo is not None else at
    view = merged(final_view(oncall.schedule_of(row.slug), starts, starts + AHEAD))
    return starts, view[0].end if len(view) > 1 else starts + USUAL


def _on_now(row: Schedule, at: datetime) -> str:
    return ", ".join(oncall.who_is_on_now([row.slug], at)[row.slug].names) or "nobody"


def _own_next(row: Schedule, user: User, at: datetime) -> dict[str, datetime]:
    """Return the person's next duty in this schedule, which is what they usually want to give away."""
    own = next((stretch for slug, stretch in oncall.shifts_of(user.pk, at, at + AHEAD) if slug == row.slug), None)
    return {"starts_at": own.start, "ends_at": own.end} if own else {}
