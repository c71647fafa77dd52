"""SECURITY 3 and 4: no committed page is lost, none is repeated without a fault, wherever the engine dies."""

import pytest
from django.db import connection

from tests.torture.conftest import all_sent, committed, eventually
from tocsin.domain.journal.queries import verify
from tocsin.domain.notify import queries
from tocsin.domain.notify.models import Attempt, Delivery
from tocsin.engine.engine import work_once
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)

FAILED_HERE = 86
# Where the engine dies; whether the page is committed by then; whether the provider has it by then.
POINTS = [
    ("notify.enqueued", False, 0),  # within the transaction
    ("advance.before_commit", False, 0),
    ("advance.after_commit", True, 0),
    ("sender.leased", True, 0),
    ("sender.accepted", True, 1),  # before recording
    ("sender.recording", True, 1),  # recording, before its commit
    ("sender.recorded", True, 1),
]


@pytest.mark.parametrize(("point", "is_committed", "accepted"), POINTS)
def test_an_engine_that_dies_loses_nothing(
    point: str, is_committed: bool, accepted: int, engine, provider, due_escalations, here
) -> None:
    due_escalations(1)
    assert engine("--once", failpoint=point).wait() == FAILED_HERE
    assert len(committed()) == is_committed
    assert len(provider.ledger) == accepted
    # The lease of the dead ends; whoever runs next takes over.
    eventually(lambda: (due := queries.next_due()) is None or due <= database_now(connection))
    work_once(("ticker", "sender"))
    assert all_sent()
    assert set(provider.ledger) == committed()
    faulty = point in {"sender.accepted", "sender.recording"}  # nobody can know whether it had gone out
    assert len(provider.ledger) == (2 if faulty else 1)
    assert Delivery.objects.count() == 1
    assert queries.outbox_health(database_now(connection)).suspected_duplicates == (
        1 if Attempt.objects.filter(outcome="lease_lost").exists() else 0
    )
    assert verify().problems == []
