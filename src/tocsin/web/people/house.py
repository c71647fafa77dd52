"""Teams, organisations and services: what administrators keep in order."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.people import actions
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator, may_manage_team
from tocsin.kernel.errors import NotAllowed, TocsinError
from tocsin.web.access import administrator, now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.people.admin_forms import OrganisationForm, ServiceForm, TeamForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@administrator
@require_http_methods(GET_OR_POST)
def new_team(request: HttpRequest) -> HttpResponse:
    """Add a team."""
    form = TeamForm(request.POST or None, people=choices.staff(), teams=choices.teams())
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_team(
                name=form.value("name"), slug=slugify(form.value("name"))[:80], line=form.value("line"),
                lead=choices.person_of(form.uuid("lead")), escalates_to=choices.team_of(form.uuid("escalates_to")),
                escalation_manager=choices.person_of(form.uuid("escalation_manager")), members=_members(form),
                by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, reverse("team", args=[made.slug]), f"{made.name} is there.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New team", submit="Add the team", cancel=reverse("people"))


def _members(form: TeamForm) -> list[User]:
    return [person for pk in form.cleaned_data["members"] if (person := choices.person_of(UUID(pk)))]


@worker
@require_http_methods(GET_OR_POST)
def edit_team(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a team: by its lead, an escalation manager or an administrator."""
    found = people.team_by_slug(slug)
    if not may_manage_team.test(viewer(request), found):
        raise NotAllowed(
            "not_allowed", "Only the team's lead, an escalation manager or an administrator can change a team."
        )
    initial = {
        "name": found.name, "line": found.line, "lead": found.lead_id, "escalation_manager": found.escalation_manager_id,
        "escalates_to": found.escalates_to_id, "members": [str(one.pk) for one in people.members_of_team(found.pk)],
    }  # fmt: skip
    others = [one for one in choices.teams() if one[0] != str(found.pk)]
    form = TeamForm(request.POST or None, initial=initial, people=choices.staff(), teams=others)
    where = reverse("team", args=[found.slug])
    if request.method == "POST" and form.is_valid():
        by, at = viewer(request), now(request)
        try:
            with transaction.atomic():
                # Members first: whoever hands the lead over may still say who is in it.
                actions.set_members(team_id=found.pk, members=_members(form), by=by, now=at)
                actions.edit_team(
                    team_id=found.pk, name=form.value("name"), line=form.value("line"),
                    lead=choices.person_of(form.uuid("lead")), escalates_to=choices.team_of(form.uuid("escalates_to")),
                    escalation_manager=choices.person_of(form.uuid("escalation_manager")), by=by, now=at,
                )  # fmt: skip
            return done(request, where, "Saved.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Change {found.name}", submit="Save", cancel=where)


@staff
@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """Customers, their account managers, and who sees what in the portal."""
    context = {
        "rows": people.organisations(), "may_change": is_administrator.test(viewer(request)), "section": "organisations",
    }  # fmt: skip
    return render(request, "people/organisations.html", context)


@staff
@require_safe
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """One customer and its people."""
    found = people.organisation(organisation_id)
    context = {
        "organisation": found, "rows": people.people_of(found.pk), "section": "organisations",
        "may_change": is_administrator.test(viewer(request)),
    }  # fmt: skip
    return render(request, "people/organisation.html", context)


@administrator
@require_http_methods(GET_OR_POST)
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Add a customer."""
    form = OrganisationForm(request.POST or None, people=choices.staff())
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = actions.create_organisation(
                    name=form.value("name"), zone=form.value("zone"), external_ref=form.value("external_ref"),
                    account_manager=choices.person_of(form.uuid("account_manager")), by=viewer(request), now=now(request),
                )  # fmt: skip
                actions.edit_organisation(
                    organisation_id=made.pk, members_see_all=form.cleaned_data["members_see_all"], by=viewer(request),
                    now=now(request),
                )  # fmt: skip
            return done(request, reverse("organisation", args=[made.pk]), f"{made.name} is there.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New organisation", submit="Add it", cancel=reverse("organisations"))


@administrator
@require_http_methods(GET_OR_POST)
def edit_organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Change a customer, and whether its people see one another's tickets."""
    found = people.organisation(organisation_id)
    initial = {
        "name": found.name, "zone": found.zone, "external_ref": found.external_ref,
        "account_manager": found.account_manager_id, "members_see_all": found.members_see_all,
    }  # fmt: skip
    form = OrganisationForm(request.POST or None, initial=initial, people=choices.staff())
    where = reverse("organisation", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        by, at = viewer(request), now(request)
        try:
            with transaction.atomic():
                actions.edit_organisation(
                    organisation_id=found.pk, name=form.value("name"), zone=form.value("zone"),
                    external_ref=form.value("external_ref"), members_see_all=form.cleaned_data["members_see_all"], by=by,
                    now=at,
                )  # fmt: skip
                actions.set_account_manager(
                    organisation_id=found.pk, user=choices.person_of(form.uuid("account_manager")), by=by, now=at
                )
            return done(request, where, "Saved.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Change {found.name}", submit="Save", cancel=where)


@staff
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """What the business uses, which team owns it, and what customers may choose."""
    context = {"rows": people.services(), "may_change": is_administrator.test(viewer(request)), "section": "services"}
    return render(request, "people/services.html", context)


@administrator
@require_http_methods(GET_OR_POST)
def new_service(request: HttpRequest) -> HttpResponse:
    """Add a service."""
    form = ServiceForm(request.POST or None, teams=choices.teams())
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_service(
                name=form.value("name"), slug=slugify(form.value("name"))[:80], team=choices.team_of(form.uuid("team")),
                offered=form.cleaned_data["offered"], categories=form.value("categories").splitlines(),
                by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, reverse("services"), f"{made.name} is there.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New service", submit="Add it", cancel=reverse("services"))


@administrator
@require_http_methods(GET_OR_POST)
def edit_service(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a service: its team, and what customers may choose."""
    found = people.service_by_slug(slug)
    initial = {
        "name": found.name, "team": found.team_id, "offered": found.offered, "categories": "\n".join(found.categories),
    }  # fmt: skip
    form = ServiceForm(request.POST or None, initial=initial, teams=choices.teams())
    where = reverse("services")
    if request.method == "POST" and form.is_valid():
        by, at = viewer(request), now(request)
        try:
            with transaction.atomic():
                actions.edit_service(
                    service_id=found.pk, name=form.value("name"), offered=form.cleaned_data["offered"],
                    categories=form.value("categories").splitlines(), by=by, now=at,
                )  # fmt: skip
                actions.set_service_team(service_id=found.pk, team=choices.team_of(form.uuid("team")), by=by, now=at)
            return done(request, where, "Saved.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Change {found.name}", submit="Save", cancel=where)
