"""SECURITY 10: a storm in one customer or integration delays nobody else's pages. SEMANTICS 5: storms are bundled."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from tests.domain.notify.conftest import TERMS
from tocsin.domain.notify import actions
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.models import Delivery

pytestmark = pytest.mark.django_db
ALONE = replace(TERMS, bundle_over=0, per_minute=0)
SECOND = timedelta(seconds=1)


@pytest.fixture
def storm(person: Callable[..., Any], now: datetime) -> Callable[..., list[Any]]:
    """Enqueue `each` pages of one lane to each of `people` new people."""

    def make(lane: str, people: int, each: int, at: datetime = now) -> list[Any]:
        made = [person("email") for _ in range(people)]
        pages = [
            PageRequest(user_id=one.pk, run=uuid4(), ticket=uuid4(), subject=f"{lane} {n}", body="b", lane=lane)
            for n in range(each)
            for one in made
        ]
        actions.enqueue(pages=pages, now=at)
        return made

    return make


def lanes(parcels: list[Any]) -> list[str]:
    return [parcel.lead.subject.split()[0] for parcel in parcels]


def test_a_storm_in_one_customer_delays_nobody_elses_page(storm, lease, now: datetime) -> None:
    """A thousand pages of one customer are due; the one of another, due later, is in the very next batch, at its front."""
    storm("big:", 200, 5)
    storm("small:", 1, 1, at=now + SECOND)
    batch = lanes(lease(now + SECOND, limit=8, terms=ALONE))
    assert batch.count("small:") == 1
    assert batch.index("small:") <= 1


def test_a_storm_from_one_integration_does_not_hold_up_the_customers_other_tickets(storm, lease, now: datetime) -> None:
    storm("acme:monitoring", 3, 40)
    storm("acme:", 1, 1, at=now + SECOND)
    assert "acme:" in lanes(lease(now + SECOND, limit=4, terms=ALONE))


def test_lanes_take_turns_while_both_have_something(storm, lease, now: datetime) -> None:
    storm("a:", 10, 10)
    storm("b:", 1, 20)
    taken = [lanes(lease(now, limit=8, terms=ALONE)) for _ in range(3)]
    assert [batch.count("b:") for batch in taken] == [4, 4, 4]


def test_within_a_lane_people_take_turns(storm, person, lease, now: datetime) -> None:
    (kai,) = storm("a:", 1, 50)
    (ana,) = storm("a:", 1, 1, at=now + SECOND)
    batch = lease(now + SECOND, limit=6, terms=ALONE)
    assert {parcel.lead.user_id for parcel in batch} == {kai.pk, ana.pk}


def test_what_is_left_alone_by_a_storm_goes_in_the_order_of_becoming_due(storm, lease, now: datetime) -> None:
    storm("a:", 1, 3)
    storm("b:", 1, 3, at=now - SECOND)
    batch = lanes(lease(now, limit=8, terms=ALONE))
    assert batch == ["b:"] * 3 + ["a:"] * 3


def test_everything_of_a_storm_goes_out_once_and_nothing_is_left(storm, lease, now: datetime) -> None:
    storm("a:", 7, 9)
    storm("b:", 2, 5)
    seen: list[Any] = []
    while parcels := lease(now, limit=8, terms=ALONE):
        seen += [delivery.id for parcel in parcels for delivery in parcel.deliveries]
    assert len(seen) == len(set(seen)) == 73
    assert not Delivery.objects.filter(state="pending").exists()


def test_a_storm_over_many_people_is_still_bundled_for_each(storm, lease, now: datetime) -> None:
    """With turns a batch holds one page of each; a crowd behind it still makes one message."""
    storm("a:", 20, 9)
    parcels = lease(now, limit=8, terms=replace(TERMS, per_minute=0))
    assert [len(parcel.deliveries) for parcel in parcels] == [9] * 8


def test_turns_need_no_look_at_the_whole_queue(storm, now: datetime) -> None:
    """The plan steps through the index of turns; reading every due row is what a storm could not afford."""
    storm("a:", 5, 200)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notify_delivery")
        cursor.execute("ANALYZE notify_page")
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a test is small enough to be read whole
        from tocsin.domain.notify.actions import claiming  # noqa: PLC0415 - the statement itself is the subject

        wanted = {
            "now": now, "channel": "email", "lease": uuid4(), "until": now, "limit": 8, "least": 6,
        }  # fmt: skip
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {claiming._FAIRLY}", wanted)
        (plan,) = cursor.fetchone()
    heads = _rows(plan[0]["Plan"], "notify_delivery_turns")
    assert heads
    assert sum(heads) < 200


def _rows(node: dict[str, Any], index: str) -> list[float]:
    own = [node["Actual Rows"] * node["Actual Loops"]] if node.get("Index Name") == index else []
    return own + [count for part in node.get("Plans", []) for count in _rows(part, index)]


def test_a_one_time_link_or_code_is_never_swallowed_by_a_bundle(person, lease, now: datetime) -> None:
    kai = person("email")
    method = kai.contact_methods.get()
    for _ in range(9):
        actions.enqueue(pages=[PageRequest(user_id=kai.pk, run=uuid4(), subject="s", body="b")], now=now)
    actions.send_test(user_id=kai.pk, method_id=method.pk, now=now)
    sizes = sorted(len(parcel.deliveries) for parcel in lease(now, limit=50, terms=replace(TERMS, per_minute=0)))
    assert sizes == [1, 9]
