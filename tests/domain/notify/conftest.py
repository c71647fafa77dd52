"""People who can be paged, and the shortest way to page them."""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

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
def states() -> Callable[..., list[str]]:
    """Return the states of the deliveries that meet a condition, in order of their position."""

    def read(**condition: Any) -> list[str]:
        return list(Delivery.objects.filter(**condition).order_by("position", "pk").values_list("state", flat=True))

    return read
