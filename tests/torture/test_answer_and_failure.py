"""A person answers at the very moment at which the last method fails: both wait for the same locks in the same order."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.models import Run
from tocsin.domain.journal.queries import verify
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import LeaseTerms
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.notify.transport import TransportError
from tocsin.domain.people.models import User
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12
REFUSED = TransportError("550 no such user", permanent=True)


def test_an_answer_and_the_last_failure_at_once_never_deadlock(due_escalations: Callable[..., object]) -> None:
    due_escalations(ROUNDS)
    now = database_now(connection)
    assert escalation.advance_due(now=now, limit=ROUNDS) == ROUNDS
    parcels = notify.lease(channel="email", now=now, limit=ROUNDS, terms=LeaseTerms(bundle_over=0, per_minute=0))
    assert len(parcels) == ROUNDS
    kai = User.objects.get(email="kai0@example.org")
    errors: list[BaseException] = []
    barrier = threading.Barrier(2, timeout=30)

    def each_round(act: Callable[[object], object]) -> None:
        try:
            for parcel in parcels:
                barrier.wait()
                act(parcel)
        except BaseException as error:
            errors.append(error)
            barrier.abort()
        finally:
            connection.close()

    def fail(parcel) -> None:
        notify.record_failed(parcel=parcel, error=REFUSED, now=database_now(connection), max_attempts=3)

    def answer(parcel) -> None:
        escalation.acknowledge(run_id=parcel.lead.run, by=kai, now=database_now(connection))

    threads = [threading.Thread(target=each_round, args=(act,)) for act in (fail, answer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(Run.objects.values_list("status", flat=True)) == {"acknowledged"}
    of_runs = Delivery.objects.filter(run__isnull=False)  # the offer of ownership is a notice of its own
    assert set(of_runs.values_list("state", flat=True)) <= {"failed", "withdrawn"}
    assert not Page.objects.filter(run__isnull=False, state="active").exists()
    assert verify().problems == []
