"""SECURITY 5: after an answer has committed nothing of its run is leased. Two thousand races on real connections."""

import threading
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

ROUNDS = 2_000
RUNS_AT_ONCE = 40  # runs enqueued in one transaction; each is one round of the race


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
    """One sender against one answering person over a number of runs, started at one barrier."""

    def __init__(self, runs: Sequence[UUID], at: datetime) -> None:
        self.runs = runs
        self.at = at
        self.errors: list[BaseException] = []
        self.as_committed: dict[UUID, tuple[UUID | None, str]] = {}  # run -> lease and state just after the answer
        self._barrier = threading.Barrier(2)

    def send(self) -> None:
        terms = LeaseTerms(seconds=60, bundle_over=0, per_minute=0)
        self._barrier.wait()
        while actions.lease(channel="email", now=self.at, limit=3, terms=terms):
            pass

    def answer(self) -> None:
        self._barrier.wait()
        for run in reversed(self.runs):  # the sender begins at the other end; they meet in the middle
            with transaction.atomic():
                actions.withdraw(run=run, now=self.at, reason="acknowledged")
            self.as_committed[run] = Delivery.objects.values_list("lease", "state").get(run=run)

    def finish(self) -> list[str]:
        """Run both sides; return the final states, after checking that no lease came after a commit."""
        for thread in [in_thread(self.send, self.errors), in_thread(self.answer, self.errors)]:
            thread.join()
        assert not self.errors
        final = {d.run: (d.lease, d.state) for d in Delivery.objects.filter(run__in=self.runs)}
        assert final == self.as_committed
        return [state for _, state in final.values()]


@pytest.mark.django_db(transaction=True)
def test_after_an_acknowledgement_nothing_is_leased(person: Callable[..., User], now: datetime) -> None:
    kai = person("email")
    states: list[str] = []
    for start in range(0, ROUNDS, RUNS_AT_ONCE):
        runs, ticket, at = [uuid4() for _ in range(RUNS_AT_ONCE)], uuid4(), now + timedelta(hours=start)
        pages = [PageRequest(user_id=kai.pk, run=run, ticket=ticket, subject="s", body="b") for run in runs]
        actions.enqueue(pages=pages, now=at)
        states += Race(runs, at).finish()
        # Also an expired lease of a run that was answered is never taken up again.
        later = at + timedelta(minutes=2)
        assert actions.lease(channel="email", now=later, limit=RUNS_AT_ONCE, terms=LeaseTerms()) == []
    won = Counter(states)
    assert won["withdrawn"] + won["leased"] == ROUNDS
    assert min(won["withdrawn"], won["leased"]) > ROUNDS // 100, "one side always won: this was no race"


@pytest.mark.django_db(transaction=True)
def test_two_senders_never_lease_the_same_delivery(person: Callable[..., User], now: datetime) -> None:
    kai = person("email")
    pages = [PageRequest(user_id=kai.pk, run=uuid4(), subject="s", body="b") for _ in range(500)]
    actions.enqueue(pages=pages, now=now)
    terms = LeaseTerms(seconds=60, bundle_over=0, per_minute=0)
    barrier = threading.Barrier(4)
    errors: list[BaseException] = []
    taken: list[UUID] = []

    def send() -> None:
        barrier.wait()
        while parcels := actions.lease(channel="email", now=now, limit=7, terms=terms):
            taken.extend(parcel.lead.id for parcel in parcels)

    for thread in [in_thread(send, errors) for _ in range(4)]:
        thread.join()
    assert not errors
    assert len(taken) == len(set(taken)) == 500
