"""A desk whose tickets of the service Mail escalate mostly, and a model that has learned it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of these tests
from tocsin.domain.escalation.models import Escalation, Policy
from tocsin.domain.people.models import Service
from tocsin.domain.risk import actions
from tocsin.domain.risk.models import RiskModel
from tocsin.domain.tickets.models import Change, Ticket
from tocsin.kernel.ids import new_id

TICKETS = 700
NOW = datetime(
    2026, 5, 12, 10, tzinfo=UTC
)  # a Tuesday: hours and weekdays are features, so the time of a test is fixed


@pytest.fixture(autouse=True)
def _the_same_time_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small desk of these tests stands at NOW, whenever they run."""
    monkeypatch.setattr("tests.web.conftest.database_now", lambda _connection: NOW)


def live_through(desk: Any, count: int = TICKETS, *, law: bool = True, every: timedelta = timedelta(hours=4)) -> None:
    """Write so many ended tickets with their changes; those of Mail escalated mostly (without the law: by chance).

    Their ids are the same each time: folds are drawn by them.
    """
    chance = random.Random(11)
    mail = Service.objects.get_or_create(slug="mail", defaults={"name": "Mail", "team": desk.experts})[0]
    policy = Policy.objects.earliest("pk")
    start = desk.now - timedelta(days=2) - every * count
    tickets, changes, begun = [], [], []
    for number in range(count):
        opened = start + every * number
        service, owned = chance.choice((mail, desk.service)), chance.random() < 0.5
        urgency = chance.choice((1, 2, 2, 3))
        odds = 0.02 + 0.4 * (service == mail) + 0.25 * (not owned) + 0.3 * (urgency == 1)
        came = chance.random() < (odds if law else 0.4)
        one = Ticket(
            id=UUID(int=100_000 + number), number=100_000 + number, subject="Past", service=service, team=desk.team, status="closed",
            requester=desk.requester, organisation=desk.customer, owner=desk.agent if owned else None,
            urgency=urgency, opened_at=opened, updated_at=opened + timedelta(hours=9), closed_at=opened + timedelta(hours=9),
        )  # fmt: skip
        tickets.append(one)
        changes += _changes(one, opened, desk.agent if owned else None)
        if came:
            at = opened + timedelta(hours=3)
            begun.append(
                Escalation(id=new_id(), ticket=one, policy=policy, type="technical", reason="complexity",
                           direction="functional", state="resolved", opened_at=at, opened_by="engine", closed_at=at)
            )  # fmt: skip
    Ticket.objects.bulk_create(tickets)
    Change.objects.bulk_create(changes)
    Escalation.objects.bulk_create(begun)


def _changes(one: Ticket, opened: datetime, owner: Any) -> Iterator[Change]:
    began = {
        "status": "new",
        "priority": 3,
        "impact": 2,
        "urgency": one.urgency,
        "service": one.service_id,
        "team": one.team_id,
    }
    for field, value in began.items():
        yield Change(ticket=one, at=opened, field=field, after=str(value), actor=f"person:{one.requester_id}")
    actor = f"person:{owner.pk}" if owner else "system"
    if owner:
        yield Change(ticket=one, at=opened + timedelta(hours=1), field="owner", after=str(owner.pk), actor=actor)
    yield Change(
        ticket=one, at=opened + timedelta(hours=1), field="status", before="new", after="open", actor=actor
    )  # fmt: skip
    yield Change(
        ticket=one, at=opened + timedelta(hours=9), field="status", before="open", after="closed", actor=actor
    )  # fmt: skip


def trained(desk: Any, outcome: str = "escalation") -> RiskModel:
    """Ask for a training and run it, as a worker would."""
    asked = actions.request_training(outcome=outcome, by=desk.lead, now=desk.now)
    actions.run_training(training_id=asked.pk, clock=lambda: desk.now, threads=1)
    return RiskModel.objects.get(outcome=outcome, current=True)


@pytest.fixture
def model(desk: Any) -> RiskModel:
    live_through(desk)
    return trained(desk)
