"""SEMANTICS 6: exactly one owner, and until a handover is accepted the sender owns."""

from datetime import datetime, timedelta

import pytest

from tests.domain.tickets.conftest import House
from tocsin.domain.journal.queries import entries
from tocsin.domain.tickets import actions
from tocsin.domain.tickets.enums import HandoverState
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

HOUR = timedelta(hours=1)
BRIEF = "Switch 4 drops packets since 07:10. Rebooted it, no change. Wanted: a look at the uplink."


def taken(house: House, now: datetime) -> Ticket:
    return actions.take(ticket_id=house.open(now).pk, by=house.ana, now=now)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_until_accepted_the_sender_owns(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now)

    assert fresh(ticket).owner == house.ana
    assert offer.state == HandoverState.OFFERED
    assert offer.from_user == house.ana

    answered = actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now + HOUR)

    assert answered.state == HandoverState.ACCEPTED
    after = fresh(ticket)
    assert (after.owner, after.team, after.handovers) == (house.nora, house.network, 1)
    assert after.team_since == now + HOUR
    assert after.last_owner_activity_at == now + HOUR


def test_a_declined_handover_leaves_the_sender_the_owner(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now)

    actions.answer_handover(
        handover_id=offer.pk, accept=False, by=house.nora, now=now + HOUR, answer="Not a network fault"
    )

    after = fresh(ticket)
    assert (after.owner, after.team, after.handovers) == (house.ana, house.desk, 0)
    stored = Handover.objects.get(pk=offer.pk)
    assert (stored.state, stored.answer, stored.answered_by) == ("declined", "Not a network fault", house.nora)


def test_an_expired_handover_leaves_the_sender_the_owner(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(
        ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now, expires_in=HOUR
    )

    assert actions.expire_handovers(now=now + HOUR - timedelta(seconds=1), limit=10) == 0
    assert actions.expire_handovers(now=now + HOUR, limit=10) == 1
    assert actions.expire_handovers(now=now + HOUR, limit=10) == 0

    assert fresh(ticket).owner == house.ana
    assert Handover.objects.get(pk=offer.pk).state == HandoverState.EXPIRED
    with pytest.raises(Conflict, match="was expired already"):
        actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now + HOUR)


def test_an_offer_that_ran_out_cannot_be_accepted_before_it_is_swept(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(
        ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now, expires_in=HOUR
    )

    with pytest.raises(Conflict, match="run out"):
        actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now + HOUR)

    again = actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now + HOUR)
    assert Handover.objects.get(pk=offer.pk).state == HandoverState.EXPIRED
    assert again.state == HandoverState.OFFERED


def test_expire_takes_no_more_than_its_limit_and_the_oldest_first(house: House, now: datetime) -> None:
    offers = []
    for hours in (3, 1, 2):
        ticket = taken(house, now)
        offer = actions.offer_handover(
            ticket_id=ticket.pk, to_team=house.network, brief=BRIEF, by=house.ana, now=now, expires_in=hours * HOUR
        )
        offers.append(offer)

    assert actions.expire_handovers(now=now + 4 * HOUR, limit=2) == 2

    assert [Handover.objects.get(pk=o.pk).state for o in offers] == ["offered", "expired", "expired"]


def test_an_offer_to_a_team_is_accepted_by_any_member_and_by_nobody_else(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(ticket_id=ticket.pk, to_team=house.network, brief=BRIEF, by=house.ana, now=now)

    for other in (house.ben, house.lead, house.admin):
        with pytest.raises(NotAllowed, match="offered to somebody else"):
            actions.answer_handover(handover_id=offer.pk, accept=True, by=other, now=now)
    actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now)

    assert (fresh(ticket).owner, fresh(ticket).team) == (house.nora, house.network)


def test_answering_twice_in_the_same_way_changes_nothing(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now)
    actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now)
    before = len(entries(f"ticket:{ticket.pk}"))

    actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now + HOUR)

    assert len(entries(f"ticket:{ticket.pk}")) == before
    with pytest.raises(Conflict, match="was accepted already"):
        actions.answer_handover(handover_id=offer.pk, accept=False, by=house.nora, now=now + HOUR)


def test_one_offer_at_a_time(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now)

    with pytest.raises(Conflict, match="Withdraw that offer first"):
        actions.offer_handover(ticket_id=ticket.pk, to_user=house.ben, brief=BRIEF, by=house.ana, now=now)

    actions.withdraw_handover(handover_id=offer.pk, by=house.ana, now=now)
    actions.withdraw_handover(handover_id=offer.pk, by=house.ana, now=now)
    actions.offer_handover(ticket_id=ticket.pk, to_user=house.ben, brief=BRIEF, by=house.ana, now=now)


def test_a_brief_is_required(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    with pytest.raises(InvalidInput) as refused:
        actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief="  ", by=house.ana, now=now)
    assert refused.value.fields == {"brief": "This must not be empty."}


def test_only_the_owner_or_those_who_direct_may_offer(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    with pytest.raises(NotAllowed):
        actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ben, now=now)
    with pytest.raises(NotAllowed):
        actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.requester, now=now)
    with pytest.raises(NotFound):
        actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.stranger, now=now)
    actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.lead, now=now)


def test_an_addressee_must_be_able_to_take_it(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    empty = type(house.desk).objects.create(name="Empty", slug="empty")
    for wrong in (
        {},
        {"to_user": house.requester},
        {"to_user": house.ana},
        {"to_team": empty},
    ):
        with pytest.raises(InvalidInput):
            actions.offer_handover(ticket_id=ticket.pk, brief=BRIEF, by=house.ana, now=now, **wrong)


def test_the_addressee_who_takes_the_ticket_accepts_the_offer(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    offer = actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now)

    actions.take(ticket_id=ticket.pk, by=house.nora, now=now + HOUR)

    assert Handover.objects.get(pk=offer.pk).state == HandoverState.ACCEPTED
    assert fresh(ticket).owner == house.nora


def test_an_open_offer_ends_when_the_ticket_moves_or_ends_otherwise(house: House, now: datetime) -> None:
    first, second = taken(house, now), taken(house, now)
    offers = [
        actions.offer_handover(ticket_id=t.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now)
        for t in (first, second)
    ]

    actions.assign(ticket_id=first.pk, owner=house.ben, team=None, by=house.lead, now=now + HOUR)
    actions.resolve(ticket_id=second.pk, by=house.ana, now=now + HOUR)

    assert [Handover.objects.get(pk=o.pk).state for o in offers] == ["withdrawn", "withdrawn"]


def test_ping_pong_a_b_a_counts_twice(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    for step, (sender, addressee) in enumerate([(house.ana, house.nora), (house.nora, house.ana)], start=1):
        offer = actions.offer_handover(
            ticket_id=ticket.pk, to_user=addressee, brief=BRIEF, by=sender, now=now + step * HOUR
        )
        actions.answer_handover(handover_id=offer.pk, accept=True, by=addressee, now=now + step * HOUR)

    after = fresh(ticket)
    assert (after.handovers, after.ping_pongs) == (2, 1)
    assert (after.owner, after.team) == (house.ana, house.desk)


def test_the_hop_after_the_budget_needs_an_arbiter(house: House, now: datetime) -> None:
    ticket = taken(house, now)
    Ticket.objects.filter(pk=ticket.pk).update(handovers=3)

    with pytest.raises(NotAllowed, match="Ask the escalation manager"):
        actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief=BRIEF, by=house.ana, now=now)
    with pytest.raises(NotAllowed, match="Ask the escalation manager"):
        actions.assign(ticket_id=ticket.pk, owner=house.nora, team=house.network, by=house.lead, now=now)
    assert fresh(ticket).owner == house.ana

    actions.assign(ticket_id=ticket.pk, owner=house.nora, team=house.network, by=house.arbiter, now=now)
    assert (fresh(ticket).owner, fresh(ticket).handovers) == (house.nora, 4)
