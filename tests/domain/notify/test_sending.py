"""SEMANTICS 5, SECURITY 8: what a sender records, fenced by its lease."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.models import Attempt, Delivery, Page
from tocsin.domain.notify.transport import Sent, TransportError

pytestmark = pytest.mark.django_db
SENT = Sent(provider_id="p1", answer="250 ok")
MINUTE = timedelta(minutes=1)


def test_sent_is_recorded_with_the_providers_answer(person, request_for, lease, kinds, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    (parcel,) = lease(now)
    assert actions.record_sent(parcel=parcel, sent=SENT, now=now + timedelta(seconds=1)) == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.provider_id, delivery.lease, delivery.due_at) == ("sent", "p1", None, None)
    assert delivery.sent_at == now + timedelta(seconds=1)
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.answer, attempt.at, attempt.lease) == ("sent", "250 ok", now, parcel.lease)
    assert kinds(request.ticket) == ["page.enqueued", "page.sent"]
    assert Page.objects.get().state == "done"


def test_a_late_worker_writes_nothing(person, request_for, lease, kinds, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    (frozen,) = lease(now)
    (other,) = lease(now + MINUTE)
    assert actions.record_sent(parcel=frozen, sent=SENT, now=now + MINUTE) == 0
    assert actions.record_failed(parcel=frozen, error=TransportError("no"), now=now + MINUTE, max_attempts=3) == 0
    assert Delivery.objects.get().lease == other.lease
    assert kinds(request.ticket) == ["page.enqueued"]
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["lease_lost"]


def test_recording_twice_is_recording_once(person, request_for, lease, kinds, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    (parcel,) = lease(now)
    actions.record_sent(parcel=parcel, sent=SENT, now=now)
    assert actions.record_sent(parcel=parcel, sent=SENT, now=now) == 0
    assert kinds(request.ticket) == ["page.enqueued", "page.sent"]


def test_later_methods_go_on_until_somebody_answers(person, request_for, lease, now: datetime) -> None:
    kai = person("email", "console")
    email, console = kai.contact_methods.order_by("channel").reverse()
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(console.pk, 0), (email.pk, 60)], now=now)
    actions.enqueue(pages=[request_for(kai)], now=now)
    (first,) = lease(now, "console")
    actions.record_sent(parcel=first, sent=SENT, now=now)
    assert Page.objects.get().state == "active"
    assert len(lease(now + MINUTE)) == 1


def test_one_method_that_worked_is_enough_for_a_notice(person, lease, now: datetime) -> None:
    kai = person("email", "console")
    notice = PageRequest(user_id=kai.pk, subject="s", body="b", purpose="notice")
    actions.enqueue(pages=[notice], now=now)
    (parcel,) = lease(now, "console")
    actions.record_sent(parcel=parcel, sent=SENT, now=now)
    assert lease(now) == []
    assert Page.objects.get().state == "done"


def test_standing_names_what_was_withdrawn_or_lost_meanwhile(person, request_for, lease, now: datetime) -> None:
    kai = person("email")
    kept, taken_back, lost = request_for(kai), request_for(kai), request_for(kai)
    actions.enqueue(pages=[kept, taken_back, lost], now=now)
    parcels = {p.lead.run: p for p in lease(now)}
    actions.withdraw(run=taken_back.run, now=now, reason="acknowledged")
    Delivery.objects.filter(run=lost.run).update(lease=uuid4())
    ids = {run: parcel.lead.id for run, parcel in parcels.items()}
    empty = frozenset()
    assert actions.standing(parcel=parcels[kept.run]) == actions.Standing(empty, empty)
    assert actions.standing(parcel=parcels[taken_back.run]) == actions.Standing(frozenset({ids[taken_back.run]}), empty)
    assert actions.standing(parcel=parcels[lost.run]) == actions.Standing(empty, frozenset({ids[lost.run]}))


def test_what_was_sent_although_withdrawn_says_so(person, request_for, lease, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    (parcel,) = lease(now)
    actions.withdraw(run=request.run, now=now, reason="acknowledged")
    assert actions.record_sent(parcel=parcel, sent=SENT, now=now) == 1
    assert Delivery.objects.get().state == "sent"
    assert Entry.objects.get(kind="page.sent").data["note"] == "withdrawn while in flight"


def test_what_was_withdrawn_before_it_began_is_closed_unsent(person, request_for, lease, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    (parcel,) = lease(now)
    actions.withdraw(run=request.run, now=now, reason="acknowledged")
    withdrawn = actions.standing(parcel=parcel).withdrawn
    assert actions.record_withdrawn(parcel=parcel, withdrawn=withdrawn, now=now) == 1
    assert Delivery.objects.get().state == "withdrawn"


def test_what_was_withdrawn_from_a_sender_that_died_is_settled(person, request_for, lease, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    lease(now)
    actions.withdraw(run=request.run, now=now, reason="acknowledged")
    assert actions.settle_withdrawn(now=now) == 0  # the sender may still be at it
    assert actions.settle_withdrawn(now=now + MINUTE) == 1
    assert Delivery.objects.get().state == "withdrawn"
    assert Entry.objects.filter(kind="page.withdrawn").order_by("position").last().data["outcome"] == "unknown"


def test_a_respond_link_is_the_same_on_every_try(person, request_for, lease, settings, now: datetime) -> None:
    settings.BASE_URL = "https://desk.example.org"
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    (first,) = lease(now)
    (second,) = lease(now + MINUTE)
    assert first.message(now).link == second.message(now + MINUTE).link
    assert first.message(now).link.startswith("https://desk.example.org/respond/")
    assert first.key == second.key
