"""Opening, taking and assigning: one accountable owner or a team's queue (SEMANTICS 1, 6)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.domain.tickets.conftest import House
from tocsin.domain.journal.queries import entries
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions, events
from tocsin.domain.tickets.models import Change, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

HOUR = timedelta(hours=1)
type Heard = Callable[[], list[Any]]


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def changes(ticket: Ticket, *fields: str) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(ticket=ticket, field__in=fields).order_by("at", "id")
    return list(rows.values_list("field", "before", "after"))


def kinds(ticket: Ticket) -> list[str]:
    return [entry.kind for entry in entries(f"ticket:{ticket.pk}")]


class TestOpening:
    def test_a_ticket_begins_new_in_a_queue_with_its_first_state_as_changes(self, house: House, now: datetime) -> None:
        ticket = house.open(now, impact=1, urgency=2)
        assert (ticket.status, ticket.priority, ticket.owner, ticket.team) == ("new", 2, None, house.desk)
        assert ticket.organisation == house.customer
        assert (ticket.unassigned_since, ticket.team_since) == (now, now)
        assert changes(ticket, "status", "priority", "team", "line") == [
            ("status", "", "new"),
            ("priority", "", "2"),
            ("team", "", str(house.desk.pk)),
            ("line", "", "L1"),
        ]
        assert kinds(ticket) == ["ticket.opened"]

    def test_numbers_rise_and_are_not_shared(self, house: House, now: datetime) -> None:
        first, second = house.open(now), house.open(now)
        assert second.number == first.number + 1
        assert first.number >= 1001

    def test_a_service_brings_its_team(self, house: House, now: datetime) -> None:
        assert house.open(now, team=None, service=house.payroll).team == house.network

    def test_the_clock_may_start_earlier_but_not_later(self, house: House, now: datetime) -> None:
        ticket = house.open(now, opened_at=now - HOUR)
        assert (ticket.opened_at, ticket.unassigned_since, ticket.updated_at) == (now - HOUR, now - HOUR, now)
        assert {c.at for c in Change.objects.filter(ticket=ticket)} == {now - HOUR}
        with pytest.raises(InvalidInput, match="future"):
            house.open(now, opened_at=now + HOUR)

    def test_with_an_owner_it_is_open(self, house: House, now: datetime) -> None:
        ticket = house.open(now, owner=house.ana, by=house.ana)
        assert (ticket.status, ticket.unassigned_since, ticket.last_owner_activity_at) == ("open", None, now)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"subject": "  "}, "subject"),
            ({"subject": "x" * 301}, "subject"),
            ({"description": "a\x00b"}, "description"),
            ({"impact": 0}, "impact"),
            ({"urgency": 4}, "urgency"),
        ],
    )
    def test_a_wrong_field_is_named(self, house: House, now: datetime, given: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            house.open(now, **given)
        assert list(refused.value.fields) == [field]

    def test_an_owner_must_work_here(self, house: House, now: datetime) -> None:
        User.objects.filter(pk=house.ana.pk).update(is_active=False)
        for wrong in (house.requester, User.objects.get(pk=house.ana.pk)):
            with pytest.raises(InvalidInput, match="Choose somebody else"):
                house.open(now, owner=wrong)

    def test_a_requester_opens_tickets_for_themselves_only(self, house: House, now: datetime) -> None:
        house.open(now, by=house.requester)
        with pytest.raises(NotAllowed):
            house.open(now, by=house.stranger)

    def test_it_is_published(self, house: House, now: datetime, heard: Heard) -> None:
        ticket = house.open(now, by=house.ana)
        assert heard() == [events.TicketOpened(ticket_id=ticket.pk, at=now, actor=f"person:{house.ana.pk}")]


class TestTaking:
    def test_taking_opens_and_owns(self, house: House, now: datetime, heard: Heard) -> None:
        ticket = house.open(now)
        heard().clear()
        actions.take(ticket_id=ticket.pk, by=house.ana, now=now + HOUR)
        after = fresh(ticket)
        assert (after.owner, after.status, after.unassigned_since) == (house.ana, "open", None)
        assert (after.last_owner_activity_at, after.handovers) == (now + HOUR, 0)
        assert kinds(ticket) == ["ticket.opened", "ticket.taken", "ticket.status_changed"]
        assert [type(event) for event in heard()] == [events.OwnershipChanged, events.StatusChanged]
        assert heard()[0].handover is False

    def test_taking_twice_changes_nothing(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.take(ticket_id=ticket.pk, by=house.ana, now=now)
        before = kinds(ticket)
        actions.take(ticket_id=ticket.pk, by=house.ana, now=now + HOUR)
        assert kinds(ticket) == before
        assert fresh(ticket).updated_at == now

    def test_a_ticket_is_not_taken_away_from_its_owner(self, house: House, now: datetime) -> None:
        ticket = house.open(now, owner=house.ana)
        with pytest.raises(Conflict, match="Ana owns T-"):
            actions.take(ticket_id=ticket.pk, by=house.ben, now=now)
        assert fresh(ticket).owner == house.ana

    def test_a_lead_and_somebody_called_by_an_escalation_may_take_it_over(self, house: House, now: datetime) -> None:
        ticket = house.open(now, owner=house.ana)
        actions.take(ticket_id=ticket.pk, by=house.lead, now=now)
        actions.take(ticket_id=ticket.pk, by=house.nora, now=now + HOUR, called=True)
        after = fresh(ticket)
        assert (after.owner, after.handovers) == (house.nora, 2)

    def test_who_does_not_work_here_takes_nothing(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        with pytest.raises(NotAllowed):
            actions.take(ticket_id=ticket.pk, by=house.requester, now=now)
        with pytest.raises(NotFound):
            actions.take(ticket_id=ticket.pk, by=house.stranger, now=now)

    def test_a_resolved_ticket_is_reopened_first(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.resolve(ticket_id=ticket.pk, by=None, now=now)
        with pytest.raises(Conflict, match="Reopen it first"):
            actions.take(ticket_id=ticket.pk, by=house.ana, now=now)


class TestAssigning:
    def test_an_agent_routes_what_nobody_owns(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.assign(ticket_id=ticket.pk, owner=None, team=house.network, by=house.ana, now=now + HOUR)
        after = fresh(ticket)
        assert (after.team, after.owner, after.status, after.handovers) == (house.network, None, "new", 1)
        assert (after.team_since, after.unassigned_since) == (now + HOUR, now)
        assert changes(ticket, "line") == [("line", "", "L1"), ("line", "L1", "L2")]

    def test_naming_an_owner_opens_it_and_is_no_sign_of_life(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.assign(ticket_id=ticket.pk, owner=house.ben, team=None, by=house.ana, now=now)
        after = fresh(ticket)
        assert (after.owner, after.team, after.status) == (house.ben, house.desk, "open")
        assert (after.last_owner_activity_at, after.unassigned_since) == (None, None)

    def test_what_somebody_owns_is_moved_by_a_lead_not_by_an_agent(self, house: House, now: datetime) -> None:
        ticket = house.open(now, owner=house.ana)
        for agent in (house.ben, house.ana):
            with pytest.raises(NotAllowed, match="hands it over"):
                actions.assign(ticket_id=ticket.pk, owner=house.ben, team=None, by=agent, now=now)
        actions.assign(ticket_id=ticket.pk, owner=house.ben, team=None, by=house.lead, now=now + HOUR)
        assert (fresh(ticket).owner, fresh(ticket).handovers) == (house.ben, 1)

    def test_an_owner_gives_a_ticket_back_to_its_queue(self, house: House, now: datetime) -> None:
        ticket = house.open(now, owner=house.ana)
        actions.assign(ticket_id=ticket.pk, owner=None, team=None, by=house.ana, now=now + HOUR)
        after = fresh(ticket)
        assert (after.owner, after.team, after.unassigned_since, after.handovers) == (None, house.desk, now + HOUR, 0)

    def test_assigning_what_is_so_already_changes_nothing(self, house: House, now: datetime, heard: Heard) -> None:
        ticket = house.open(now, owner=house.ana)
        heard().clear()
        actions.assign(ticket_id=ticket.pk, owner=house.ana, team=house.desk, by=None, now=now + HOUR)
        assert heard() == []

    def test_ownership_published_says_from_whom_to_whom(self, house: House, now: datetime, heard: Heard) -> None:
        ticket = house.open(now, owner=house.ana)
        heard().clear()
        actions.assign(ticket_id=ticket.pk, owner=house.nora, team=house.network, by=house.lead, now=now)
        assert heard() == [
            events.OwnershipChanged(
                ticket_id=ticket.pk,
                at=now,
                actor=f"person:{house.lead.pk}",
                before_owner=house.ana.pk,
                after_owner=house.nora.pk,
                before_team=house.desk.pk,
                after_team=house.network.pk,
                handover=True,
            )
        ]
