"""The operator's language model: set up by administrators, asked on tickets, its drafts checked by people."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.enums import Wanted
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import administrator, now, viewer, worker
from tocsin.web.fields import Form
from tocsin.web.listening.forms import AssistantForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@administrator
@require_http_methods(GET_OR_POST)
def settings(request: HttpRequest) -> HttpResponse:
    """Set the endpoint up, or switch it off."""
    found = queries.assistant()
    first = {}
    if found:
        first = {name: getattr(found, name) for name in ("enabled", "url", "model", "timeout")}
    form = AssistantForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_assistant(
                enabled=form.cleaned_data["enabled"], url=form.value("url"), model=form.value("model"),
                key=form.value("key"), drop_key=form.cleaned_data["drop_key"], timeout=form.cleaned_data["timeout"],
                by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, reverse("assistant"), "Saved.")
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "found": found, "section": "settings"}
    return render(request, "listening/assistant.html", context, status=422 if form.errors else 200)


@administrator
@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """Ask the endpoint for one short text, with nothing of any ticket."""
    said = actions.try_assistant(by=viewer(request))
    return done(request, reverse("assistant"), f"It answers: {' '.join(said.split())[:200]}")


@worker
@require_http_methods(GET_OR_POST)
def ask(request: HttpRequest, number: int, wanted: str) -> HttpResponse:
    """See what would be sent; on POST have it drafted, and show the draft with its sources."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    if wanted not in Wanted.values or not queries.is_assistant_on():
        raise NotFound("assistant_off", "The assistant is off. An administrator sets it up under Settings.")
    form = Form(request.POST if request.method == "POST" else None)
    made = None
    if request.method == "POST":
        form.is_valid()
        try:
            made = actions.ask_assistant(ticket=found, wanted=wanted, by=user, now=now(request))
        except TocsinError as error:
            form.refuse(error)
    sources = _sources(found, made.sources) if made else []
    return sheet(
        request, form, title=str(Wanted(wanted).label), submit="Ask again" if made or form.errors else "Ask for it",
        cancel=reverse("ticket", args=[number]), template="listening/assist.html", made=made, sources=sources,
        ticket=found, setup=queries.assistant(),
    )  # fmt: skip


def _sources(found: Ticket, ids: list[str]) -> list[dict[str, str]]:
    anchors = {str(pk): anchor for pk, anchor in queries.anchors_of(found.pk).items()}
    return [
        {"anchor": anchors.get(pk, "e0"), "words": f"message {place}" if pk else "the request itself"}
        for place, pk in enumerate(ids)
    ]


@worker
@require_POST
def insert(request: HttpRequest, number: int, draft_id: UUID) -> HttpResponse:
    """Give the composer a draft, to be read and changed by whoever sends it."""
    found = tickets.access_ticket(viewer(request), number)
    draft = queries.draft_of(found.pk, draft_id)
    kind = "reply" if draft.wanted == Wanted.REPLY else "note"
    return JsonResponse({"kind": kind, "body": draft.text, "status": ""})
