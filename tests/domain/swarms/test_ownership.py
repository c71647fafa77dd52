"""Ownership does not move, whatever is done in a swarm or a command (SEMANTICS 6)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.swarms import actions
from tocsin.domain.swarms.actions.inviting import Guests
from tocsin.domain.swarms.models import Invitation, Swarm
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Change, Handover, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound


def held(ticket: Ticket) -> tuple[Any, ...]:
    ticket.refresh_from_db()
    moves = Change.objects.filter(ticket=ticket, field__in=["owner", "team"]).count()
    return ticket.owner_id, ticket.team_id, ticket.handovers, moves, Handover.objects.filter(ticket=ticket).count()


def test_no_act_of_a_swarm_or_command_moves_the_ticket(desk: Desk) -> None:
    before, now = held(desk.ticket), desk.now
    swarm = swarm_on(desk, urgency="normal")
    invitation = swarm.invitations.get()
    command = actions.open_command(escalation_id=desk.escalated.pk, by=desk.manager, now=now)
    acts: list[Any] = [
        lambda at: actions.answer(invitation_id=invitation.pk, accept=True, by=desk.expert, now=at),
        lambda at: actions.post_answer(swarm_id=swarm.pk, body="It is the fuser.", by=desk.expert, now=at),
        lambda at: actions.leave(swarm_id=swarm.pk, by=desk.expert, now=at),
        lambda at: actions.join(swarm_id=swarm.pk, by=desk.expert, now=at),
        lambda at: actions.invite(swarm_id=swarm.pk, guests=Guests(persons=[desk.lead]), by=desk.agent, now=at),
        lambda at: actions.expire_due(now=at + timedelta(hours=1), limit=10),
        lambda at: actions.give_role(command_id=command.pk, role="owner", person=desk.expert, by=desk.lead, now=at),
        lambda at: actions.add_task(command_id=command.pk, title="x", owner=desk.expert, by=desk.lead, now=at),
        lambda at: actions.set_state(command_id=command.pk, state="resolved", by=desk.lead, now=at),
        lambda at: actions.end_swarm(swarm_id=swarm.pk, outcome="Fuser.", by=desk.agent, now=at),
    ]
    for minute, act in enumerate(acts, start=1):
        act(now + timedelta(minutes=minute))
        assert held(desk.ticket) == before, minute


def swarm_on(desk: Desk, **more: Any) -> Swarm:
    return actions.open_swarm(
        ticket_id=desk.ticket.pk, question="Why does it burn?", guests=Guests(persons=[desk.expert]), by=desk.agent,
        now=desk.now, **more,
    )  # fmt: skip


def test_urgency_decides_about_quiet_hours_and_an_answer_takes_the_rest_back(desk: Desk) -> None:
    swarm = swarm_on(desk, urgency="normal")
    page = Page.objects.get(user=desk.expert, purpose="notice")
    assert page.urgency == "normal"  # waits for the end of quiet hours when it is sent
    actions.answer(invitation_id=swarm.invitations.get().pk, accept=False, reason="Busy", by=desk.expert, now=desk.now)
    assert Delivery.objects.get(page=page).state == "withdrawn"
    assert Page.objects.filter(user=desk.agent, subject__startswith="Nobody comes").count() == 1


def test_one_swarm_at_a_time_and_only_on_an_open_ticket(desk: Desk) -> None:
    swarm = swarm_on(desk)
    with pytest.raises(Conflict, match="open on"), transaction.atomic():
        swarm_on(desk)
    tickets.set_status(ticket_id=desk.ticket.pk, status="resolved", by=desk.agent, now=desk.now, note="Out.")
    swarm.refresh_from_db()
    assert (swarm.state, swarm.invitations.get().state) == ("ended", "withdrawn")
    with pytest.raises(Conflict, match="Reopen it first"), transaction.atomic():
        swarm_on(desk)


def test_an_empty_team_is_named_and_nothing_is_opened(desk: Desk) -> None:
    desk.experts.members.clear()
    with pytest.raises(InvalidInput, match="Nobody active is in Experts"), transaction.atomic():
        actions.open_swarm(
            ticket_id=desk.ticket.pk, question="Why?", guests=Guests(teams=[desk.experts]), by=desk.agent, now=desk.now
        )
    assert not Swarm.objects.exists()


def test_a_team_is_asked_through_whoever_is_on_call(desk: Desk) -> None:
    """The agent is on call this week: the lead, though a member, is not asked."""
    asked: dict[str, Any] = {
        "question": "Why?",
        "guests": Guests(teams=[desk.team]),
        "by": desk.manager,
        "now": desk.now,
    }
    with pytest.raises(InvalidInput, match="somebody else than the owner"), transaction.atomic():
        actions.open_swarm(ticket_id=desk.ticket.pk, **asked)  # the agent owns it: there is nobody to ask
    swarm = actions.open_swarm(ticket_id=desk.queued.pk, **asked)
    assert [one.person for one in swarm.invitations.all()] == [desk.agent]


def test_nobody_answers_for_somebody_else_or_ends_what_is_not_theirs(desk: Desk) -> None:
    swarm = swarm_on(desk)
    with pytest.raises(NotFound), transaction.atomic():
        actions.answer(invitation_id=swarm.invitations.get().pk, accept=True, by=desk.lead, now=desk.now)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.end_swarm(swarm_id=swarm.pk, outcome="x", by=desk.expert, now=desk.now)
    with pytest.raises(Conflict), transaction.atomic():
        actions.post_answer(swarm_id=swarm.pk, body="x", by=desk.lead, now=desk.now)
    with pytest.raises(Conflict), transaction.atomic():
        actions.join(swarm_id=swarm.pk, by=desk.agent, now=desk.now)


def test_expiring_twice_is_once_and_a_late_answer_is_still_welcome(desk: Desk) -> None:
    swarm = swarm_on(desk)
    late = desk.now + timedelta(minutes=30)
    assert actions.expire_due(now=late - timedelta(seconds=1), limit=10) == 0
    assert actions.expire_due(now=late, limit=10) == 1
    assert actions.expire_due(now=late, limit=10) == 0
    invitation = Invitation.objects.get(swarm=swarm)
    actions.answer(invitation_id=invitation.pk, accept=True, by=desk.expert, now=late)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.due_at) == ("accepted", None)
