"""A year of ended tickets in the demonstration's past, and the risk model that has learned from them.

The law behind them is plain, with chance in it: tickets of some services, urgent ones, and those that nobody took at once
leave the first line more often.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from tocsin.domain.people.models import Service, Team, User
from tocsin.domain.risk import actions
from tocsin.domain.risk.models import RiskModel, Switch, Training
from tocsin.domain.tickets.models import Change, Ticket
from tocsin.intake.demo.company import Company
from tocsin.kernel.ids import new_id

TICKETS = 900
EVERY = timedelta(hours=9)
CHANNELS = ("email", "phone", "web")
LAST = timedelta(days=3)  # before now
SUBJECTS = (
    "Cannot sign in",
    "Slow since this morning",
    "Error when saving",
    "Needs access",
    "Stopped after the update",
)


def create(company: Company, now: datetime) -> None:
    """Write the past and train on it. The same each time."""
    chance = random.Random(8)  # noqa: S311 - the same past each time, no secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number') FROM generate_series(1, %s)", [TICKETS])
        numbers = [number for (number,) in cursor.fetchall()]
    found = [_ticket(company, chance, number, now - LAST - EVERY * (TICKETS - at)) for at, number in enumerate(numbers)]
    Ticket.objects.bulk_create(found)
    lead_on = company.teams["service-desk"].escalates_to or company.teams["service-desk"]
    changes = [change for one in found for change in _changes(company, chance, one, lead_on)]
    Change.objects.bulk_create(changes)
    asked = actions.request_training(outcome="escalation", by=None, now=now)
    actions.run_training(training_id=asked.pk, clock=lambda: now)


def _ticket(company: Company, chance: random.Random, number: int, opened: datetime) -> Ticket:
    who = chance.choice([one for one in company.people.values() if one.organisation_id])
    urgency = chance.choice((1, 2, 2, 3, 3))
    ended = opened + timedelta(hours=chance.choice((5, 8, 20, 30)))
    return Ticket(
        id=new_id(), number=number, subject=chance.choice(SUBJECTS), requester=who, organisation_id=who.organisation_id,
        service=chance.choice(list(company.services.values())), team=company.teams["service-desk"], status="closed",
        impact=2, urgency=urgency, priority=urgency + 1, channel=chance.choice(CHANNELS), is_demo=True,
        opened_at=opened, updated_at=ended, resolved_at=ended, closed_at=ended,
    )  # fmt: skip


def _changes(company: Company, chance: random.Random, one: Ticket, higher: Team) -> Iterator[Change]:
    began = {"status": "new", "impact": 2, "urgency": one.urgency, "priority": one.priority, "service": one.service_id,
             "team": one.team_id, "line": "L1"}  # fmt: skip
    for field, value in began.items():
        yield Change(ticket=one, at=one.opened_at, field=field, after=str(value), actor=f"person:{one.requester_id}")
    hard = _hard(company, one.service)
    late = chance.random() < 0.4
    taken = one.opened_at + (timedelta(hours=3) if late else timedelta(minutes=20))
    owner = chance.choice(_desk(company))
    actor = f"person:{owner.pk}"
    if not late or chance.random() < 0.7:
        yield Change(ticket=one, at=taken, field="owner", after=str(owner.pk), actor=actor)
    yield Change(ticket=one, at=taken, field="status", before="new", after="open", actor=actor)
    if chance.random() < 0.04 + 0.4 * hard + 0.2 * (one.urgency == 1) + 0.15 * late:
        at = taken + timedelta(hours=1)
        yield Change(ticket=one, at=at, field="team", before=str(one.team_id), after=str(higher.pk), actor=actor)
        yield Change(ticket=one, at=at, field="line", before="L1", after="L2", actor=actor)
    yield Change(ticket=one, at=one.updated_at, field="status", before="open", after="closed", actor=actor)


def _hard(company: Company, service: Service | None) -> bool:
    """Whether a service is one of the third that the first line seldom solves."""
    names = sorted(company.services)
    return service is not None and service.slug in names[: max(len(names) // 3, 1)]


def _desk(company: Company) -> list[User]:
    return [one for one in company.people.values() if one.organisation_id is None and one.role == "agent"]


def remove() -> None:
    """Remove the models that learned from the demonstration; scores and answers go with their tickets."""
    RiskModel.objects.all().delete()
    Training.objects.all().delete()
    Switch.objects.all().delete()
