"""While somebody writes on a ticket: who else is there, the kept draft, macros, and taking a sent reply back."""

from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.desk import actions
from tocsin.domain.desk import queries as desk
from tocsin.domain.desk.enums import Doing
from tocsin.domain.desk.logic.macros import VARIABLES, fill
from tocsin.domain.desk.models import Macro
from tocsin.domain.desk.rules import may_change_macro, may_share_macros
from tocsin.domain.people import queries as people
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk.forms import MacroForm
from tocsin.web.sheets import done, sheet
from tocsin.web.words import absolute

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_POST
def presence(request: HttpRequest, number: int) -> HttpResponse:
    """Say that I am here (viewing, replying) or have gone; the answer shows who else is."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    doing = request.POST.get("doing", Doing.VIEWING)
    if doing == "gone":
        actions.leave(ticket_id=found.pk, by=user)
    else:
        actions.see(ticket_id=found.pk, doing=doing, by=user, now=now(request))
    return render(request, "desk/onlookers.html", {"onlookers": desk.onlookers(found.pk, user, now(request))})


@worker
@require_POST
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """Keep what I have written so far, on the server."""
    found = tickets.access_ticket(viewer(request), number)
    actions.keep_draft(
        ticket_id=found.pk, kind=request.POST.get("kind", ""), body=request.POST.get("body", ""),
        seen=request.POST.get("seen", ""), by=viewer(request), now=now(request),
    )  # fmt: skip
    return HttpResponse(status=204)


@worker
@require_POST
def take_back(request: HttpRequest, number: int, held_id: UUID) -> HttpResponse:
    """Undo send: the reply is a draft again (check 20)."""
    found = tickets.access_ticket(viewer(request), number)
    actions.take_back(held_id=held_id, by=viewer(request), now=now(request))
    return done(request, reverse("ticket", args=[found.number]), "Taken back. Your text is in the composer.")


@worker
@require_safe
def macros(request: HttpRequest, number: int) -> HttpResponse:
    """Choose a macro for this ticket; each is shown as it would read."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    wanted = request.GET.get("q", "").strip().lower()
    values = _values(request, found)
    shown = [
        {"macro": macro, "text": fill(macro.body, values)}
        for macro in desk.macros_for(user)
        if wanted in macro.name.lower() or wanted in macro.body.lower()
    ][:60]
    context = {"ticket": found, "macros": shown, "q": wanted, "layout": _layout(request), "sheet_title": "Macros"}
    return render(request, "desk/macro_choice.html", context)


@worker
@require_POST
def use_macro(request: HttpRequest, number: int, macro_id: UUID) -> HttpResponse:
    """Give the composer a macro's text for this ticket, and count the use."""
    found = tickets.access_ticket(viewer(request), number)
    macro = desk.access_macro(viewer(request), macro_id)
    actions.use_macro(macro_id=macro.pk)
    text = fill(macro.body, _values(request, found))
    return JsonResponse({"kind": macro.kind, "body": text, "status": macro.status})


@worker
@require_safe
def macro_list(request: HttpRequest) -> HttpResponse:
    """Everything I can use, and what I may change."""
    user = viewer(request)
    shown = [{"macro": macro, "may_change": may_change_macro.test(user, macro)} for macro in desk.macros_for(user)]
    return render(request, "desk/macros.html", {"macros": shown, "variables": VARIABLES, "section": "macros"})


@worker
@require_http_methods(GET_OR_POST)
def macro_edit(request: HttpRequest, macro_id: UUID | None = None) -> HttpResponse:
    """Write a macro, or change one."""
    user = viewer(request)
    macro = desk.access_macro(user, macro_id) if macro_id else None
    may_share = may_share_macros.test(user)
    form = MacroForm(request.POST or None, initial=_initial(macro), teams=people.teams(), may_share=may_share)
    where = reverse("macros")
    if request.method == "POST" and form.is_valid():
        scope = form.value("scope")
        team = next((team for team in people.teams() if str(team.pk) == scope), None)
        try:
            actions.save_macro(
                name=form.value("name"), body=form.value("body"), kind=form.value("kind"), status=form.value("status"),
                team=team, shared=scope == "everybody", macro_id=macro_id, by=user, now=now(request),
            )  # fmt: skip
            return done(request, where, "The macro is saved.")
        except TocsinError as error:
            form.refuse(error)
    title = f"Change {macro.name}" if macro else "New macro"
    return sheet(request, form, title=title, submit="Save the macro", cancel=where)


@worker
@require_POST
def macro_delete(request: HttpRequest, macro_id: UUID) -> HttpResponse:
    """Delete it."""
    actions.delete_macro(macro_id=macro_id, by=viewer(request), now=now(request))
    return redirect("macros")


def _initial(macro: Macro | None) -> dict[str, str]:
    if macro is None:
        return {"scope": "mine"}
    scope = str(macro.team_id) if macro.team_id else "mine" if macro.owner_id else "everybody"
    return {"name": macro.name, "body": macro.body, "kind": macro.kind, "status": macro.status, "scope": scope}


def _values(request: HttpRequest, found: Ticket) -> dict[str, str]:
    """Return the variables; the next update is told in the requester's time."""
    clock = sla.next_breaches([found.pk], now(request)).get(found.pk)
    due = ""
    if clock is not None and clock.due_at is not None:
        zone = found.requester.zone if found.requester else "UTC"
        due = absolute(clock.due_at.astimezone(_zone_of(zone)))
    return desk.values_for(found, viewer(request), due)


def _zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _layout(request: HttpRequest) -> str:
    return "sheet_fragment.html" if getattr(request, "htmx", False) else "sheet_page.html"
