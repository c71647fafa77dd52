"""The organisation's settings: catch-all, maintenance windows, agreements, and how the engine does."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import actions
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.rules import may_plan_maintenance, may_set_catch_all
from tocsin.domain.journal import queries as journal
from tocsin.domain.notify import queries as notify
from tocsin.domain.people import queries as people
from tocsin.domain.sla import queries as sla
from tocsin.domain.sla.enums import TargetKind
from tocsin.domain.sla.models import Agreement
from tocsin.domain.tickets.enums import Priority
from tocsin.intake.email import queries as mail
from tocsin.intake.email.rules import may_handle_mail
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import administrator, now, planner, staff, viewer
from tocsin.web.control.forms import CatchAllForm, MaintenanceForm
from tocsin.web.desk import choices
from tocsin.web.sheets import done, sheet
from tocsin.web.words import promised


@staff
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everything at a glance; each part is changed in its sheet."""
    at, user = now(request), viewer(request)
    catch_all = escalation.catch_all()
    context = {
        "catch_all": catch_all,
        "catch_all_reachable": bool(catch_all and notify.reachable([catch_all.pk])),
        "windows": [{"window": w, "open": w.starts_at <= at} for w in escalation.maintenance_windows(at)],
        "agreements": [{"agreement": a, "rows": _promises(a)} for a in sla.agreements()],
        "health": notify.engine_health(at),
        "outbox": notify.outbox_health(at),
        "alarms": _alarms(),
        "mail": mail.health(at),
        "may": {
            "catch_all": may_set_catch_all.test(user),
            "maintain": may_plan_maintenance.test(user),
            "mail": may_handle_mail.test(user),
        },
        "section": "settings",
    }
    return render(request, "control/settings.html", context)


def _promises(agreement: Agreement) -> list[dict[str, object]]:
    """Return one row for each kind of promise: its time for each priority, "" where nothing is promised."""
    found = {(t.kind, t.priority, t.team_id): t.seconds for t in agreement.targets.all()}
    kinds = dict.fromkeys((kind, team) for kind, _, team in found)
    names = {team.pk: team.name for team in people.teams()}
    return [
        {
            "label": TargetKind(kind).label + (f": {names.get(team, '')}" if team else ""),
            "times": [promised(found[kind, p, team]) if (kind, p, team) in found else "" for p in Priority],
        }
        for kind, team in kinds
    ]


def _alarms() -> list[dict[str, object]]:
    """Return the latest alarms with their reason in words."""
    entries = [entry for entry in journal.latest("system", limit=300) if entry.kind.startswith("alarm.")]
    return [
        {"kind": e.kind, "at": e.at, "why": str(e.data.get("reason") or e.data.get("error") or "").replace("_", " ")}
        for e in entries[:10]
    ]


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def catch_all(request: HttpRequest) -> HttpResponse:
    """Name who is paged when a whole ladder is empty or unanswered."""
    current = escalation.catch_all()
    form = CatchAllForm(request.POST or None, initial={"user": current.pk if current else ""}, people=choices.staff())
    where = reverse("settings")
    if request.method == "POST" and form.is_valid():
        try:
            person = people.person(UUID(form.value("user")))
            actions.set_catch_all(user=person, by=viewer(request), now=now(request))
            return done(request, where, f"{person.name} is the catch-all.")
        except TocsinError as error:
            form.refuse(error)
    lead = "Who is paged when a whole ladder is empty, or nobody on it answered."
    return sheet(request, form, title="Catch-all", submit="Set", cancel=where, lead=lead)


@planner
@require_http_methods(["GET", "HEAD", "POST"])
def plan_maintenance(request: HttpRequest) -> HttpResponse:
    """Put off the steps of ladders between two instants."""
    form = MaintenanceForm(request.POST or None, services=choices.services())
    where = reverse("settings")
    if request.method == "POST" and form.is_valid():
        try:
            actions.plan_maintenance(
                service=choices.service_of(form.uuid("service")), starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"], reason=form.value("reason"), by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, where, "The window is planned.")
        except TocsinError as error:
            form.refuse(error)
    lead = "Steps that fall into the window are put off to its end and looked at anew then. Times are in your zone."
    return sheet(request, form, title="Plan maintenance", submit="Plan", cancel=where, lead=lead)


@planner
@require_POST
def end_maintenance(request: HttpRequest, window_id: UUID) -> HttpResponse:
    actions.end_maintenance(window_id=window_id, by=viewer(request), now=now(request))
    return done(request, reverse("settings"), "The window is over.")
