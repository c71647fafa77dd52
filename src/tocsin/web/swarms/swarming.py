"""Swarms on a ticket: asking experts in, answering, who helped, the end."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.people.models import Team, User
from tocsin.domain.swarms import actions, queries, rules
from tocsin.domain.swarms.actions.inviting import Guests
from tocsin.domain.swarms.models import Swarm
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_see_internals
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.desk.briefs import tried_on
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet
from tocsin.web.swarms.forms import DeclineForm, EndSwarmForm, GuestsForm, MoreForm, SwarmAnswerForm, SwarmForm

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_http_methods(GET_OR_POST)
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """The sheet of a swarm: a question, whom it goes to by name; more people where one is open already."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    where = reverse("board") if request.GET.get("back") == "board" else _ticket(found)
    is_open = queries.open_on(found.pk)
    form: SwarmForm | MoreForm
    if is_open is None:
        form = SwarmForm(request.POST or None, initial=_initial(found, user) | _named(request), **_offers())
    else:
        form = MoreForm(request.POST or None, initial=_named(request), **_offers())
    if request.method == "POST" and form.is_valid():
        try:
            said = _ask(request, found, is_open, form)
            return done(request, where, said)
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title=f"Ask more people on {found.reference}" if is_open else f"Swarm on {found.reference}",
        submit="Ask them", cancel=where, template="swarms/ask.html", ticket=found, swarm=is_open,
        ended=found.status in ENDED, asked=_asked(request, found, form), owner=found.owner, action=request.get_full_path(),
    )  # fmt: skip


def _ask(request: HttpRequest, found: Ticket, is_open: Swarm | None, form: SwarmForm | MoreForm) -> str:
    guests, by, at = _guests(form), viewer(request), now(request)
    if is_open is not None:
        made = len(actions.invite(swarm_id=is_open.pk, guests=guests, by=by, now=at, answer_within=form.within()))
    else:
        swarm = actions.open_swarm(
            ticket_id=found.pk, question=form.value("question"), context=form.value("context"), guests=guests,
            urgency=form.value("urgency"), answer_within=form.within(), by=by, now=at,
        )  # fmt: skip
        made = swarm.invitations.count()
    return f"{made} asked. The ticket stays with its owner." if made > 1 else "Asked. The ticket stays with its owner."


@worker
@require_safe
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """The part of the sheet that names people, for another choice."""
    found = tickets.access_ticket(viewer(request), number)
    form = GuestsForm(request.GET, **_offers())
    return render(request, "swarms/asked.html", {"asked": _asked(request, found, form)})


def _asked(request: HttpRequest, found: Ticket, form: Form) -> Any:
    persons, skill, teams = _chosen(form)
    return queries.preview(found, persons=persons, skill=skill, teams=teams, by=viewer(request), now=now(request))


def _chosen(form: Form) -> tuple[list[User], str, list[Team]]:
    """Return what the form names, whether it was sent or is shown for the first time; strange ids name nobody."""
    wanted = {str(value) for value in form["people"].value() or []}
    names = {str(value) for value in form["teams"].value() or []}
    persons = [one for one in tickets.people_who_may_own() if str(one.pk) in wanted] if wanted else []
    teams = [one for one in people.teams() if str(one.pk) in names] if names else []
    skill = str(form["skill"].value() or "")
    return persons, skill if any(one.name == skill for one in people.skills()) else "", teams


def _guests(form: Form) -> Guests:
    persons, skill, teams = _chosen(form)
    return Guests(persons=persons, skill=skill, teams=teams)


def _offers() -> dict[str, Any]:
    return {
        "teams": choices.teams(), "people": choices.staff(),
        "skills": [(one.name, one.name) for one in people.skills()],
    }  # fmt: skip


def _initial(found: Ticket, user: User) -> dict[str, Any]:
    """Return the brief that an expert needs, out of what the ticket says; and the service's team, if it is another."""
    said = [item.message for item in tickets.timeline(found.pk, user=user) if item.message is not None]
    tried = tried_on(found, said)
    what = " ".join(found.description.split())[:700]
    context = "\n\n".join(part for part in (what, f"Tried:\n{tried}" if tried else "") if part)
    team = found.service.team_id if found.service else None
    return {"context": context, "teams": [str(team)] if team and team != found.team_id else []}


def _named(request: HttpRequest) -> dict[str, Any]:
    """Return whom the address names already (?person=), as a suggestion does: they instead of a team."""
    person = request.GET.get("person", "")
    return {"people": [person], "teams": []} if person else {}


@staff
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """The swarms of a ticket: nothing where there never was one."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    if not may_see_internals.test(user):
        raise NotFound("ticket_not_found", f"There is no ticket T-{number}, or you may not see it.")
    shown = queries.swarms_of(found.pk, user, now(request))
    context = {
        "ticket": found,
        "open_swarm": next((one for one in shown if one.swarm.ended_at is None), None),
        "past_swarms": [one for one in shown if one.swarm.ended_at is not None],
        "may_join": rules.may_join.test(user) and found.owner_id != user.pk,
        "may_end": rules.may_end_swarm.test(user, found),
        "may_work": rules.may_swarm.test(user, found),
    }
    return render(request, "swarms/panel.html", context)


@worker
@require_POST
def accept(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Accept with one button."""
    found = queries.access_invitation(viewer(request), invitation_id)
    actions.answer(invitation_id=found.pk, accept=True, by=viewer(request), now=now(request))
    return done(request, _ticket(found.swarm.ticket), "You are in the swarm; what you do here is credited to you.")


@worker
@require_http_methods(GET_OR_POST)
def decline(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Decline with a reason, which whoever asked reads."""
    found = queries.access_invitation(viewer(request), invitation_id)
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer(
                invitation_id=found.pk, accept=False, reason=form.value("reason"), by=viewer(request), now=now(request)
            )
            return done(request, _ticket(found.swarm.ticket), "Declined.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="Decline to help", submit="Decline", cancel=_ticket(found.swarm.ticket),
        template="swarms/decline.html",
    )  # fmt: skip


@worker
@require_POST
def join(request: HttpRequest, swarm_id: UUID) -> HttpResponse:
    """Come in without having been asked."""
    shown = queries.access_swarm(viewer(request), swarm_id, now(request))
    actions.join(swarm_id=swarm_id, by=viewer(request), now=now(request))
    return done(request, _ticket(shown.swarm.ticket), "You are in the swarm; what you do here is credited to you.")


@worker
@require_POST
def leave(request: HttpRequest, swarm_id: UUID) -> HttpResponse:
    """Leave; the credit stays."""
    shown = queries.access_swarm(viewer(request), swarm_id, now(request))
    actions.leave(swarm_id=swarm_id, by=viewer(request), now=now(request))
    return done(request, _ticket(shown.swarm.ticket), "You have left the swarm. What you did stays credited to you.")


@worker
@require_http_methods(GET_OR_POST)
def answer(request: HttpRequest, swarm_id: UUID) -> HttpResponse:
    """Answer the question."""
    shown = queries.access_swarm(viewer(request), swarm_id, now(request))
    form = SwarmAnswerForm(request.POST or None)
    where = _ticket(shown.swarm.ticket)
    if request.method == "POST" and form.is_valid():
        try:
            actions.post_answer(swarm_id=swarm_id, body=form.value("body"), by=viewer(request), now=now(request))
            return done(request, where, "Your answer stands on the ticket, and its owner is told.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="Answer the swarm", submit="Post the answer", cancel=where, lead=shown.swarm.question
    )


@worker
@require_http_methods(GET_OR_POST)
def end(request: HttpRequest, swarm_id: UUID) -> HttpResponse:
    """End it with what came of it."""
    shown = queries.access_swarm(viewer(request), swarm_id, now(request))
    where = _ticket(shown.swarm.ticket)
    form = EndSwarmForm(request.POST or None, answers=_answers(shown.answers))
    if request.method == "POST" and form.is_valid():
        try:
            helped = [UUID(pk) for pk in form.cleaned_data.get("helped", [])]
            actions.end_swarm(
                swarm_id=swarm_id, outcome=form.value("outcome"), helped=helped, by=viewer(request), now=now(request)
            )
            return done(request, where, "The swarm has ended; who helped stands on the ticket.")
        except TocsinError as error:
            form.refuse(error)
    lead = "Who has not answered is no longer asked. What everybody did stays credited to them."
    return sheet(request, form, title="End the swarm", submit="End the swarm", cancel=where, lead=lead)


def _answers(rows: Sequence[Any]) -> list[tuple[str, str]]:
    return [(str(one.pk), f"{one.by.name}: {' '.join(one.message.body.split())[:120]}") for one in rows]


@staff
@require_safe
def of_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """What a person gave to others' tickets: loaded into their page."""
    person = people.access_person(viewer(request), person_id)
    return render(
        request, "swarms/of_person.html", {"person": person, "help": queries.help_of(person, viewer=viewer(request))}
    )


def _ticket(found: Ticket) -> str:
    return reverse("ticket", args=[found.number])
