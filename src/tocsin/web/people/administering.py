"""What administrators do to people: invite, change, deactivate, let in again. All of it is journalled by the actions."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import queries as escalations
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people import actions
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import Organisation, Team, User
from tocsin.domain.people.one_time import url_of
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.queries import QueueFilters
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import administrator, now, viewer
from tocsin.web.accounts import credentials
from tocsin.web.desk import choices
from tocsin.web.people.admin_forms import InviteForm, LeavingForm, PersonForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]
AHEAD = timedelta(days=60)  # shifts that are shown to whoever deactivates somebody


def organisation_choices() -> list[tuple[str, str]]:
    return [(str(row.pk), row.name) for row in people.organisations()]


def _organisation(pk: UUID | None) -> Organisation | None:
    return people.organisation(pk) if pk else None


@administrator
@require_http_methods(GET_OR_POST)
def invite(request: HttpRequest) -> HttpResponse:
    """Add a person and mail them a link by which they set their own password."""
    by, at = viewer(request), now(request)
    form = InviteForm(request.POST or None, organisations=organisation_choices(), people=choices.staff())
    if request.method == "POST" and form.is_valid():
        try:
            link = actions.invite(
                email=form.value("email"), name=form.value("name"), role=form.value("role"),
                organisation=_organisation(form.uuid("organisation")), manager=choices.person_of(form.uuid("manager")),
                zone=form.value("zone"), by=by, now=at,
            )  # fmt: skip
            return done(request, reverse("person_invitation", args=[link.user_id]), "The invitation is on its way.")
        except TocsinError as error:
            form.refuse(error)
    lead = "They get a link by mail, good for seven days, once. Teams are chosen afterwards."
    return sheet(request, form, title="Invite a person", submit="Invite", cancel=reverse("people"), lead=lead)


@administrator
@require_safe
def invitation(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """The open invitation of a person: until when it is good, and the link for where mail does not arrive."""
    found = people.person(user_id)
    link = people.open_invitation(found.pk, now(request))
    address = url_of(link.pk, link.purpose) if link else ""
    context = {"person": found, "link": link, "address": address, "base_url": settings.BASE_URL, "section": "people"}
    return render(request, "people/invitation.html", context)


@administrator
@require_POST
def invite_again(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Mail a new invitation; the earlier ones are good no more."""
    actions.invite_again(user_id=user_id, by=viewer(request), now=now(request))
    return done(request, reverse("person_invitation", args=[user_id]), "A new invitation is on its way.")


@administrator
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Role, organisation, manager, teams, skills: everything about a person that others decide."""
    found = people.person(user_id)
    teams = people.teams()
    mine = {str(team.pk) for team in people.teams_of(found)}
    initial = {
        "name": found.name, "email": found.email, "role": found.role, "zone": found.zone,
        "organisation": found.organisation_id, "manager": found.manager_id, "teams": sorted(mine),
        "sees_organisation": found.sees_organisation,
    }  # fmt: skip
    form = PersonForm(
        request.POST or None, initial=initial, organisations=organisation_choices(),
        people=[one for one in choices.staff() if one[0] != str(found.pk)], teams=[(str(t.pk), t.name) for t in teams],
    )  # fmt: skip
    where = reverse("person", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        try:
            _change(request, found, form, teams)
            return done(request, where, "Saved.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Change {found.name}", submit="Save", cancel=where)


def _change(request: HttpRequest, found: User, form: PersonForm, teams: list[Team]) -> None:
    by, at = viewer(request), now(request)
    told = {
        "name": form.value("name"), "email": form.value("email"), "role": form.value("role"),
        "zone": form.value("zone"), "organisation": _organisation(form.uuid("organisation")),
        "manager": choices.person_of(form.uuid("manager")), "sees_organisation": form.cleaned_data["sees_organisation"],
    }  # fmt: skip
    chosen = set(form.cleaned_data["teams"])
    with transaction.atomic():
        changed = actions.edit_person(user_id=found.pk, by=by, now=at, **told)
        actions.set_teams(user=changed, teams=[team for team in teams if str(team.pk) in chosen], by=by, now=at)


@administrator
@require_http_methods(GET_OR_POST)
def deactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """End what a person may do. What they still hold is shown, and handed over or let go on purpose."""
    found = people.person(user_id)
    held = _held(request, found)
    form = LeavingForm(
        request.POST or None,
        people=[one for one in choices.staff() if one[0] != str(found.pk)],
        holds=bool(held["count"]),
    )
    where = reverse("person", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        try:
            moved = escalation.leave(
                user_id=found.pk,
                successor=choices.person_of(form.uuid("successor")),
                by=viewer(request),
                now=now(request),
            )
            credentials.end_sessions(found)
            said = (
                f"{found.name} is deactivated. {moved} tickets were passed on."
                if moved
                else f"{found.name} is deactivated."
            )
            return done(request, where, said)
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title=f"Deactivate {found.name}", submit="Deactivate", cancel=where,
        template="people/deactivate.html", held=held, person=found,
    )  # fmt: skip


def _held(request: HttpRequest, found: User) -> dict[str, object]:
    """What a person still holds: tickets, offers, escalations, shifts, and what hangs on them."""
    at = now(request)
    owned = tickets.queue(viewer(request), QueueFilters(owner=found.email, size=50))
    offers = tickets.handovers_waiting_for(found, at)
    paged = escalations.open_runs_for(found)
    shifts = oncall.shifts_of(found.pk, at, at + AHEAD)
    charge = {what: names for what, names in people.charge_of(found).items() if names}
    count = owned.total + len(offers) + len(paged) + len(shifts) + len(charge)
    return {
        "owned": owned, "offers": offers, "paged": paged, "shifts": shifts[:10], "shift_count": len(shifts),
        "charge": charge, "count": count,
    }  # fmt: skip


@administrator
@require_POST
def reactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Let somebody in again."""
    found = actions.reactivate(user_id=user_id, by=viewer(request), now=now(request))
    return done(request, reverse("person", args=[found.pk]), f"{found.name} may sign in again.")


@administrator
@require_POST
def sign_out_everywhere(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """End every session of a person (a lost laptop)."""
    found = people.person(user_id)
    count = credentials.end_sessions(found)
    actions.credential_changed(user=found, what="signed out everywhere", by=viewer(request), now=now(request))
    return done(request, reverse("person", args=[found.pk]), f"{found.name} is signed out of {count} browsers.")


@administrator
@require_POST
def forget_second_factor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Take a lost second factor away; the person is told nothing here: whoever asks must be known to you."""
    found = people.person(user_id)
    if credentials.forget_second_factors(found):
        credentials.end_sessions(found)
        actions.credential_changed(user=found, what="second factor taken away", by=viewer(request), now=now(request))
    return done(request, reverse("person", args=[found.pk]), "The second factor is taken away.")
