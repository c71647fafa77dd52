"""Two who act on one ticket at the same moment, on two connections (SECURITY "Races")."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests.domain.tickets.conftest import House
from tocsin.domain.journal.queries import entries, verify
from tocsin.domain.tickets import actions
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.kernel.errors import Conflict, TocsinError

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts side by side from one start; return what each gave or why it was refused, in their order."""
    start = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes[index] = act()
        except TocsinError as refused:
            outcomes[index] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_of_two_who_take_at_once_one_wins_and_the_other_is_told(
    transactional_db: None, house: House, now: datetime
) -> None:
    for _ in range(ROUNDS):
        ticket = house.open(now)
        outcomes = at_once(
            lambda: actions.take(ticket_id=ticket.pk, by=house.ana, now=now),  # noqa: B023 - run within the round
            lambda: actions.take(ticket_id=ticket.pk, by=house.ben, now=now),  # noqa: B023 - run within the round
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
        taken = [outcome for outcome in outcomes if isinstance(outcome, Ticket)]
        assert (len(refused), len(taken)) == (1, 1)
        assert refused[0].code == "owned_by_other"
        assert Ticket.objects.get(pk=ticket.pk).owner_id == taken[0].owner_id
        assert [entry.kind for entry in entries(f"ticket:{ticket.pk}")].count("ticket.taken") == 1
    assert verify().problems == []


def test_an_offer_is_either_accepted_or_withdrawn(transactional_db: None, house: House, now: datetime) -> None:
    for _ in range(ROUNDS):
        ticket = house.open(now, owner=house.ana)
        offer = actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief="b", by=house.ana, now=now)
        outcomes = at_once(
            lambda: actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now),  # noqa: B023 - run within the round
            lambda: actions.withdraw_handover(handover_id=offer.pk, by=house.ana, now=now),  # noqa: B023 - run within the round
        )
        state = Handover.objects.get(pk=offer.pk).state
        owner = Ticket.objects.get(pk=ticket.pk).owner_id
        assert (state, owner) in (("accepted", house.nora.pk), ("withdrawn", house.ana.pk))
        assert sum(isinstance(outcome, TocsinError) for outcome in outcomes) == 1


def test_two_workers_end_each_offer_once(transactional_db: None, house: House, now: datetime) -> None:
    for _ in range(5):
        ticket = house.open(now, owner=house.ana)
        actions.offer_handover(ticket_id=ticket.pk, to_user=house.nora, brief="b", by=house.ana, now=now)
    late = now + timedelta(hours=5)
    outcomes = at_once(*[lambda: actions.expire_handovers(now=late, limit=10) for _ in range(2)])
    rest = actions.expire_handovers(now=late, limit=10)
    assert sum(outcome for outcome in outcomes if isinstance(outcome, int)) + rest == 5
    assert set(Handover.objects.values_list("state", flat=True)) == {"expired"}
    assert verify().problems == []


def test_two_who_link_crosswise_do_not_deadlock(transactional_db: None, house: House, now: datetime) -> None:
    for _ in range(ROUNDS):
        first, second = house.open(now), house.open(now)
        outcomes = at_once(
            lambda: actions.link(from_id=first.pk, to_id=second.pk, kind="related", by=house.ana, now=now),  # noqa: B023 - run within the round
            lambda: actions.link(from_id=second.pk, to_id=first.pk, kind="related", by=house.ben, now=now),  # noqa: B023 - run within the round
        )
        assert not any(isinstance(outcome, TocsinError) or outcome is None for outcome in outcomes)
    assert verify().problems == []
