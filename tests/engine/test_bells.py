"""The doorbell: NOTIFY wakes loops; a lost connection is made again and rings in case something was missed."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from tocsin.engine.bells import Bell, Listener
from tocsin.kernel.doorbell import DUE, OUTBOX, ring

pytestmark = pytest.mark.django_db(transaction=True)


class Counting(Bell):
    def __init__(self) -> None:
        super().__init__()
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1
        super().ring()


@pytest.fixture
def bells() -> Iterator[dict[str, Counting]]:
    stopping = threading.Event()
    made = {DUE: Counting(), OUTBOX: Counting()}
    listener = Listener({name: [bell] for name, bell in made.items()}, stopping)
    listener.start()
    eventually(lambda: all(bell.rung == 1 for bell in made.values()))  # once for whatever was missed before
    yield made
    stopping.set()
    listener.join(5)


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def test_ringing_wakes_those_who_listen_to_that_bell(bells: dict[str, Counting]) -> None:
    ring(connection, OUTBOX)
    eventually(lambda: bells[OUTBOX].rung == 2)
    assert bells[DUE].rung == 1


def test_a_ring_for_one_loop_passes_the_others_by(bells: dict[str, Counting]) -> None:
    bells[OUTBOX].name = "email"
    ring(connection, OUTBOX, "webhook")
    ring(connection, OUTBOX, "email")
    ring(connection, DUE)
    eventually(lambda: bells[DUE].rung == 2)
    assert bells[OUTBOX].rung == 2


def test_a_bell_rings_when_the_transaction_commits_and_not_if_it_is_undone(bells: dict[str, Counting]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ring(connection, DUE)
        raise RuntimeError
    with transaction.atomic():
        ring(connection, DUE)
        ring(connection, DUE)
        assert bells[DUE].rung == 1
    eventually(lambda: bells[DUE].rung == 2)
    ring(connection, OUTBOX)
    eventually(lambda: bells[OUTBOX].rung == 2)
    assert bells[DUE].rung == 2


def test_a_lost_connection_is_made_again_and_rings_every_bell(bells: dict[str, Counting]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%%'"
        )
        assert cursor.fetchone() == (1,)
    eventually(lambda: all(bell.rung == 2 for bell in bells.values()))
    ring(connection, DUE)
    eventually(lambda: bells[DUE].rung == 3)


def test_a_ring_during_the_look_is_not_lost() -> None:
    bell = Bell()
    bell.clear()
    bell.ring()  # while the loop looks at the rows
    began = time.monotonic()
    bell.wait(10)
    assert time.monotonic() - began < 1
