"""An update to 5,000 subscribers: how long until it is queued, and in which order it leaves.

Beside it, in the same run: the same messages queued one by one (500 of them, times ten). The order is read by leasing everything
as senders do. TOCSIN_BENCH_SUBSCRIBERS sets another number.
"""

import os
import time
from datetime import datetime, timedelta

from django.db import connection, transaction

from tests.bench.figure import Figure
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import LeaseTerms, PageRequest
from tocsin.domain.notify.models import Delivery
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.stakeholders import actions
from tocsin.domain.stakeholders.models import Subscription, Told
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.clock import database_now
from tocsin.kernel.ids import new_id

SUBSCRIBERS = int(os.environ.get("TOCSIN_BENCH_SUBSCRIBERS", "5000"))
ONE_BY_ONE = 500
GOAL = 1.0
LADDER = """
slug: bench
name: Bench
type: customer
reason: complexity
direction: functional
levels:
  - targets: [owner]
"""


def run() -> list[Figure]:
    """Queue one update, then lease it."""
    now = database_now(connection)
    ticket, speaker, begun = _set_up(now)
    _subscribers(begun, now)
    took, update_id = _send(ticket, speaker, now)
    single = _one_by_one(now) * SUBSCRIBERS / ONE_BY_ONE
    inverted, leased = _order(now, str(update_id))
    size = f"{SUBSCRIBERS:,} subscribers"
    return [
        Figure(name="customers update_queued_s", value=took, unit=f"s until an update to {size} is committed",
               baseline=f"queued one by one ({ONE_BY_ONE}, scaled)", baseline_value=single, goal="< 1 s", met=took < GOAL),
        Figure(name="customers update_out_of_order", value=inverted, unit=f"of {leased:,} leased after somebody of a later "
               "audience", baseline="none", baseline_value=None, goal="0", met=inverted == 0 and leased == SUBSCRIBERS),
    ]  # fmt: skip


def _set_up(now: datetime) -> tuple[Ticket, User, Escalation]:
    speaker = User.objects.create(email="speaker@bench.example", name="Speaker", role=Role.AGENT)
    customer = Organisation.objects.create(name="Bench customer")
    asker = User.objects.create(email="asker@bench.example", name="Asker", organisation=customer)
    publishing.publish_source(text=LADDER, by="bench", now=now)
    ticket = tickets.open_ticket(subject="Everything is slow", requester=asker, by=None, now=now, impact=1, urgency=1)
    tickets.take(ticket_id=ticket.pk, by=speaker, now=now)
    return ticket, speaker, escalation.escalate(ticket_id=ticket.pk, policy="bench", by=speaker, now=now)


def _subscribers(begun: Escalation, now: datetime) -> None:
    """Every tenth is an executive of the house, whoever subscribed when."""
    people = [
        User(
            id=new_id(), email=f"s{number}@bench.example", name=f"Subscriber {number}",
            role=Role.STAKEHOLDER if number % 10 == 9 else Role.AGENT,
        )
        for number in range(SUBSCRIBERS)
    ]  # fmt: skip
    User.objects.bulk_create(people, batch_size=2_000)
    Subscription.objects.bulk_create(
        (
            Subscription(id=new_id(), user=one, escalation=begun, ways=["mail"], made_at=now, made_by="bench")
            for one in people
        ),
        batch_size=2_000,
    )


def _send(ticket: Ticket, speaker: User, now: datetime) -> tuple[float, object]:
    begun = time.perf_counter()
    sent = actions.send_update(
        ticket_id=ticket.pk, outward="We have found the cause.", inward="It is the storage.", by=speaker, now=now
    )
    return time.perf_counter() - begun, sent.pk


def _one_by_one(now: datetime) -> float:
    people = list(User.objects.filter(email__startswith="s").exclude(email="speaker@bench.example")[:ONE_BY_ONE])
    begun = time.perf_counter()
    for one in people:
        page = PageRequest(
            user_id=one.pk, purpose="notice", urgency="normal", subject="One by one", body="We have found the cause.",
            channels=("email",), mail_to=one.email,
        )  # fmt: skip
        notify.enqueue(pages=[page], now=now)
    took = time.perf_counter() - begun
    with transaction.atomic():
        Delivery.objects.filter(page__subject="One by one").delete()
    return took


def _order(now: datetime, update_id: str) -> tuple[int, int]:
    """Return (how many were leased after somebody of a later audience, how many were leased)."""
    place = {"executives": 0, "customer": 1, "stakeholders": 2, "team": 3}
    audience = dict(Told.objects.filter(update=update_id, page__isnull=False).values_list("page", "audience"))
    order: list[int] = []
    while parcels := notify.lease(
        channel="email", now=now + timedelta(seconds=1), limit=1_000, terms=LeaseTerms(bundle_over=0, per_minute=0)
    ):
        order += [
            place[audience[one.page_id]] for parcel in parcels for one in parcel.deliveries if one.page_id in audience
        ]
    latest, inverted = 0, 0
    for one in order:
        inverted += one < latest
        latest = max(latest, one)
    return inverted, len(order)
