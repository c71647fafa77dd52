"""SEMANTICS 5: leases, quiet hours at the time of sending, bundles, throttle."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from tests.domain.notify.conftest import TERMS
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, queries
from tocsin.domain.notify.models import Attempt, Delivery, Page
from tocsin.domain.notify.transport import Sent

pytestmark = pytest.mark.django_db
SENT = Sent(provider_id="p1", answer="ok")


def test_only_what_is_due_on_the_channel_is_leased(person, request_for, lease, now: datetime) -> None:
    kai = person("email", "console")
    email, console = kai.contact_methods.order_by("channel").reverse()
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(console.pk, 0), (email.pk, 60)], now=now)
    actions.enqueue(pages=[request_for(kai)], now=now)
    assert lease(now) == []
    assert [p.lead.channel for p in lease(now, "console")] == ["console"]
    assert [p.lead.channel for p in lease(now + timedelta(minutes=1))] == ["email"]


def test_a_lease_says_until_when_and_counts_the_try(person, request_for, lease, now: datetime) -> None:
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    (parcel,) = lease(now)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.lease, delivery.attempts) == ("leased", parcel.lease, 1)
    assert (delivery.leased_at, delivery.due_at) == (now, now + timedelta(seconds=60))


def test_what_is_leased_is_not_leased_again_before_the_lease_ends(person, request_for, lease, now: datetime) -> None:
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    lease(now)
    assert lease(now + timedelta(seconds=59)) == []


def test_an_expired_lease_is_queued_again_and_the_silent_try_is_kept(person, request_for, lease, now: datetime) -> None:
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    (first,) = lease(now)
    (second,) = lease(now + timedelta(seconds=60))
    assert second.lead.id == first.lead.id
    assert second.lease != first.lease
    assert list(Attempt.objects.values_list("outcome", "lease", "at")) == [("lease_lost", first.lease, now)]


def test_what_was_tried_too_often_without_an_answer_fails(person, request_for, lease, kinds, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    for n in range(TERMS.max_attempts):
        assert len(lease(now + n * timedelta(minutes=1))) == 1
    assert lease(now + timedelta(minutes=9)) == []
    assert Delivery.objects.get().state == "failed"
    assert kinds(request.ticket) == ["page.enqueued", "page.failed", "page.unreachable"]


def quiet(user, now: datetime) -> None:
    actions.set_quiet_hours(user_id=user.pk, starts=time(8), ends=time(10), now=now)


def test_quiet_hours_defer_normal_urgency_to_their_end(person, request_for, lease, kinds, now: datetime) -> None:
    kai = person("email")
    quiet(kai, now)
    request = request_for(kai, urgency="normal")
    actions.enqueue(pages=[request], now=now)
    assert lease(now) == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.due_at, delivery.attempts) == ("pending", now + timedelta(hours=1), 0)
    assert kinds(request.ticket) == ["page.enqueued", "page.deferred"]
    assert len(lease(now + timedelta(hours=1))) == 1


def test_high_urgency_ignores_quiet_hours(person, request_for, lease, now: datetime) -> None:
    kai = person("email")
    quiet(kai, now)
    actions.enqueue(pages=[request_for(kai, urgency="high")], now=now)
    assert len(lease(now)) == 1


def test_quiet_hours_are_evaluated_when_sending_not_when_enqueueing(person, request_for, lease, now: datetime) -> None:
    kai = person("email")
    actions.enqueue(pages=[request_for(kai, urgency="normal")], now=now)
    quiet(kai, now)  # set after the page was made
    assert lease(now) == []


def test_quiet_hours_are_those_of_the_persons_zone(person, request_for, lease, now: datetime) -> None:
    kai = person("email", zone="America/New_York")  # 04:00 there
    quiet(kai, now)
    actions.enqueue(pages=[request_for(kai, urgency="normal")], now=now)
    assert len(lease(now)) == 1


def test_a_broken_zone_does_not_hold_a_page_back(person, request_for, lease, now: datetime) -> None:
    kai = person("email", zone="Mars/Olympus")
    quiet(kai, now)
    actions.enqueue(pages=[request_for(kai, urgency="normal")], now=now)
    assert len(lease(now)) == 1


def storm(request_for, user, count: int, now: datetime) -> None:
    actions.enqueue(pages=[request_for(user, data={"reference": f"T-{n}"}) for n in range(count)], now=now)


def test_up_to_the_bound_pages_go_out_one_by_one(person, request_for, lease, now: datetime) -> None:
    storm(request_for, person("email"), TERMS.bundle_over, now)
    assert [len(p.deliveries) for p in lease(now)] == [1] * TERMS.bundle_over


def test_a_storm_is_bundled_per_person(person, request_for, lease, states, now: datetime) -> None:
    kai, ana = person("email"), person("email")
    storm(request_for, kai, 37, now)
    storm(request_for, ana, 1, now)
    parcels = {p.lead.user_id: p for p in lease(now, limit=10)} | {p.lead.user_id: p for p in lease(now)}
    bundle = parcels[kai.pk]
    assert len(bundle.deliveries) == 37
    assert len(parcels[ana.pk].deliveries) == 1
    message = bundle.message(now)
    assert message.subject == "37 escalations, ack all"
    assert len(message.items) == 37
    assert actions.record_sent(parcel=bundle, sent=SENT, now=now) == 37
    assert sorted(states(user=kai)) == ["bundled"] * 36 + ["sent"]
    assert set(Delivery.objects.filter(user=kai).values_list("provider_id", flat=True)) == {"p1"}


def test_what_is_above_the_throttle_waits_and_is_not_dropped(person, request_for, lease, now: datetime) -> None:
    terms = replace(TERMS, bundle_over=0, per_minute=2)
    storm(request_for, person("email"), 5, now)
    first = lease(now, terms=terms)
    assert len(first) == 2
    for parcel in first:
        actions.record_sent(parcel=parcel, sent=SENT, now=now)
    waiting = Delivery.objects.filter(state="pending")
    assert {d.due_at for d in waiting} == {now + timedelta(minutes=1)}
    later = now + timedelta(minutes=1, microseconds=1)
    assert len(lease(later, terms=terms)) == 2
    assert Delivery.objects.filter(state="pending").count() == 1
    assert Entry.objects.filter(kind="page.deferred", data__reason="throttled").count() == 4


def test_the_throttle_of_one_address_does_not_touch_another(person, request_for, lease, now: datetime) -> None:
    terms = replace(TERMS, bundle_over=0, per_minute=1)
    storm(request_for, person("email"), 3, now)
    storm(request_for, person("email"), 1, now)
    assert len(lease(now, terms=terms)) == 2


def test_released_deliveries_are_due_for_others_and_the_try_is_not_counted(
    person, request_for, lease, now: datetime
) -> None:
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    actions.release(parcels=lease(now), now=now)
    (parcel,) = lease(now)
    assert parcel.lead.attempts == 1


def test_a_page_that_is_no_longer_active_is_not_leased(person, request_for, lease, now: datetime) -> None:
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    Page.objects.update(state="withdrawn")
    assert lease(now) == []


def test_next_due_is_the_earliest_open_delivery(
    person, request_for, lease: Callable[..., object], now: datetime
) -> None:
    assert queries.next_due() is None
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    assert queries.next_due() == now
    assert queries.next_due(["webhook"]) is None
    lease(now)
    assert queries.next_due() == now + timedelta(seconds=60)


def test_the_oldest_due_goes_first(person, request_for, lease, now: datetime) -> None:
    late, early = request_for(person("email")), request_for(person("email"))
    actions.enqueue(pages=[late], now=now)
    actions.enqueue(pages=[early], now=now - timedelta(minutes=5))
    (parcel,) = lease(now, limit=1)
    assert parcel.lead.run == early.run
