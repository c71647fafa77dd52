"""People and teams: who they are, whom they answer to, who stands in (UX: leads and administrators look here first)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.reaching import judgements, unreachable_reasons
from tocsin.domain.people import actions
from tocsin.domain.people import queries as people
from tocsin.domain.people.rules import is_administrator, may_manage_team, may_see_reach, may_set_deputy
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.queries import QueueFilters
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.people.forms import DeputyForm
from tocsin.web.people.notifications import sequences
from tocsin.web.sheets import done, sheet


@staff
@require_safe
def everybody(request: HttpRequest) -> HttpResponse:
    """List teams by line, staff, and customers' people as far as they are searched for."""
    wanted = request.GET.get("q", "")[:100]
    administers = is_administrator.test(viewer(request))
    found = list(people.people(wanted, only_active=not (administers and wanted))[:300])
    workers = {person.pk for person in tickets.people_who_may_own()}
    teams = people.teams()
    members = people.members_of_teams([team.pk for team in teams])
    shown = [person for person in found if wanted or person.pk in workers]
    reachable = notify.reachable([person.pk for person in shown])
    cannot = unreachable_reasons([person.pk for person in shown if person.pk in workers], now(request))
    context = {
        "q": wanted,
        "may_administer": administers,
        "teams": [{"team": team, "members": members[team.pk]} for team in teams],
        "may_see_reach": may_see_reach.test(viewer(request)),
        "rows": [
            {"person": p, "reachable": p.pk in reachable, "works": p.pk in workers, "cannot": cannot.get(p.pk, [])}
            for p in shown
        ],
        "section": "people",
    }
    return render(request, "people/everybody.html", context)


@staff
@require_safe
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person: role, manager, teams, how they are reached, who stands in."""
    found = people.access_person(viewer(request), user_id)
    answering, evidence = people.answerable(found.pk, now(request))
    context = {
        "person": found,
        "teams": people.teams_of(found),
        "chain": people.manager_chain(found.pk),
        "deputies": people.deputies_of(found, after=now(request)),
        "answering": answering,
        "evidence": evidence,
        "judged": judgements([found.pk], now(request))[found.pk],
        "may_see_reach": may_see_reach.test(viewer(request)) or found.pk == viewer(request).pk,
        "methods": notify.methods_of(found.pk),
        "sequences": sequences(found.pk),
        "may_administer": is_administrator.test(viewer(request)),
        "invitation": people.open_invitation(found.pk, now(request)),
        "may_vouch": is_administrator.test(viewer(request)),
        "own": found.pk == viewer(request).pk,
        "may_deputy": may_set_deputy.test(viewer(request), found),
        "deliveries": notify.deliveries_of_user(found.pk, limit=20),
        "open_tickets": tickets.queue(viewer(request), QueueFilters(owner=found.email, size=20)),
        "section": "people",
    }
    return render(request, "people/person.html", context)


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def deputy(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Name who stands in for somebody, from when to when."""
    found = people.access_person(viewer(request), user_id)
    form = DeputyForm(request.POST or None, people=[c for c in choices.staff() if c[0] != str(found.pk)])
    where = reverse("person", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_deputy(
                user=found, deputy=people.person(UUID(form.value("deputy"))), starts_at=form.cleaned_data["starts_at"] or now(request),
                ends_at=form.cleaned_data["ends_at"], reason=form.value("reason"), by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, where, "The deputy is set.")
        except TocsinError as error:
            form.refuse(error)
    lead = f"Pages and roles that name {found.name} go to the deputy in that time."
    return sheet(request, form, title=f"Deputy of {found.name}", submit="Set the deputy", cancel=where, lead=lead)


@worker
@require_POST
def end_deputy(request: HttpRequest, user_id: UUID, deputy_id: int) -> HttpResponse:
    """End a standing-in now."""
    found = people.access_person(viewer(request), user_id)
    if deputy_id not in {row.pk for row in people.deputies_of(found, after=now(request))}:
        raise NotFound("deputy_not_found", "There is no such deputy, or the time is over already.")
    actions.end_deputy(deputy_id=deputy_id, by=viewer(request), now=now(request))
    return done(request, reverse("person", args=[found.pk]), "The deputy stands in no longer.")


@staff
@require_safe
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """One team: line, lead, escalation manager, members, where it escalates to, what it owns."""
    found = people.team_by_slug(slug)
    members = people.members_of_team(found.pk)
    reachable = notify.reachable([person.pk for person in members])
    cannot = unreachable_reasons([person.pk for person in members], now(request))
    context = {
        "team": found,
        "may_manage": may_manage_team.test(viewer(request), found),
        "may_see_reach": may_see_reach.test(viewer(request)),
        "rows": [
            {"person": person, "reachable": person.pk in reachable, "cannot": cannot.get(person.pk, [])}
            for person in members
        ],
        "services": [service for service in people.services() if service.team_id == found.pk],
        "above": _above(found.slug),
        "open_tickets": tickets.queue(viewer(request), QueueFilters(team=found.slug, size=20)),
        "section": "people",
    }
    return render(request, "people/team.html", context)


def _above(slug: str) -> list[object]:
    """Return the teams that work climbs to from here, nearest first; a circle ends at its first repeat."""
    by_pk = {team.pk: team for team in people.teams()}
    current = next((team for team in by_pk.values() if team.slug == slug), None)
    chain: list[object] = []
    seen = set()
    while current is not None and current.escalates_to_id and current.escalates_to_id not in seen:
        seen.add(current.escalates_to_id)
        current = by_pk.get(current.escalates_to_id)
        if current is not None:
            chain.append(current)
    return chain
