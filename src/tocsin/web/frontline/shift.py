"""Shift handover: what I hold, to whom it goes, and what is handed to me (SEMANTICS 6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.frontline import actions, queries, rules
from tocsin.domain.frontline.enums import ItemState
from tocsin.domain.frontline.queries import Held
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import Team, User
from tocsin.kernel.errors import NotAllowed, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.frontline.forms import AnswerForm, OfferForm
from tocsin.web.languages.catalogue import say
from tocsin.web.sheets import done

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_http_methods(GET_OR_POST)
def shift_handover(request: HttpRequest) -> HttpResponse:
    """Show what is held, and offer it in one act. Whose it is stands in the address: ?person= or ?team=; else mine."""
    user, at = viewer(request), now(request)
    giver, team = _source(request, user)
    held = held_of(giver, team, user, at)
    proposed = queries.proposed_for(giver, team, at)
    initial = {"to_user": proposed[0].person.pk if proposed else "", "hours": "2"}
    form = OfferForm(request.POST or None, initial=initial, people=_people(giver, [one.person for one in proposed]))
    if request.method == "POST" and form.is_valid():
        try:
            ticked = set(request.POST.getlist("ticket"))
            made = actions.offer_bundle(
                held=[one for one in held if str(one.ticket.number) in ticked], giver=giver, team=team, by=user, now=at,
                to_user=people.person(UUID(form.value("to_user"))), note=form.value("note"),
                expires_in=timedelta(hours=int(form.value("hours"))),
            )  # fmt: skip
            return done(
                request, reverse("shift", args=[made.pk]), "Offered. All of it stays yours until it is accepted."
            )
        except TocsinError as error:
            form.refuse(error)
    context = {
        "form": form, "held": held, "giver": giver, "team": team, "proposed": proposed, "own": giver == user,
        "free": [one for one in held if not one.offered], "waiting": queries.bundles_waiting_for(user, at),
        "given": queries.bundles_given(user), "section": "shift", "teams": _teams(user),
        "ticked": set(request.POST.getlist("ticket")) if request.method == "POST" else None,
    }  # fmt: skip
    return render(request, "frontline/shift_handover.html", context, status=422 if form.errors else 200)


def held_of(giver: User | None, team: Team | None, user: User, at: datetime) -> list[Held]:
    """Return the open promises of a person or a team with those of every source."""
    if team is not None:
        return queries.held_by_team(team, at, zone=user.zone)
    return queries.held_by(giver or user, at)


def _source(request: HttpRequest, user: User) -> tuple[User | None, Team | None]:
    """Return whose promises are meant. Raises NotAllowed for those of others whom one does not lead."""
    slug, person = request.GET.get("team", ""), request.GET.get("person", "")
    refused = NotAllowed("not_allowed", "What others hold is handed over by their lead. Ask one of them.")
    if slug:
        team = people.team_by_slug(slug)
        if not rules.may_be_for_team(user, team):
            raise refused
        return None, team
    giver = people.person(_uuid(person)) if person else user
    if not rules.may_hand_over_for.test(user, giver):
        raise refused
    return giver, None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _teams(user: User) -> list[Team]:
    return [one for one in people.teams() if rules.may_be_for_team(user, one)]


def _people(giver: User | None, first: Sequence[User]) -> list[tuple[str, str]]:
    known = [str(one.pk) for one in first]
    rest = [one for one in choices.staff() if one[0] not in known and (giver is None or one[0] != str(giver.pk))]
    # Without a roster nobody is chosen beforehand: a wrong name is worse than one more click.
    begin = [(str(one.pk), say(f"{one.name} (next on call)")) for one in first] or [("", say("choose somebody"))]
    return begin + rest


@worker
@require_safe
def shift(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """One shift handover: for the next one to answer, for the giver to follow."""
    return _page(request, bundle_id, AnswerForm())


def _page(request: HttpRequest, bundle_id: UUID, form: AnswerForm) -> HttpResponse:
    user = viewer(request)
    found = queries.access_bundle(user, bundle_id)
    items = queries.items_of(found)
    open_now = found.state == "offered" and found.expires_at > now(request)
    context = {
        "bundle": found, "items": items, "form": form, "section": "shift",
        "may_answer": open_now and rules.may_answer_bundle.test(user, found),
        "may_withdraw": open_now and rules.may_withdraw_bundle.test(user, found),
        "open": open_now, "waits": sum(one.state == ItemState.OFFERED for one in items),
        "taken": sum(one.state == ItemState.TAKEN for one in items),
    }  # fmt: skip
    return render(request, "frontline/shift.html", context, status=422 if form.errors else 200)


@worker
@require_POST
def answer(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """Take all of it, or what is ticked; the rest stays with the giver."""
    user = viewer(request)
    found = queries.access_bundle(user, bundle_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, bundle_id, form)
    ticked = None if request.POST.get("answer") == "all" else _ids(request.POST.getlist("item"))
    try:
        _, said = actions.answer_bundle(
            bundle_id=found.pk, by=user, now=now(request), take=ticked, word=form.value("word")
        )
    except TocsinError as error:
        form.refuse(error)
        return _page(request, bundle_id, form)
    return done(request, reverse("shift", args=[found.pk]), said)


def _ids(values: Sequence[str]) -> set[int]:
    return {int(one) for one in values if one.isascii() and one.isdigit() and len(one) < 19}


@worker
@require_POST
def withdraw(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """Take it back."""
    found = queries.access_bundle(viewer(request), bundle_id)
    actions.withdraw_bundle(bundle_id=found.pk, by=viewer(request), now=now(request))
    return done(request, reverse("shift_handover"), "Taken back. Everything is where it was.")
