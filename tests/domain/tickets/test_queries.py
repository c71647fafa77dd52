"""Reads of tickets: what each role sees, in how many queries."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.domain.tickets.conftest import House, person
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.tickets import actions, queries, rules
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.domain.tickets.queries import QueueFilters, access_ticket, counts, queue, timeline, visible_to
from tocsin.kernel.errors import NotFound

HOUR = timedelta(hours=1)


def references(user: User, **filters: Any) -> list[int]:
    return [ticket.number for ticket in queue(user, QueueFilters(**filters)).tickets]


def test_the_condition_in_sql_and_the_rule_agree_for_every_role(house: House, now: datetime) -> None:
    other = house.stranger.organisation
    own, foreign = house.open(now), house.open(now, requester=house.stranger)
    everybody = [person(f"{role}1", role, None) for role in Role]
    everybody += [person(f"{role}2", role, house.customer) for role in Role]
    everybody += [person(f"{role}3", role, other) for role in Role]
    everybody += [house.requester, house.stranger]
    for user in everybody:
        for active in (True, False):
            user.is_active = active
            seen = set(visible_to(user))
            assert seen == {ticket for ticket in (own, foreign) if rules.may_see_ticket.test(user, ticket)}, user.name
            if not active:
                assert seen == set()


def test_nobody_sees_another_customers_ticket(house: House, now: datetime) -> None:
    ticket = house.open(now)
    executive = person("executive", Role.STAKEHOLDER, Organisation.objects.create(name="Third"))
    for outsider in (house.stranger, executive):
        with pytest.raises(NotFound):
            access_ticket(outsider, ticket.number)
        assert references(outsider, status="all") == []
        assert references(outsider, status="all", text=str(ticket.number)) == []
        assert counts(outsider, now)["open"] == 0
    assert access_ticket(house.requester, ticket.number) == ticket


def test_an_absent_number_is_not_found(house: House) -> None:
    with pytest.raises(NotFound, match="There is no ticket T-7"):
        access_ticket(house.ana, 7)


def test_the_queue_is_filtered(house: House, now: datetime) -> None:
    printer = house.open(now, impact=1, urgency=1)
    router = house.open(now + HOUR, subject="Router 100% down", team=house.network, service=house.payroll)
    done = house.open(now)
    actions.take(ticket_id=router.pk, by=house.nora, now=now + HOUR)
    actions.set_status(ticket_id=router.pk, status="waiting_vendor", by=house.nora, now=now + HOUR)
    actions.resolve(ticket_id=done.pk, by=None, now=now)
    p, r, d = printer.number, router.number, done.number

    assert references(house.ana) == [p, r]
    assert references(house.ana, status="all") == [p, d, r]
    assert references(house.ana, status="waiting") == [r]
    assert references(house.ana, status="resolved") == [d]
    assert references(house.ana, team="mine") == [p]
    assert references(house.ana, team="network") == [r]
    assert references(house.ana, owner="none") == [p]
    assert references(house.nora, owner="me") == [r]
    assert references(house.ana, owner="NORA@example.com") == [r]
    assert references(house.ana, priority=(1, 2)) == [p]
    assert references(house.ana, service="payroll") == [r]
    assert references(house.ana, organisation=house.customer.pk) == [p, r]
    assert references(house.ana, text="100% router") == [r]
    assert references(house.ana, text="\x00") == [p, r]
    assert references(house.ana, text=f"T-{p}") == [p]
    assert references(house.ana, text=f"#{r}") == [r]
    assert references(house.ana, sort="newest") == [r, p]
    assert references(house.ana, sort="nonsense; DROP TABLE") == [p, r]


def test_the_queue_comes_in_pages(house: House, now: datetime) -> None:
    for _ in range(5):
        house.open(now)
    page = queue(house.ana, QueueFilters(size=2, page=9))
    assert (page.total, page.pages, page.page, len(page.tickets)) == (5, 3, 3, 1)
    assert queue(house.ana, QueueFilters(text="nothing like it")).pages == 1


def test_the_queue_needs_two_queries_however_many_rows(
    house: House, now: datetime, django_assert_num_queries: Any
) -> None:
    for _ in range(12):
        house.open(now, service=house.payroll, owner=house.ana)
    with django_assert_num_queries(2):
        for row in queue(house.ana, QueueFilters()).tickets:
            assert (row.owner, row.team, row.service, row.organisation, row.requester) is not None
            assert row.owner is not None
            assert row.owner.name == "Ana"


def test_counts_stand_behind_the_views(house: House, now: datetime, django_assert_num_queries: Any) -> None:
    mine, _queued, elsewhere = house.open(now, owner=house.ana), house.open(now), house.open(now, team=house.network)
    house.open(now, impact=1, urgency=1)
    actions.offer_handover(ticket_id=mine.pk, to_team=house.network, brief="b", by=house.ana, now=now)
    actions.set_status(ticket_id=elsewhere.pk, status="waiting_customer", by=None, now=now)
    with django_assert_num_queries(1):
        found = counts(house.ana, now)
    assert found == {"open": 4, "mine": 1, "my_teams": 3, "unassigned": 2, "critical": 1, "waiting": 1, "handovers": 0}
    assert counts(house.nora, now)["handovers"] == 1
    assert [offer.ticket for offer in queries.handovers_waiting_for(house.nora, now)] == [mine]
    assert queries.handovers_waiting_for(house.nora, now + 5 * HOUR) == []
    assert queries.next_handover_due() == now + 4 * HOUR


@pytest.fixture
def told(house: House, now: datetime) -> Ticket:
    """A ticket with a note, a reply, a customer's message and machine events."""
    ticket = house.open(now)
    actions.take(ticket_id=ticket.pk, by=house.ana, now=now + HOUR)
    actions.add_message(ticket_id=ticket.pk, kind="note", body="Uplink?", by=house.ana, now=now + 2 * HOUR)
    actions.add_message(ticket_id=ticket.pk, kind="reply", body="On it", by=house.ana, now=now + 3 * HOUR)
    actions.add_message(ticket_id=ticket.pk, kind="customer", body="Thanks", by=house.requester, now=now + 4 * HOUR)
    return ticket


def test_the_timeline_is_one_story_in_order(house: House, told: Ticket, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        items = timeline(told.pk)
    assert [item.message.body if item.message else item.kind for item in items] == [
        "ticket.opened", "ticket.taken", "ticket.status_changed", "Uplink?", "On it", "Thanks",
    ]  # fmt: skip
    assert [item.position for item in items] == [1, 2, 3, 4, 5, 6]
    assert (items[1].actor_name, items[0].actor_name, items[5].actor_name) == ("Ana", "system", "Rita")


def test_the_timeline_of_a_customer_holds_neither_notes_nor_machinery(house: House, told: Ticket) -> None:
    items = timeline(told.pk, user=house.requester)
    shown = [item.message.body if item.message else item.kind for item in items]
    assert shown == ["ticket.opened", "ticket.status_changed", "On it", "Thanks"]
    assert set(items[0].data) == {"number", "opened_at"}


def test_the_timeline_after_a_position_holds_only_what_is_new(told: Ticket) -> None:
    assert [item.position for item in timeline(told.pk, after=4)] == [5, 6]


def test_imported_messages_stand_where_they_were_said(house: House, now: datetime, told: Ticket) -> None:
    Message.objects.create(ticket=told, kind="customer", author=None, body="Imported", at=now + timedelta(minutes=30))
    items = timeline(told.pk)
    assert (items[1].message and items[1].message.body, items[1].position, items[1].actor) == ("Imported", 0, "import")


def test_the_history_of_many_tickets_is_one_query(
    house: House, told: Ticket, now: datetime, django_assert_num_queries: Any
) -> None:
    other = house.open(now)
    with django_assert_num_queries(1):
        found = queries.history([told.pk, other.pk, house.ana.pk])
    assert [c.after for c in found[told.pk] if c.field == "status"] == ["new", "open"]
    assert found[house.ana.pk] == []


def test_links_lead_only_to_what_one_may_see(house: House, now: datetime) -> None:
    own, foreign = house.open(now), house.open(now, requester=house.stranger)
    actions.link(from_id=foreign.pk, to_id=own.pk, kind="duplicate", by=None, now=now)
    assert queries.links_of(own, house.ana) == [("Duplicated by", foreign)]
    assert queries.links_of(own, house.requester) == []
