"""One engine pass over 1,000, 100,000 and 1,000,000 running escalations with clocks, of which 1 % are due.

Every fired level writes its run, firing, page, delivery and journal entries, all committed. Beside it, in the same
database and run: the bare claim of the same rows, `UPDATE ... FOR UPDATE SKIP LOCKED`, which decides and writes nothing.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection

from tests.bench.figure import Figure
from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.escalation import actions, publishing
from tocsin.domain.escalation.logic.run import Due, RunState, RunStatus
from tocsin.domain.escalation.logic.run_json import as_json
from tocsin.domain.escalation.models import Policy
from tocsin.domain.notify.models import ContactMethod, Delivery
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Membership, Organisation, Team, User
from tocsin.engine.engine import TICKERS
from tocsin.kernel.clock import database_now

SIZES = (1_000, 100_000, 1_000_000)
BATCH = 500
POLICY = """
slug: bench
name: Bench
type: technical
reason: complexity
direction: functional
levels:
  - {name: One, targets: [owner]}
  - {name: Two, targets: [{team_lead: bench}], delay: 10m}
  - {name: Three, targets: [{team_lead: bench}], delay: 10h}
"""
FILL = """
WITH t AS (
  INSERT INTO tickets_ticket (id, number, subject, description, status, impact, urgency, priority, category,
    configuration_item, channel, opened_at, updated_at, handovers, ping_pongs, reopens, external_source, external_ref,
    is_demo, team_id, organisation_id, owner_id)
  SELECT gen_random_uuid(), n, 'Bench', '', 'open', 2, 2, 3, '', '', 'api', %(now)s, %(now)s, 0, 0, 0, '', '', false,
    %(team)s, %(organisation)s, (%(owners)s::uuid[])[1 + n %% 50]
  FROM generate_series(%(first)s, %(last)s) n RETURNING id, number
), c AS (
  INSERT INTO sla_clock (id, ticket_id, kind, sequence, calendar_id, priority, target_seconds, state, started_at,
    running_since, consumed_seconds, elapsed_seconds, due_at, trace)
  SELECT gen_random_uuid(), id, 'resolution', 1, %(calendar)s, 3, 36000, 'running', %(now)s, %(now)s, 0, 0,
    %(later)s::timestamptz + number * interval '1 second', '[]' FROM t
), e AS (
  INSERT INTO escalation_escalation (id, ticket_id, policy_id, type, reason, reason_text, direction, trigger, tried, impact,
    wanted, state, opened_at, opened_by, outcome)
  SELECT gen_random_uuid(), id, %(policy)s, 'technical', 'complexity', '', 'functional', '', '', '', '', 'open', %(now)s,
    'engine', '' FROM t RETURNING id, ticket_id
)
INSERT INTO escalation_run (id, escalation_id, ticket_id, version_id, status, cycle, level, due_at, state, started_at, failures)
SELECT gen_random_uuid(), e.id, e.ticket_id, %(version)s, 'climbing', 1, 1,
  CASE WHEN t.number %% 100 = 0 THEN %(due)s::timestamptz ELSE %(later)s::timestamptz + t.number * interval '1 second' END,
  CASE WHEN t.number %% 100 = 0 THEN %(due_state)s::jsonb ELSE %(later_state)s::jsonb END, %(now)s, 0
FROM e JOIN t ON t.id = e.ticket_id
"""
BARE = """
UPDATE escalation_run SET failures = failures WHERE id IN
  (SELECT id FROM escalation_run WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def _people(now: datetime) -> dict[str, object]:
    owners = [User.objects.create(email=f"p{n}@bench.example", name=f"Person {n}", role=Role.AGENT) for n in range(50)]
    ContactMethod.objects.bulk_create(
        ContactMethod(user=user, channel="email", address=user.email, verified_at=now) for user in owners
    )
    team = Team.objects.create(name="Bench", slug="bench", line=Line.L1, lead=owners[0])
    Membership.objects.create(team=team, user=owners[0])
    publishing.publish_source(text=POLICY, by="bench", now=now)
    policy = Policy.objects.get(slug="bench")
    calendar = save_calendar(name="b", zone="UTC", weekly={"mon": [["00:00", "24:00"]]}, actor="bench", now=now)
    return {
        "team": team.pk, "organisation": Organisation.objects.create(name="Bench").pk, "policy": policy.pk,
        "version": policy.current_id, "owners": [user.pk for user in owners], "calendar": calendar.pk,
    }  # fmt: skip


def _state(now: datetime, at: datetime) -> str:
    state = RunState(
        RunStatus.CLIMBING, level=1, climb=Due.LEVEL, climb_at=at, level_due_at=now, paged=("x",), reached=1
    )
    return json.dumps(as_json(state))


def _fill(named: dict[str, object], first: int, last: int, now: datetime) -> None:
    due, later = now - timedelta(seconds=1), now + timedelta(days=300)
    values = named | {"first": first, "last": last, "now": now - timedelta(minutes=10), "due": due, "later": later}
    values |= {"due_state": _state(due - timedelta(minutes=10), due), "later_state": _state(now, later)}
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute("ANALYZE")


def _bare(now: datetime, expected: int) -> float:
    """Seconds to claim (and then give back) all that is due, in the same batches, with nothing else done."""
    done, began = 0, time.perf_counter()
    with connection.cursor() as cursor:
        while done < expected:
            cursor.execute(BARE, [now, BATCH])
            done += min(BATCH, expected - done)
    return time.perf_counter() - began


def _pass(expected: int) -> float:
    """Seconds in which one engine, with as many tickers as it has, works off all that is due."""
    now = database_now(connection)

    def ticker() -> int:
        done = 0
        try:
            while taken := actions.advance_due(now=now, limit=BATCH):
                done += taken
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(TICKERS) as threads:
        began = time.perf_counter()
        done = sum(future.result() for future in [threads.submit(ticker) for _ in range(TICKERS)])
        took = time.perf_counter() - began
    if done != expected:
        raise RuntimeError(f"{done} runs were advanced, {expected} were due")
    return took


def run() -> list[Figure]:
    now = database_now(connection)
    named = _people(now)
    figures, filled, rates = [], 0, {}
    for size in SIZES:
        now = database_now(connection)
        _fill(named, filled + 1, size, now)
        due = (size - filled) // 100
        filled = size
        bare = _bare(database_now(connection), due)
        before = Delivery.objects.count()
        took = _pass(due)
        if Delivery.objects.count() - before != due:
            raise RuntimeError("not every fired level left a delivery")
        rates[size] = due / took
        figures.append(
            Figure(
                name=f"spine engine_fired_levels_per_second_of_{size}", value=due / took, unit="/s",
                baseline="bare UPDATE ... SKIP LOCKED claim of the same rows", baseline_value=due / bare,
                goal="> 2,000/s", met=due / took > 2_000,
            )
        )  # fmt: skip
    slower = rates[SIZES[-2]] / rates[SIZES[-1]]
    figures.append(
        Figure(
            name="spine engine_cost_per_fired_level_1000000_to_100000", value=slower, unit="x",
            baseline="cost that grew with what exists", baseline_value=10.0, goal="< 1.5 x", met=slower < 1.5,
        )
    )  # fmt: skip
    return figures
