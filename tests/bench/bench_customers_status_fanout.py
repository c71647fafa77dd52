"""An update of a status page to 5,000 subscribers: how long telling takes, everything committed, and reading the page.

Beside the mailing in bulk, in the same run: the same letters one by one (`notify.post_letter`, a tenth of them, times ten).
Reading: a page of 20 components, each with 90 days of changes, against one of a single component without any.
"""

import statistics
import time
from datetime import timedelta

from django.db import connection, transaction
from django.test import override_settings

from tests.bench.figure import Figure
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.models import Delivery
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.status import actions, queries
from tocsin.domain.status.models import Component, ComponentChange, StatusPage, Subscriber
from tocsin.kernel.clock import database_now

SUBSCRIBERS, PARTS, CHANGES = 5_000, 20, 60


def page(name: str, lead: User, parts: int, changes: int) -> StatusPage:
    """Set up a page whose components have changed so often within 90 days."""
    now = database_now(connection)
    made = actions.save_page(name=name, by=lead, now=now - timedelta(days=100))
    for number in range(parts):
        actions.save_component(page_id=made.pk, name=f"Part {number}", by=lead, now=now - timedelta(days=100))
    rows = [
        ComponentChange(
            component=one, at=now - timedelta(days=90 * n / changes), state=("degraded", "operational")[n % 2]
        )
        for one in Component.objects.filter(page=made)
        for n in range(changes, 0, -1)
    ]
    ComponentChange.objects.bulk_create(rows)
    return made


def read_ms(made: StatusPage) -> float:
    took = []
    for _ in range(15):
        began = time.perf_counter()
        queries.reading(made, database_now(connection))
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


@override_settings(
    SMTP_HOST="127.0.0.1", BASE_URL="https://desk.example"
)  # letters are written; nothing sends them here
def run() -> list[Figure]:
    """Measure."""
    now = database_now(connection)
    lead = User.objects.create(email="lead@bench.example", name="Lead", role=Role.LEAD)
    made = page("Bench", lead, PARTS, CHANGES)
    Subscriber.objects.bulk_create(
        Subscriber(page=made, address=f"r{n}@far.example", state="confirmed", asked_at=now, confirmed_at=now)
        for n in range(SUBSCRIBERS)
    )
    took = []
    for _ in range(3):
        began = time.perf_counter()
        actions.open_incident(
            page_id=made.pk, title="Mail is slow", body="We look. " * 30, affected={}, by=lead, now=now
        )
        took.append(time.perf_counter() - began)
    queued = Delivery.objects.filter(lane=f"status:{made.pk}").count()
    if queued != 3 * SUBSCRIBERS:
        raise RuntimeError(f"{queued} letters were queued, not {3 * SUBSCRIBERS}")
    began = time.perf_counter()
    with transaction.atomic():
        for n in range(SUBSCRIBERS // 10):
            notify.post_letter(
                user_id=lead.pk, address=f"r{n}@far.example", subject="Mail is slow", body="We look. " * 30, data={},
                ticket=None, due_at=now, now=now,
            )  # fmt: skip
    one_by_one = (time.perf_counter() - began) * 10
    bare = read_ms(page("Bare", lead, 1, 1))
    full = read_ms(made)
    best = statistics.median(took)
    return [
        Figure(name="customers status_fanout_s", value=best, unit="s, 5,000 subscribers", baseline="letters one by one",
               baseline_value=one_by_one, goal="< 1 s", met=best < 1),
        Figure(name="customers status_page_ms", value=full, unit="ms, 20 components, 90 days", baseline="one component",
               baseline_value=bare, goal="< 50 ms", met=full < 50),
    ]  # fmt: skip
