"""A small company with a ladder of people, and policies published into it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tocsin.domain.escalation import actions, publishing
from tocsin.domain.escalation.models import Escalation, Firing, Run
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import ContactMethod, Delivery, Page
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Membership, Organisation, Service, Team, User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket

LADDER = """
slug: ladder
name: Ladder
type: technical
reason: complexity
direction: functional
owner: polly@example.org
levels:
  - name: First line
    targets: [owner, {user: ana@example.org}]
  - name: Second line
    delay: 10m
    targets: [next_line_team]
  - name: Lead
    delay: 15m
    targets: [{team_lead: network}]
repeat: {times: 1, after: 20m, terminal: page_catch_all}
"""


@dataclass(slots=True)
class Company:
    """People by first name, and shortcuts that read like a story."""

    now: datetime
    people: dict[str, User] = field(default_factory=dict)
    desk: Team = field(default_factory=Team)
    network: Team = field(default_factory=Team)
    customer: Organisation = field(default_factory=Organisation)
    service: Service = field(default_factory=Service)

    def __getitem__(self, name: str) -> User:
        return self.people[name]

    def publish(self, text: str, *, at: datetime | None = None) -> None:
        publishing.publish_source(text=text, by="test", now=at or self.now)

    def ticket(self, **given: Any) -> Ticket:
        values: dict[str, Any] = {
            "subject": "VPN drops every ten minutes", "requester": self["rita"], "by": None, "team": self.desk,
            "organisation": self.customer, "service": self.service, "now": self.now,
        }  # fmt: skip
        return tickets.open_ticket(**{**values, **given})

    def escalate(self, ticket: Ticket, policy: str = "ladder", *, by: str = "ana", at: float = 0, **given: Any) -> Run:
        """Escalate `at` minutes after the story's beginning."""
        escalation = actions.escalate(ticket_id=ticket.pk, policy=policy, by=self[by], now=self.after(at), **given)
        return Run.objects.get(escalation=escalation)

    def after(self, minutes: float) -> datetime:
        return self.now + timedelta(minutes=minutes)

    def tick(self, minutes: float) -> int:
        """Let the engine look at what is due, `minutes` after the beginning, until nothing is."""
        done = 0
        for _ in range(20):
            step = actions.fire_watches(now=self.after(minutes), limit=100)
            step += actions.advance_due(now=self.after(minutes), limit=100)
            if not step:
                return done
            done += step
        raise AssertionError("the engine never comes to rest")


class Outbox:
    """Who was paged, as a story asks for it."""

    def paged(self, run: Run, *, purpose: str = "page") -> list[tuple[int, int, str]]:
        rows = Page.objects.filter(run=run.pk, purpose=purpose).order_by("cycle", "level", "user__name")
        return [(page.cycle, page.level, page.user.name) for page in rows.select_related("user")]

    def waiting(self, run: Run) -> int:
        return Delivery.objects.filter(run=run.pk, state="pending").count()

    def kinds(self, ticket: Ticket) -> list[str]:
        return list(
            Entry.objects.filter(stream=f"ticket:{ticket.pk}").order_by("position").values_list("kind", flat=True)
        )

    def entry(self, ticket: Ticket, kind: str) -> dict[str, Any]:
        """The latest entry of a kind."""
        found = Entry.objects.filter(stream=f"ticket:{ticket.pk}", kind=kind).order_by("position").last()
        assert found is not None, f"no {kind} in {self.kinds(ticket)}"
        return dict(found.data)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def company(db: None, now: datetime) -> Company:
    it = Company(now)
    for name, role in (
        ("ana", Role.AGENT), ("ben", Role.AGENT), ("nora", Role.AGENT), ("kai", Role.AGENT), ("lead", Role.LEAD),
        ("mara", Role.ESCALATION_MANAGER), ("polly", Role.ADMINISTRATOR), ("carl", Role.ADMINISTRATOR),
        ("amy", Role.AGENT),
    ):  # fmt: skip
        user = User.objects.create(email=f"{name}@example.org", name=name.title(), role=role)
        ContactMethod.objects.create(user=user, channel="email", address=user.email, verified_at=now)
        it.people[name] = user
    it.customer = Organisation.objects.create(name="Acme", account_manager=it["amy"])
    it.people["rita"] = User.objects.create(email="rita@acme.example", name="Rita", organisation=it.customer)
    it.network = Team.objects.create(name="Network", slug="network", line=Line.L2, lead=it["lead"])
    it.desk = Team.objects.create(
        name="Desk", slug="desk", line=Line.L1, lead=it["lead"], escalation_manager=it["mara"], escalates_to=it.network
    )
    for team, name in ((it.desk, "ana"), (it.desk, "ben"), (it.network, "nora"), (it.network, "kai")):
        Membership.objects.create(team=team, user=it[name])
    for name in ("ana", "ben", "nora", "kai"):
        it[name].manager = it["mara"]
        it[name].save()
    it.service = Service.objects.create(name="VPN", slug="vpn", team=it.network)
    actions.set_catch_all(user=it["carl"], by=None, now=now)
    return it


@pytest.fixture
def ladder(company: Company) -> Company:
    """The company with the three-level ladder published."""
    company.publish(LADDER)
    return company


@pytest.fixture
def open_firings() -> Callable[[UUID], int]:
    return lambda run: Firing.objects.filter(run=run, closed_at__isnull=True).count()


@pytest.fixture
def state_of() -> Callable[[Run], str]:
    return lambda run: Escalation.objects.get(run=run).state
