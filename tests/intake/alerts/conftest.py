"""An integration, and events that it sends."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Service, Team, User
from tocsin.intake.alerts import taking
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.models import Event, Integration
from tocsin.intake.alerts.setting_up import Settings, add_integration
from tocsin.intake.alerts.storing import store


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create(email="ada@example.org", name="Ada", role=Role.ADMINISTRATOR)


@pytest.fixture
def service(db: None) -> Service:
    team = Team.objects.create(name="Night", slug="night")
    return Service.objects.create(name="Mail", slug="mail", team=team)


@pytest.fixture
def make(service: Service, now: datetime) -> Callable[..., Integration]:
    """Add an integration; what is given stands in place of the usual settings."""

    def add(name: str = "Monitoring", **given: Any) -> Integration:
        wanted = Settings(**{"name": name, "kind": "generic", "service": service, **given})
        return add_integration(wanted=wanted, by=None, now=now)[1]

    return add


@pytest.fixture
def send(now: datetime) -> Callable[..., Event]:
    """Store an event and take it in at `at`; return it as it is then."""

    def one(integration: Integration, at: datetime | None = None, *, sent_as: str = "", **content: Any) -> Event:
        body = json.dumps(content or {"title": "Disk full", "key": "disk"}).encode()
        (kept,) = store(
            [Incoming(integration=integration.pk, body=body, content_type="application/json", sent_as=sent_as)]
        )
        assert kept is not None
        Event.objects.filter(pk=kept.event, state="stored").update(received_at=at or now, due_at=at or now)
        while taking.take_due(now=at or now):
            pass
        return Event.objects.get(pk=kept.event)

    return one
