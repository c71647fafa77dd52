"""Searching tickets, from an act on them to what each person finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.search import actions as search
from tocsin.domain.sla import actions as sla
from tocsin.domain.sla.searching import TicketsFound, search_tickets
from tocsin.domain.tickets import actions
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.searching import KIND, documents

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def desk() -> dict[str, Any]:
    ours, theirs = Organisation.objects.create(name="Acme"), Organisation.objects.create(name="Globex")
    network = Team.objects.create(name="Network", slug="network")
    return {
        "agent": User.objects.create(email="agent@example.org", name="Ana", role=Role.AGENT),
        "ours": User.objects.create(email="o@acme.example", name="Olga", role=Role.REQUESTER, organisation=ours),
        "theirs": User.objects.create(email="t@globex.example", name="Theo", role=Role.REQUESTER, organisation=theirs),
        "vpn": Service.objects.create(name="VPN", slug="vpn", team=network),
        "network": network,
    }


@pytest.fixture
def agreement() -> None:
    """Two hours for the gravest, two days for the rest, round the clock."""
    week = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    calendar = save_calendar(name="Always", zone="UTC", weekly=week, actor="test", now=NOW)
    targets = [("resolution", p, None, (2 if p == 1 else 48) * 3600) for p in (1, 2, 3, 4)]
    sla.save_agreement(slug="standard", name="Standard", calendar=calendar, targets=targets, actor="test", now=NOW)


def opened(desk: dict[str, Any], subject: str, by: str = "ours", **more: Any) -> Ticket:
    return actions.open_ticket(subject=subject, requester=desk[by], by=desk["agent"], now=NOW, **more)


def indexed() -> None:
    while search.refresh(loaders={KIND: documents}):
        pass


def found(desk: dict[str, Any], text: str, by: str = "agent", now: datetime = NOW) -> list[str]:
    return [t.subject for t in answer(desk, text, by, now).tickets]


def answer(desk: dict[str, Any], text: str, by: str = "agent", now: datetime = NOW) -> TicketsFound:
    indexed()
    return search_tickets(user=desk[by], text=text, now=now)


def test_a_new_ticket_and_what_is_said_on_it_are_found(desk: dict[str, Any]) -> None:
    ticket = opened(desk, "Tunnel drops", description="every three minutes")
    assert found(desk, "minutes") == ["Tunnel drops"]
    actions.add_message(ticket_id=ticket.pk, kind=MessageKind.REPLY, body="A firmware bug.", by=desk["agent"], now=NOW)
    assert found(desk, "firmware") == ["Tunnel drops"]


def test_a_reference_is_found_before_it_is_indexed(desk: dict[str, Any]) -> None:
    ticket = opened(desk, "Tunnel drops")
    for text in (f"T-{ticket.number}", f"t-{ticket.number}", f"#{ticket.number}", str(ticket.number)):
        assert [t.pk for t in search_tickets(user=desk["agent"], text=text, now=NOW).tickets] == [ticket.pk]


def test_filters_follow_the_ticket(desk: dict[str, Any]) -> None:
    ticket = opened(desk, "Tunnel drops", service=desk["vpn"])
    opened(desk, "Tunnel slow")
    assert found(desk, "tunnel team:network") == ["Tunnel drops"]
    assert found(desk, "tunnel -team:network") == ["Tunnel slow"]
    assert found(desk, "team:network status:open") == ["Tunnel drops"]
    actions.take(ticket_id=ticket.pk, by=desk["agent"], now=NOW)
    assert found(desk, "owner:me") == ["Tunnel drops"]
    actions.set_status(ticket_id=ticket.pk, status=Status.RESOLVED, by=desk["agent"], now=NOW + timedelta(hours=1))
    assert found(desk, "tunnel status:open") == ["Tunnel slow"]
    assert found(desk, "customer:acme tunnel status:resolved") == ["Tunnel drops"]


def test_customers_find_their_own_and_no_notes(desk: dict[str, Any]) -> None:
    ticket = opened(desk, "Tunnel drops")
    opened(desk, "Tunnel slow", by="theirs")
    actions.add_message(ticket_id=ticket.pk, kind=MessageKind.NOTE, body="They never pay.", by=desk["agent"], now=NOW)
    assert found(desk, "tunnel", by="ours") == ["Tunnel drops"]
    assert found(desk, "tunnel", by="theirs") == ["Tunnel slow"]
    assert found(desk, "pay", by="ours") == []
    assert found(desk, "pay") == ["Tunnel drops"]
    assert found(desk, f"T-{ticket.number}", by="theirs") == []


def test_a_filter_that_cannot_be_read_is_said(desk: dict[str, Any]) -> None:
    assert list(answer(desk, "tunnel sla:soon").unread) == ["sla:soon"]


def test_the_next_breach_narrows_down(desk: dict[str, Any], agreement: Any) -> None:
    opened(desk, "Tunnel drops", impact=1, urgency=1)
    opened(desk, "Tunnel slow", impact=3, urgency=3)
    assert found(desk, "tunnel sla:<3h") == ["Tunnel drops"]
    assert found(desk, "tunnel sla:>3h") == ["Tunnel slow"]
