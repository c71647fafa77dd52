"""A desk with one customer, one agent, office hours and a standard agreement."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.calendars.models import Calendar
from tocsin.domain.journal.models import Entry
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.sla import actions
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket

HOUR = 3600


class Desk:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.customer = Organisation.objects.create(name="Acme")
        self.rita = User.objects.create(email="rita@acme.example", name="Rita", organisation=self.customer)
        self.ana = User.objects.create(email="ana@example.org", name="Ana", role=Role.AGENT)
        days = ("mon", "tue", "wed", "thu", "fri")
        weekly = {day: [["09:00", "17:00"]] for day in days}
        self.calendar = save_calendar(name="Office", zone="UTC", weekly=weekly, actor="test", now=now)
        self.agree("standard")

    def agree(self, slug: str, *, hours: int = 8, calendar: Calendar | None = None, **given: Any) -> Agreement:
        lines = [("first_response", p, None, 2 * HOUR) for p in (1, 2, 3, 4)]
        lines += [("resolution", p, None, hours * HOUR) for p in (1, 2, 3, 4)]
        return actions.save_agreement(
            slug=slug, name=slug, calendar=calendar or self.calendar, targets=lines, actor="test", now=self.now, **given
        )

    def ticket(self, **given: Any) -> Ticket:
        return tickets.open_ticket(subject="Broken", requester=self.rita, by=None, **{"now": self.now, **given})

    def after(self, hours: float) -> datetime:
        return self.now + timedelta(hours=hours)

    def clock(self, ticket: Ticket, kind: str = "resolution") -> Clock:
        """The latest clock of a kind."""
        return Clock.objects.filter(ticket=ticket, kind=kind).order_by("-sequence")[0]

    def journalled(self, ticket: Ticket, kind: str = "clock.") -> list[Entry]:
        rows = Entry.objects.filter(stream=f"ticket:{ticket.pk}", kind__startswith=kind)
        return list(rows.order_by("position"))


@pytest.fixture
def desk(now: datetime) -> Desk:
    return Desk(now)
