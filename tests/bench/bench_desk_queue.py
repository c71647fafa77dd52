"""The queue page with 10,000 and 100,000 open tickets, and a ticket page with 500 events: server time and queries.

Each is asked as a signed-in agent through the whole application (middleware, templates). The baseline of the large
queue is the small one: a page that shows 50 rows should not care how many there are.
"""

import statistics
import time
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client

from tests.bench.figure import Figure
from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.sla import actions as sla
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.clock import database_now

ROUNDS = 25
SMALL, LARGE = 10_000, 100_000
EVENTS = 500
GOAL = 150.0
_COPY = """
INSERT INTO tickets_ticket SELECT (t.r).* FROM (
    SELECT jsonb_populate_record(w, jsonb_build_object(
        'id', gen_random_uuid(), 'number', 5000000 + n, 'subject', 'Request number ' || n, 'priority', 1 + n %% 4,
        'opened_at', w.opened_at - n * interval '1 minute', 'updated_at', w.opened_at - n * interval '1 minute',
        'owner_id', CASE WHEN n %% 3 = 0 THEN w.requester_id END
    )) AS r FROM tickets_ticket w, generate_series(%s, %s) n WHERE w.id = %s
) t
"""
_CLOCKS = """
INSERT INTO sla_clock SELECT (t.r).* FROM (
    SELECT jsonb_populate_record(c, jsonb_build_object(
        'id', gen_random_uuid(), 'ticket_id', k.id, 'due_at', now() + (k.number %% 9000 - 500) * interval '1 minute'
    )) AS r FROM sla_clock c, tickets_ticket k WHERE c.ticket_id = %s AND k.number BETWEEN %s AND %s
) t
"""


def run() -> list[Figure]:
    """Fill the desk, ask, fill it further, ask again."""
    agent, ticket = _desk()
    client = Client(HTTP_HOST="localhost")
    client.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")
    _fill(ticket, 1, SMALL)
    small, small_queries = _timed(client, "/queue?view=next")
    _fill(ticket, SMALL + 1, LARGE)
    large, large_queries = _timed(client, "/queue?view=next")
    team, _ = _timed(client, "/queue?view=team&sort=priority")
    _talk(ticket, agent)
    page, page_queries = _timed(client, f"/tickets/{ticket.number}")
    return [
        Figure(name="desk queue_10k_p95_ms", value=small, unit=f"ms server time, {small_queries} queries", baseline="none",
               baseline_value=None, goal="< 150 ms", met=small < GOAL),
        Figure(name="desk queue_100k_p95_ms", value=large, unit=f"ms server time, {large_queries} queries",
               baseline="10,000 open tickets", baseline_value=small, goal="< 150 ms", met=large < GOAL),
        Figure(name="desk queue_100k_team_p95_ms", value=team, unit="ms server time, by priority", baseline="next to breach",
               baseline_value=large, goal="< 150 ms", met=team < GOAL),
        Figure(name="desk ticket_500_events_p95_ms", value=page, unit=f"ms server time, {page_queries} queries",
               baseline="none", baseline_value=None, goal="< 300 ms", met=page < 300.0),
    ]  # fmt: skip


def _desk() -> tuple[User, Ticket]:
    now = database_now(connection)
    week = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = save_calendar(name="Office", zone="Europe/Berlin", weekly=week, actor="bench", now=now)
    targets = [(kind, p, None, p * 4 * 3600) for kind in ("first_response", "resolution") for p in (1, 2, 3, 4)]
    sla.save_agreement(slug="standard", name="Standard", calendar=calendar, targets=targets, actor="bench", now=now)
    customer = Organisation.objects.create(name="Customer")
    agent = User.objects.create(email="agent@example.org", name="Agent", role=Role.AGENT)
    requester = User.objects.create(email="r@example.org", name="Requester", organisation=customer)
    team = Team.objects.create(name="Desk", slug="desk")
    team.members.add(agent)
    service = Service.objects.create(name="Mail", slug="mail", team=team)
    ticket = tickets.open_ticket(
        subject="First", requester=requester, organisation=customer, service=service, by=agent, now=now
    )
    return agent, ticket


def _fill(ticket: Ticket, first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [first, last, ticket.pk])
        cursor.execute(_CLOCKS, [ticket.pk, 5_000_000 + first, 5_000_000 + last])
        cursor.execute("VACUUM ANALYZE")


def _talk(ticket: Ticket, agent: User) -> None:
    now = database_now(connection)
    for number in range(EVENTS):
        tickets.add_message(
            ticket_id=ticket.pk, kind="note" if number % 3 else "reply", body=f"Word {number}. " * 20, by=agent,
            now=now + timedelta(seconds=number),
        )  # fmt: skip


def _timed(client: Client, where: str) -> tuple[float, int]:
    """Return the 95th percentile in milliseconds and how many queries it takes."""
    for _ in range(3):
        assert client.get(where).status_code == 200
    asked = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        client.get(where)
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(where)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(took, n=20)[18], len(asked)
