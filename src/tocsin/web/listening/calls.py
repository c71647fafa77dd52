"""Notes of a call, guided: let them tell it, restate it, agree on the next step, say when they hear from you."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.actions import Call
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.listening.forms import CallNotesForm
from tocsin.web.sheets import done


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def call_notes(request: HttpRequest, number: int) -> HttpResponse:
    """Write a call down; what matters to them goes into the record, all of it into a note."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    first = {"told": found.description} if request.GET.get("from") == "call" else {}
    form = CallNotesForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_call(ticket_id=found.pk, call=_call(form), by=user, now=now(request))
            return done(request, reverse("ticket", args=[number]), "The call is written down.")
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "ticket": found, "heard": queries.heard_on(found.pk), "section": "queue"}
    return render(request, "listening/call.html", context, status=422 if form.errors else 200)


def _call(form: CallNotesForm) -> Call:
    agreed = {"yes": True, "no": False}.get(form.value("agreed"))
    feeling = form.value("feeling")
    return Call(
        told=form.value("told"), concerns=[line.strip("-*• ") for line in form.value("concerns").splitlines()],
        impact=form.value("impact"), wanted=form.value("wanted"), restated=form.value("restated"), agreed=agreed,
        missing=form.value("missing"), next_step=form.value("next_step"), next_by=form.cleaned_data["next_by"],
        feeling=int(feeling) if feeling else None,
    )  # fmt: skip
