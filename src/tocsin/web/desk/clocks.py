"""Why a clock did or did not run out (SEMANTICS 2), and agreeing on another date."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.sla import actions
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk.faces import Face
from tocsin.web.desk.ticket import clocks_of
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet


class AgreeForm(Form):
    due_at = forms.DateTimeField(
        label="Agreed date", required=False, help_text="Sticks until it is cleared. Empty: clear it, the agreement counts again.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


@staff
@require_safe
def trace(request: HttpRequest, number: int, clock_id: UUID) -> HttpResponse:
    """Each start, pause, resume and recomputation with cause and amounts."""
    found = tickets.access_ticket(viewer(request), number)
    face = _face(request, number, clock_id)
    return sheet(
        request, None, title=f"{face.label} of {found.reference}", cancel=reverse("ticket", args=[number]),
        template="desk/clock_trace.html", face=face, steps=sla.explain(clock_id), clock_id=clock_id, number=number,
        may_agree=rules.may_work_on_ticket.test(viewer(request), found),
    )  # fmt: skip


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, number: int, clock_id: UUID) -> HttpResponse:
    """Set or clear a manually agreed date."""
    face = _face(request, number, clock_id)
    form = AgreeForm(request.POST or None)
    where = reverse("ticket", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            actions.agree_due(
                clock_id=clock_id, due_at=form.cleaned_data["due_at"], by=viewer(request), now=now(request)
            )
            return done(
                request,
                where,
                "The agreed date is set." if form.cleaned_data["due_at"] else "The agreed date is cleared.",
            )
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Agree on a date: {face.label}", submit="Set", cancel=where)


def _face(request: HttpRequest, number: int, clock_id: UUID) -> Face:
    """Return a clock of a ticket that the viewer may see. Raises NotFound."""
    found = tickets.access_ticket(viewer(request), number)
    face = next((face for face in clocks_of(found, now(request)) if face.id == clock_id), None)
    if face is None:
        raise NotFound("clock_not_found", "There is no such clock on this ticket.")
    return face
