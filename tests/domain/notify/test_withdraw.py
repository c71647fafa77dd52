"""SEMANTICS 4 and 5: an answer takes back what has not gone out."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.notify.transport import Sent

pytestmark = pytest.mark.django_db


def test_withdraw_takes_back_every_open_delivery_of_the_run(person, request_for, lease, kinds, now: datetime) -> None:
    run, ticket = uuid4(), uuid4()
    mine = [request_for(person("email", "console"), run=run, ticket=ticket) for _ in range(2)]
    other = request_for(person("email"))
    actions.enqueue(pages=[*mine, other], now=now)
    assert actions.withdraw(run=run, now=now, reason="acknowledged") == 4
    assert [p.lead.run for p in lease(now)] == [other.run]
    assert lease(now, "console") == []
    assert kinds(ticket) == ["page.enqueued"] * 2 + ["page.withdrawn"] * 2
    assert Page.objects.filter(run=run, state="withdrawn").count() == 2


def test_withdraw_marks_what_is_in_flight(person, request_for, lease, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    lease(now)
    assert actions.withdraw(run=request.run, now=now, reason="acknowledged") == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.withdrawn_at) == ("leased", now)
    assert Entry.objects.get(kind="page.withdrawn").data["in_flight"] == 1


def test_withdraw_keeps_what_was_sent(person, request_for, lease, now: datetime) -> None:
    request = request_for(person("email", "console"))
    actions.enqueue(pages=[request], now=now)
    actions.record_sent(parcel=lease(now)[0], sent=Sent(provider_id="p1", answer="ok"), now=now)
    assert actions.withdraw(run=request.run, now=now, reason="acknowledged") == 1
    assert Page.objects.get().state == "done"


def test_withdraw_again_finds_nothing(person, request_for, kinds, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request], now=now)
    actions.withdraw(run=request.run, now=now, reason="acknowledged")
    assert actions.withdraw(run=request.run, now=now, reason="resolved") == 0
    assert kinds(request.ticket) == ["page.enqueued", "page.withdrawn"]


def test_withdraw_leaves_warnings_and_notices(person, request_for, lease, now: datetime) -> None:
    request = request_for(person("email"), purpose="warning")
    actions.enqueue(pages=[request], now=now)
    assert actions.withdraw(run=request.run, now=now, reason="acknowledged") == 0
    assert len(lease(now)) == 1


def test_withdraw_user_takes_back_only_that_persons_pages(person, request_for, lease, now: datetime) -> None:
    run = uuid4()
    kai, ana = person("email"), person("email")
    actions.enqueue(pages=[request_for(user, run=run) for user in (kai, ana)], now=now)
    assert actions.withdraw_user(run=run, user_id=kai.pk, now=now) == 1
    assert [p.lead.user_id for p in lease(now)] == [ana.pk]


def test_withdraw_many_needs_no_more_statements_than_one(person, request_for, now: datetime) -> None:
    requests = [request_for(person("email")) for _ in range(11)]
    actions.enqueue(pages=requests, now=now)

    def statements(runs: dict[UUID, str]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert actions.withdraw_many(runs=runs, now=now) == len(runs)
        return len(seen)

    assert statements({r.run: "resolved" for r in requests[1:]}) == statements({requests[0].run: "resolved"})
