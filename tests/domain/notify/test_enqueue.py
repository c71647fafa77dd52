"""SEMANTICS 5: from requests to pages and deliveries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tocsin.domain.notify import actions, queries
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import PageState, Urgency
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people.models import User

pytestmark = pytest.mark.django_db


def test_a_page_has_a_delivery_for_each_step_of_the_persons_rules(person, request_for, now: datetime) -> None:
    kai = person("email", "console")
    email, console = kai.contact_methods.order_by("channel").reverse()
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(console.pk, 0), (email.pk, 300)], now=now)

    made = actions.enqueue(pages=[request_for(kai)], now=now)

    (page,) = Page.objects.all()
    assert made == actions.Enqueued((page.pk,), ())
    assert page.state == PageState.ACTIVE
    deliveries = page.deliveries.order_by("position").values_list("channel", "due_at", "state", "run")
    assert list(deliveries) == [
        ("console", now, "pending", page.run),
        ("email", now + timedelta(minutes=5), "pending", page.run),
    ]


def test_only_verified_methods_are_used(person, request_for, now: datetime) -> None:
    kai = person("email")
    actions.add_method(user_id=kai.pk, channel="console", address="kai", now=now)
    actions.enqueue(pages=[request_for(kai)], now=now)
    assert [d.channel for d in Delivery.objects.all()] == ["email"]


def test_without_rules_all_verified_methods_are_due_at_once(person, request_for, now: datetime) -> None:
    actions.enqueue(pages=[request_for(person("email", "webhook", "console"))], now=now)
    assert {d.channel: d.due_at for d in Delivery.objects.all()} == {"email": now, "webhook": now, "console": now}


@pytest.mark.parametrize("how", ["no method", "unverified", "deactivated"])
def test_who_cannot_be_reached_is_returned_and_recorded(person, request_for, kinds, now: datetime, how: str) -> None:
    user = {
        "no method": person,
        "unverified": lambda: person("email", verified=False),
        "deactivated": lambda: person("email", is_active=False),
    }[how]()
    request = request_for(user)
    assert actions.enqueue(pages=[request], now=now) == actions.Enqueued((), (request,))
    assert [p.state for p in Page.objects.all()] == [PageState.UNREACHABLE]
    assert not Delivery.objects.exists()
    assert kinds(request.ticket) == ["page.unreachable"]


def test_asking_twice_changes_nothing(person, request_for, kinds, now: datetime) -> None:
    request = request_for(person("email"))
    actions.enqueue(pages=[request, request], now=now)
    again = actions.enqueue(pages=[request], now=now + timedelta(minutes=1))
    assert again == actions.Enqueued((), ())
    assert Page.objects.count() == Delivery.objects.count() == 1
    assert kinds(request.ticket) == ["page.enqueued"]


def test_another_cycle_is_another_page(person, request_for, now: datetime) -> None:
    request = request_for(person("email"))
    second = PageRequest(**{f: getattr(request, f) for f in request.__slots__} | {"cycle": 2})
    assert len(actions.enqueue(pages=[request, second], now=now).page_ids) == 2


def test_a_notice_without_a_run_goes_to_the_persons_stream(person, now: datetime) -> None:
    ana = person("email")
    notice = PageRequest(user_id=ana.pk, subject="An offer", body="", purpose="notice", urgency=Urgency.NORMAL)
    actions.enqueue(pages=[notice, notice], now=now)
    assert Page.objects.count() == 2  # without a run nothing names a page once and for all


def test_a_warning_is_not_fenced_by_its_run(person, request_for, now: datetime) -> None:
    request = request_for(person("email"), purpose="warning")
    actions.enqueue(pages=[request], now=now)
    assert Page.objects.get().run == request.run
    assert Delivery.objects.get().run is None


def test_the_number_of_statements_does_not_grow_with_the_batch(person, now: datetime) -> None:
    people: list[User] = [person("email", "console") for _ in range(20)]

    def statements(pages: list[PageRequest]) -> int:
        with CaptureQueriesContext(connection) as seen, transaction.atomic():
            actions.enqueue(pages=pages, now=now)
        return len(seen)

    def pages(count: int) -> list[PageRequest]:
        return [
            PageRequest(user_id=people[n % 20].pk, run=uuid4(), ticket=uuid4(), subject="s", body="b")
            for n in range(count)
        ]

    assert statements(pages(400)) == statements(pages(1))


def test_a_page_is_undone_with_its_cause(person, request_for, now: datetime) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.enqueue(pages=[request_for(person("email"))], now=now)
        raise RuntimeError
    assert not Page.objects.exists()


def test_reachable_names_those_with_a_verified_method(person: Callable[..., User]) -> None:
    kai, ana, bo, cy = person("email"), person(), person("email", verified=False), person("email", is_active=False)
    assert queries.reachable([kai.pk, ana.pk, bo.pk, cy.pk, uuid4()]) == {kai.pk}
