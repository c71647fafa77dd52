"""A team with a schedule: ana and ben take weeks in turns, handed over on Mondays at 09:00 in Berlin."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tocsin.domain.journal.models import Entry
from tocsin.domain.oncall import actions, queries
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Team, User

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=BERLIN).astimezone(UTC)


@dataclass(slots=True)
class Desk:
    """People by first name, the schedule, and shortcuts."""

    people: dict[str, User] = field(default_factory=dict)
    schedule: Schedule = field(default_factory=Schedule)

    def __getitem__(self, name: str) -> User:
        return self.people[name]

    def weekly(self, *names: str, name: str = "Primary", **given: Any) -> Layer:
        crews = tuple((str(self[one].pk),) for one in names)
        return Layer(name, (Rotation(RotationKind.WEEKLY, crews, MONDAY, handover=time(9), **given),))

    def on(self, at: datetime, slug: str = "network") -> list[str]:
        names = {person.pk: name for name, person in self.people.items()}
        return [names[pk] for pk, _ in queries.who_is_on_now([slug], at)[slug].people]

    def evidence(self, at: datetime, slug: str = "network") -> list[str]:
        return [words for _, words in queries.who_is_on_now([slug], at)[slug].people]

    def kinds(self, stream: str = "schedule:network") -> list[str]:
        return list(Entry.objects.filter(stream=stream).order_by("position").values_list("kind", flat=True))


@pytest.fixture
def desk(db: None) -> Desk:
    it = Desk()
    for name, role in (
        ("ana", Role.AGENT), ("ben", Role.AGENT), ("cyd", Role.AGENT), ("lead", Role.LEAD),
        ("polly", Role.ADMINISTRATOR), ("rita", Role.REQUESTER), ("stan", Role.STAKEHOLDER),
    ):  # fmt: skip
        it.people[name] = User.objects.create(email=f"{name}@example.org", name=name.title(), role=role)
    team = Team.objects.create(name="Network", slug="network", lead=it["lead"])
    it.schedule = actions.create_schedule(
        name="Network primary", slug="network", zone="Europe/Berlin", team=team, by=it["polly"],
        now=MONDAY - timedelta(days=30), layers=[it.weekly("ana", "ben")],
    )  # fmt: skip
    return it
