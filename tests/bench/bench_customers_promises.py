"""What 100,000 open promises cost the engine: nothing but those that are due.

Two things are measured. The look for the next due one, which the engine takes all the time: beside it, in the same run, the
same look without the partial index. And what one due promise costs (broken, journalled, its maker told) among 100,000 open
ones: beside it, among 1,000. TOCSIN_BENCH_PROMISES sets another number.
"""

import os
import statistics
import time
from datetime import datetime, timedelta

from django.db import connection

from tests.bench.figure import Figure
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions, queries
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.clock import database_now
from tocsin.kernel.ids import new_id

OPEN = int(os.environ.get("TOCSIN_BENCH_PROMISES", "100000"))
FEW, DUE, LOOKS = 1_000, 100, 200
GOAL_RATIO = 2.0  # of what one due promise costs among few


def run() -> list[Figure]:
    """Fill up in two steps, and measure after each."""
    now = database_now(connection)
    agent = User.objects.create(email="agent@bench.example", name="Agent", role=Role.AGENT)
    asker = User.objects.create(email="asker@bench.example", name="Asker")
    many = [
        tickets.open_ticket(subject=f"Ticket {number}", requester=asker, by=None, now=now) for number in range(DUE)
    ]  # fmt: skip
    _promise(many, agent, now, FEW)
    few = _each_due(many, agent, now)
    _promise(many, agent, now, OPEN - FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stakeholders_promise")
    crowd = _each_due(many, agent, now)
    look, plain = _look(), _look_without_index()
    return [
        Figure(name="customers promises_look_us", value=look, unit=f"us, the next due of {OPEN:,} open promises, median",
               baseline="the same look without the partial index", baseline_value=plain, goal="a tenth of it or less",
               met=look <= plain / 10),
        Figure(name="customers promises_due_ms", value=crowd, unit=f"ms for each due promise among {OPEN:,} open",
               baseline=f"the same among {FEW:,} open", baseline_value=few, goal=f"at most {GOAL_RATIO:g} times that",
               met=crowd <= few * GOAL_RATIO),
    ]  # fmt: skip


def _promise(many: list[Ticket], agent: User, now: datetime, count: int) -> None:
    rows = (
        Promise(
            id=new_id(), ticket=many[number % len(many)], what="call back", by=agent, made_at=now, made_by="bench",
            due_at=now + timedelta(days=1, seconds=number), next_at=now + timedelta(days=1, seconds=number),
        )
        for number in range(count)
    )  # fmt: skip
    Promise.objects.bulk_create(rows, batch_size=5_000)


def _each_due(many: list[Ticket], agent: User, now: datetime) -> float:
    """Return the milliseconds of one due promise: as many as there are tickets, one on each."""
    Promise.objects.bulk_create(
        Promise(
            id=new_id(), ticket=ticket, what="call back", by=agent, made_at=now, made_by="bench", due_at=now, next_at=now
        )
        for ticket in many
    )  # fmt: skip
    begun = time.perf_counter()
    done = actions.act_on_due_promises(now=now, limit=len(many))
    if done != len(many):
        raise RuntimeError(f"{done} of {len(many)} due promises were dealt with")
    return (time.perf_counter() - begun) * 1000 / len(many)


def _look() -> float:
    took = []
    for _ in range(LOOKS):
        begun = time.perf_counter()
        queries.next_promise_due()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e6


def _look_without_index() -> float:
    with connection.cursor() as cursor:
        for kind in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET enable_{kind} = off")
        took = []
        for _ in range(5):
            begun = time.perf_counter()
            queries.next_promise_due()
            took.append(time.perf_counter() - begun)
        for kind in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"RESET enable_{kind}")
    return statistics.median(took) * 1e6
