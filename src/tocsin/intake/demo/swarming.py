"""A swarm that is under way in the demonstration, and the command of an escalation. Both go with their ticket."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.swarms import actions
from tocsin.domain.swarms.actions.inviting import Guests
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.demo.company import Company, read


def create(company: Company, tickets: Mapping[str, Ticket], now: datetime) -> None:
    """Live the swarm and open the command of swarming.yaml with the acts that people would have used."""
    told = read("swarming.yaml")
    _swarm(told["swarm"], company, tickets, now)
    _command(told["command"], company, tickets, now)


def _swarm(told: Mapping[str, Any], company: Company, tickets: Mapping[str, Ticket], now: datetime) -> None:
    at = now - timedelta(minutes=told["ago"])
    swarm = actions.open_swarm(
        ticket_id=tickets[told["ticket"]].pk, question=told["question"], context=told["context"],
        guests=Guests(teams=[company.teams[slug] for slug in told["teams"]]), by=company.people[told["by"]], now=at,
        answer_within=timedelta(hours=4),
    )  # fmt: skip
    asked = list(swarm.invitations.select_related("person").order_by("team__slug", "person__name"))
    declines = asked.pop(0) if len(asked) > 2 else None
    comes = asked.pop()
    if declines is not None:
        actions.answer(
            invitation_id=declines.pk, accept=False, reason=told["declines"]["reason"], by=declines.person,
            now=now - timedelta(minutes=told["declines"]["minutes"]),
        )  # fmt: skip
    joins = at + timedelta(minutes=4)
    actions.answer(invitation_id=comes.pk, accept=True, by=comes.person, now=joins, via="link")
    answers = now - timedelta(minutes=told["answer"]["minutes"])
    actions.post_answer(swarm_id=swarm.pk, body=told["answer"]["text"], by=comes.person, now=answers)


def _command(told: Mapping[str, Any], company: Company, tickets: Mapping[str, Ticket], now: datetime) -> None:
    by: User = company.people[told["by"]]
    ticket, at = tickets[told["ticket"]], now - timedelta(minutes=told["ago"])
    found = Escalation.objects.filter(ticket=ticket, closed_at=None).order_by("-opened_at").first()
    if found is None:
        found = escalation.escalate(ticket_id=ticket.pk, policy="technical", by=by, now=at)
    command = actions.open_command(escalation_id=found.pk, by=by, now=at)
    actions.set_meeting(command_id=command.pk, call_url=told["call"], chat_url=told["chat"], by=by, now=at)
    for role, who in told["roles"].items():
        actions.give_role(command_id=command.pk, role=role, person=company.people[who], by=by, now=at)
    for one in told["notes"]:
        then, who = now - timedelta(minutes=one["minutes"]), company.people[one["by"]]
        actions.note(command_id=command.pk, kind=one["kind"], body=one["text"], by=who, now=then)
    actions.set_state(command_id=command.pk, state="mitigated", by=by, now=now - timedelta(minutes=17))
    actions.set_known(command_id=command.pk, known=told["known"], by=by, now=now - timedelta(minutes=16))
    for one in told["tasks"]:
        due, who = now + timedelta(minutes=one["due"]), company.people[one["by"]]
        actions.add_task(command_id=command.pk, title=one["title"], owner=who, due_at=due, by=by, now=at)
    actions.set_next_update(
        command_id=command.pk, at=now + timedelta(minutes=20), by=by, now=now - timedelta(minutes=10)
    )
