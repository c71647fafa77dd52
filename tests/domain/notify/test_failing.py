"""SEMANTICS 5: a failed or refused method falls through to the next at once; when none is left the climb goes on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tocsin.domain.journal import publish
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions
from tocsin.domain.notify.events import PageFailing, PageUnreachable
from tocsin.domain.notify.models import Attempt, Delivery, Page
from tocsin.domain.notify.transport import Sent, TransportError

pytestmark = pytest.mark.django_db
REFUSED = TransportError("550 no such user", permanent=True)
BUSY = TransportError("451 try later")
SENT = Sent(provider_id="p1", answer="ok")


@pytest.fixture
def heard() -> Iterator[list[publish.Event]]:
    """Record what notify publishes, in place of the wiring."""
    before = dict(publish._handlers)
    events: list[publish.Event] = []
    publish.wire({PageFailing: [events.append], PageUnreachable: [events.append]})
    yield events
    publish.wire(before)


@pytest.fixture
def two_methods(person, request_for, now: datetime):
    """A page by console now and by e-mail in ten minutes."""
    kai = person("email", "console")
    email, console = kai.contact_methods.order_by("channel").reverse()
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(console.pk, 0), (email.pk, 600)], now=now)
    request = request_for(kai)
    actions.enqueue(pages=[request], now=now)
    return request


def fail(parcel, error: TransportError, now: datetime) -> int:
    return actions.record_failed(parcel=parcel, error=error, now=now, max_attempts=3)


def test_a_refused_method_falls_through_to_the_next_at_once(two_methods, lease, states, heard, now: datetime) -> None:
    (parcel,) = lease(now, "console")
    assert fail(parcel, REFUSED, now) == 1
    assert states() == ["failed", "pending"]
    assert [p.lead.channel for p in lease(now)] == ["email"]
    assert heard == []


def test_a_temporary_failure_falls_through_at_once_and_is_tried_again(
    two_methods, lease, states, now: datetime
) -> None:
    (parcel,) = lease(now, "console")
    fail(parcel, BUSY, now)
    assert states() == ["pending", "pending"]
    assert Delivery.objects.get(channel="console").due_at == now + timedelta(seconds=5)
    assert len(lease(now)) == 1
    assert len(lease(now + timedelta(seconds=5), "console")) == 1


def test_retry_after_is_respected(two_methods, lease, now: datetime) -> None:
    (parcel,) = lease(now, "console")
    fail(parcel, TransportError("429", retry_after=timedelta(seconds=90)), now)
    assert Delivery.objects.get(channel="console").due_at == now + timedelta(seconds=90)


def test_temporary_failures_end_after_the_last_allowed_try(person, request_for, lease, heard, now: datetime) -> None:
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    at = now
    for _ in range(3):
        (parcel,) = lease(at)
        fail(parcel, BUSY, at)
        at += timedelta(minutes=10)
    assert Delivery.objects.get().state == "failed"
    assert list(Attempt.objects.order_by("at").values_list("outcome", flat=True)) == ["retry", "retry", "refused"]
    assert [type(event) for event in heard] == [PageFailing, PageUnreachable]


def test_when_no_method_is_left_the_page_is_unreachable(two_methods, lease, heard, kinds, now: datetime) -> None:
    fail(lease(now, "console")[0], REFUSED, now)
    fail(lease(now)[0], REFUSED, now)
    page = Page.objects.get()
    assert page.state == "unreachable"
    assert heard == [
        PageFailing(page_id=page.pk, run=page.run, ticket=page.ticket),
        PageUnreachable(page_id=page.pk, run=page.run, cycle=1, level=1, user_id=page.user_id, at=now),
    ]
    assert kinds(page.ticket) == ["page.enqueued", "page.failed", "page.failed", "page.unreachable"]


def test_the_page_is_marked_before_its_being_unreachable_is_published(two_methods, lease, heard, now: datetime) -> None:
    seen: list[str] = []
    publish.wire({PageUnreachable: [lambda event: seen.append(Page.objects.get(pk=event.page_id).state)]})
    fail(lease(now, "console")[0], REFUSED, now)
    fail(lease(now)[0], REFUSED, now)
    assert seen == ["unreachable"]


def test_a_handler_that_raises_undoes_the_record(person, request_for, lease, heard, now: datetime) -> None:
    def broken(event: PageUnreachable) -> None:
        raise RuntimeError

    publish.wire({PageUnreachable: [broken]})
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    (parcel,) = lease(now)
    with pytest.raises(RuntimeError):
        fail(parcel, REFUSED, now)
    assert Delivery.objects.get().state == "leased"
    assert Page.objects.get().state == "active"
    assert not Attempt.objects.exists()


def test_a_page_that_one_method_reached_is_not_unreachable(two_methods, lease, heard, now: datetime) -> None:
    actions.record_sent(parcel=lease(now, "console")[0], sent=SENT, now=now)
    later = now + timedelta(minutes=10)
    fail(lease(later)[0], REFUSED, later)
    assert Page.objects.get().state == "done"
    assert heard == []


def test_a_failure_after_the_answer_closes_quietly(person, request_for, lease, heard, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    (parcel,) = lease(now)
    actions.withdraw(run=request.run, now=now, reason="acknowledged")
    assert fail(parcel, BUSY, now) == 1
    assert Delivery.objects.get().state == "withdrawn"
    assert Page.objects.get().state == "withdrawn"
    assert heard == []
    assert Entry.objects.get(kind="page.failed").data["note"] == "withdrawn while in flight"


def test_every_page_of_a_bundle_that_failed_is_tried_again(person, request_for, lease, states, now: datetime) -> None:
    kai = person("email")
    actions.enqueue(pages=[request_for(kai) for _ in range(8)], now=now)
    (bundle,) = lease(now)
    assert fail(bundle, BUSY, now) == 8
    assert states() == ["pending"] * 8
    assert [len(p.deliveries) for p in lease(now + timedelta(seconds=5))] == [8]
