"""People who can be paged, and the shortest way to page them."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions
from tocsin.domain.notify.actions import LeaseTerms, PageRequest, Parcel
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.models import ContactMethod, Delivery
from tocsin.domain.people.models import User

TERMS = LeaseTerms(seconds=60, bundle_over=5, per_minute=20, max_attempts=3)
_numbers = itertools.count(1)


@pytest.fixture
def person(now: datetime) -> Callable[..., User]:
    """Make a person with verified methods: person("email", "console")."""

    def make(*channels: str, verified: bool = True, **fields: Any) -> User:
        number = next(_numbers)
        user = User.objects.create(email=f"person{number}@example.org", name=f"Person {number}", **fields)
        for channel in channels:
            address = {"email": user.email, "webhook": f"https://example.org/{number}"}.get(channel, f"person{number}")
            ContactMethod.objects.create(
                user=user, channel=channel, address=address, verified_at=now if verified else None
            )
        return user

    return make


@pytest.fixture
def request_for() -> Callable[..., PageRequest]:
    """Make the request of a page about a run on a ticket."""

    def make(user: User, **fields: Any) -> PageRequest:
        wanted: dict[str, Any] = {"run": uuid4(), "ticket": uuid4(), "level": 1, "data": {"reference": "T-1"}}
        return PageRequest(user_id=user.pk, subject="Payroll is down", body="Nobody is paid.", **(wanted | fields))

    return make


@pytest.fixture
def lease() -> Callable[..., list[Parcel]]:
    """Lease what is due by e-mail (or `channel`) at a given time."""

    def take(at: datetime, channel: str = Channel.EMAIL, limit: int = 50, terms: LeaseTerms = TERMS) -> list[Parcel]:
        return actions.lease(channel=channel, now=at, limit=limit, terms=terms)

    return take


@pytest.fixture
def kinds() -> Callable[[UUID | None], list[str]]:
    """Return the kinds journalled on a ticket, in order."""

    def read(ticket: UUID | None) -> list[str]:
        return list(Entry.objects.filter(stream=f"ticket:{ticket}").order_by("position").values_list("kind", flat=True))

    return read


@pytest.fixture
def minutes() -> Callable[[float], timedelta]:
    return lambda count: timedelta(minutes=count)


def states(**condition: Any) -> list[str]:
    """Return the states of deliveries in order of their position."""
    return list(Delivery.objects.filter(**condition).order_by("position", "pk").values_list("state", flat=True))


def statements(act: Callable[[], Any]) -> int:
    """Return how many SQL statements `act` sends."""
    with CaptureQueriesContextLike() as counted:
        act()
    return counted.count


class CaptureQueriesContextLike:
    """Counts statements, savepoints included."""

    def __enter__(self) -> "CaptureQueriesContextLike":
        self.count = 0
        self._wrapper = connection.execute_wrapper(self._seen)
        self._wrapper.__enter__()
        return self

    def _seen(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)

    def __exit__(self, *raised: Any) -> None:
        self._wrapper.__exit__(*raised)
