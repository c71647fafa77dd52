"""SECURITY 5: after an answer has committed nothing of its run is leased. Two thousand races on real connections.

TOCSIN_RACE_ROUNDS=5000 runs as many of each kind instead.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from tocsin.domain.notify import actions
from tocsin.domain.notify.actions import LeaseTerms, PageRequest
from tocsin.domain.notify.models import Delivery
from tocsin.domain.people.models import User

ROUNDS = {"pending": 800, "leased": 600, "storm": 600}
WANTED = int(os.environ.get("TOCSIN_RACE_ROUNDS", "0"))
STEP = 0.0001  # seconds
ROUND = timedelta(hours=1)  # on the clock that is passed in
TERMS = LeaseTerms(seconds=60, bundle_over=0, per_minute=0)


def in_thread(act: Callable[[], None], errors: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = off")  # the order of commits matters here, not the disk
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


class Race:
    """A sender and an answering person reach for one run after the other, both started at a barrier each time.

    The sender is held back a little more whenever it won and a little less whenever it lost, so that the two
    stay neck and neck whatever the machine's speed.
    """

    def __init__(self, runs: Sequence[UUID], at: datetime, limit: int = 1) -> None:
        self.runs = runs
        self.limit = limit
        self.at = at
        self.errors: list[BaseException] = []
        self.lost: list[UUID] = []  # runs whose lease changed after the answer had committed
        self.won: Counter[str] = Counter()
        self._barrier = threading.Barrier(2, timeout=30)
        self._held_back = 0.0

    def send(self) -> None:
        for place in range(len(self.runs)):
            self._barrier.wait()
            until = time.perf_counter() + self._held_back
            while time.perf_counter() < until:
                time.sleep(0)
            actions.lease(channel="email", now=self.at + place * ROUND, limit=self.limit, terms=TERMS)
            self._barrier.wait()

    def answer(self) -> None:
        for run in self.runs:
            before = self._lease_of(run)
            self._barrier.wait()
            with transaction.atomic():
                actions.withdraw(run=run, now=self.at, reason="acknowledged")
            committed = self._lease_of(run)
            self._barrier.wait()
            if self._lease_of(run) != committed:
                self.lost.append(run)
            winner = "answer" if committed == before else "sender"
            self.won[winner] += 1
            self._held_back = max(0.0, self._held_back + (STEP if winner == "sender" else -STEP))

    def _lease_of(self, run: UUID) -> UUID | None:
        return Delivery.objects.values_list("lease", flat=True).get(run=run)

    def finish(self) -> None:
        for thread in [in_thread(self.send, self.errors), in_thread(self.answer, self.errors)]:
            thread.join()
        assert not self.errors


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["pending", "leased", "storm"])
def test_after_an_acknowledgement_nothing_is_leased(person: Callable[..., User], now: datetime, state: str) -> None:
    """Neck and neck over what waits (pending), over what a dead sender left behind (leased, the lease has ended), and
    over what waits while another customer's storm has lanes take turns (storm)."""
    kai, ticket, rounds = person("email"), uuid4(), WANTED or ROUNDS[state]
    runs = [uuid4() for _ in range(rounds)]
    pages = [PageRequest(user_id=kai.pk, run=run, ticket=ticket, subject="s", body="b") for run in runs]
    actions.enqueue(pages=pages, now=now)
    if state == "leased":
        assert len(actions.lease(channel="email", now=now, limit=rounds, terms=TERMS)) == rounds
    in_order = list(Delivery.objects.order_by("pk").values_list("run", flat=True))
    for place, run in enumerate(in_order):  # one is due in each round
        Delivery.objects.filter(run=run).update(due_at=now + place * ROUND)
    if state == "storm":  # with two to take there are always more: one of the run's lane and one of the storm's
        other = person("email")
        storm = [PageRequest(user_id=other.pk, subject="s", body="b", lane="storm") for _ in range(2 * rounds + 2)]
        actions.enqueue(pages=storm, now=now)
    race = Race(in_order, now, limit=2 if state == "storm" else 1)
    race.finish()
    assert race.lost == []
    assert min(race.won["answer"], race.won["sender"]) > 0, "one side always won: this was no race"


@pytest.mark.django_db(transaction=True)
def test_two_senders_never_lease_the_same_delivery(person: Callable[..., User], now: datetime) -> None:
    kai = person("email")
    pages = [PageRequest(user_id=kai.pk, run=uuid4(), subject="s", body="b") for _ in range(500)]
    actions.enqueue(pages=pages, now=now)
    barrier = threading.Barrier(4)
    errors: list[BaseException] = []
    taken: list[UUID] = []

    def send() -> None:
        barrier.wait()
        while parcels := actions.lease(channel="email", now=now, limit=7, terms=TERMS):
            taken.extend(parcel.lead.id for parcel in parcels)

    for thread in [in_thread(send, errors) for _ in range(4)]:
        thread.join()
    assert not errors
    assert len(taken) == len(set(taken)) == 500
