"""The update (`U`): written once, shown as each audience will read it with everybody's name, then sent."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions, queries
from tocsin.domain.stakeholders.enums import Way
from tocsin.domain.stakeholders.models import Update
from tocsin.domain.stakeholders.queries import Composed, Group, Words
from tocsin.domain.status import actions as status
from tocsin.domain.status.queries import Outlet
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import Conflict, InvalidInput, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.sheets import done, sheet
from tocsin.web.stakeholders import on_pages
from tocsin.web.stakeholders.forms import NEXT, UpdateForm

GET_OR_POST = ["GET", "HEAD", "POST"]
OLD = "Words or recipients have changed since the preview. Look at it again, then send."
SHOW = "Show who reads what"
NAMED = 12  # people named for each audience; the rest is counted, and all are in the list below


@worker
@require_http_methods(GET_OR_POST)
def update(request: HttpRequest, number: int) -> HttpResponse:
    """Write an update; without script the first press shows it as it will be read, the second sends it."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    where = reverse("ticket", args=[number])
    live = queries.live_communications(found.pk)
    if not live:
        return sheet(
            request, None, title=f"Update on {found.reference}", cancel=where, template="stakeholders/update_none.html",
            ticket=found,
        )  # fmt: skip
    form = UpdateForm(request.POST or None)
    outlets = on_pages.offer(form, found, closing=_closing(live))
    context: dict[str, Any] = {"composed": None}
    if request.method == "POST" and form.is_valid():
        try:
            composed = queries.compose(ticket_id=found, words=_words(request, form), by=user, now=now(request))
            if form.value("seal") == seal_of(composed, outlets, form):
                sent = _send(request, composed, form)
                return done(request, where, f"Update {sent.number} is on its way.")
            context = preview_of(composed, outlets, form)
            if form.value("seal"):
                form.refuse(Conflict("preview_old", OLD))
        except TocsinError as error:
            form.refuse(error)
    minutes = queries.suggested_minutes(found)
    return sheet(
        request, form, title=f"{'Closing update' if _closing(live) else 'Update'} on {found.reference}", cancel=where,
        template="stakeholders/update.html", ticket=found, closing=_closing(live), by_plan=minutes, outlets=outlets,
        new_pages=any(one.incident is None for one in outlets),
        preview_address=reverse("ticket_update_preview", args=[number]), **context,
    )  # fmt: skip


def _closing(live: list[Any]) -> bool:
    return all(one.state == "closing" for one in live)


def _words(request: HttpRequest, form: UpdateForm) -> Words:
    minutes = form.value("next")
    next_at = now(request) + timedelta(minutes=int(minutes)) if minutes else None
    return Words(outward=form.value("outward"), inward=form.value("inward"), next_at=next_at)


def _send(request: HttpRequest, composed: Composed, form: UpdateForm) -> Update:
    words = composed.words
    return status.send_update_with_pages(
        ticket_id=composed.ticket.pk, outward=words.outward, inward=words.inward, next_at=words.next_at,
        told=on_pages.told_of(form), by=viewer(request), now=composed.now, seal=composed.seal,
    )  # fmt: skip


@worker
@require_POST
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """Draw the update as each audience will read it. Nothing is changed by it."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    form = UpdateForm(request.POST)
    outlets = on_pages.offer(form, found, closing=False)
    context: dict[str, Any] = {"composed": None, "problem": ""}
    if form.is_valid():
        try:
            composed = queries.compose(ticket_id=found, words=_words(request, form), by=user, now=now(request))
            try:
                context = preview_of(composed, outlets, form)
            except InvalidInput as error:  # of the pages: the audiences are shown all the same, and nothing can be sent
                form.cleaned_data["pages"] = []
                context = preview_of(composed, outlets, form) | {
                    "problem": error.message,
                    "seal": "",
                    "send_label": SHOW,
                }
        except TocsinError as error:
            context["problem"] = error.message
    return render(request, "stakeholders/update_preview.html", context | {"fragment": True})


def seal_of(composed: Composed, outlets: list[Outlet], form: UpdateForm) -> str:
    """Return what names a preview: its words, people and pages, and "in an hour" rather than the minute that it is now."""
    words = Words(outward=composed.words.outward, inward=composed.words.inward, next_at=None)
    told = [str(one.user.pk) for group in composed.groups for one in group.recipients]
    told.append(on_pages.seal_of(outlets, on_pages.told_of(form)))
    return f"{Composed.digest(words, composed.closing, told)}.{form.value('next')}"


def preview_of(composed: Composed, outlets: list[Outlet], form: UpdateForm) -> dict[str, Any]:
    """Return what the preview shows."""
    told = on_pages.preview_of(outlets, on_pages.told_of(form), composed.ticket, composed.words.outward)
    shown = [_audience(composed, group) for group in composed.groups]
    total = sum(len(group.recipients) for group in composed.groups)
    return {
        "composed": composed, "audiences": shown, "total": total, "seal": seal_of(composed, outlets, form),
        "send_label": _send_label(total, len(told["pages"])), **told,
    }  # fmt: skip


def _send_label(people: int, pages: int) -> str:
    """Return what the button says; whole sentences, so that each can be said in another language."""
    if not people:
        return f"Send to status pages: {pages}" if pages else "Keep it on the ticket"
    if not pages:
        return f"Send to {people} people" if people > 1 else "Send to 1 person"
    if pages > 1:
        return (
            f"Send to {people} people and {pages} status pages"
            if people > 1
            else f"Send to 1 person and {pages} status pages"
        )
    return f"Send to {people} people and 1 status page" if people > 1 else "Send to 1 person and 1 status page"


def _audience(composed: Composed, group: Group) -> dict[str, Any]:
    """Return one audience: who, by which ways, and each wording that is read in it."""
    readings = []
    for house, label in ((True, "our people read"), (False, "the customer's people read")):
        readers = [one for one in group.recipients if one.house is house]
        if readers:
            readings.append(
                {"label": label, "count": len(readers), "subject": composed.subject_for(group, readers[0]),
                 "body": composed.body_for(group, readers[0]), "to": readers[0].user.name}
            )  # fmt: skip
    return {
        "label": group.audience.label, "count": len(group.recipients), "readings": readings,
        "names": [one.user.name for one in group.recipients[:NAMED]], "more": max(len(group.recipients) - NAMED, 0),
        "unreached": [one.name for one in queries.out_of_reach(group)],
        "ways": _ways(group), "everybody": [f"{one.user.name} <{one.user.email}>" for one in group.recipients],
    }  # fmt: skip


def _ways(group: Group) -> list[str]:
    counted: dict[str, int] = {}
    for one in group.recipients:
        for way in one.ways:
            counted[way] = counted.get(way, 0) + 1
    return [f"{Way(way).label}: {n}" for way, n in counted.items()]


@worker
@require_POST
def no_closing(request: HttpRequest, number: int) -> HttpResponse:
    """Say that no closing update is needed."""
    user: User = viewer(request)
    found = tickets.access_ticket(user, number)
    actions.end_without_closing(ticket_id=found.pk, by=user, now=now(request))
    return done(request, reverse("ticket", args=[number]), "The communication plan has ended.")


__all__ = ["NEXT", "no_closing", "preview", "update"]
