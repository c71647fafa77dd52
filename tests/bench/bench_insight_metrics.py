"""Figures over 100,000 tickets: counting them anew, catching up with those that changed, and the pages that show them.

A few hundred tickets are written by hand and multiplied inside the database. Beside the rebuild: one plain aggregate over
the same changes, that gives no lines, teams, business hours or clocks. Beside the page: the same with 1 and 50 tickets.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.bench.figure import Figure

REASONS = ("complexity", "sla_at_risk", "missing_expertise")
BASE, TIMES, DAYS = 1_000, 100, 365
ROUNDS = 3
GOAL = 1.0  # seconds of a page at 100,000 tickets
CHANGED = 1_000
PLAIN = """
SELECT count(*), sum(reopens), percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FROM (
    SELECT c.ticket_id, count(*) FILTER (WHERE c.before = 'resolved') AS reopens,
        min(c.at) FILTER (WHERE c.after = 'resolved') - min(t.opened_at) AS took
    FROM tickets_change c JOIN tickets_ticket t ON t.id = c.ticket_id WHERE c.field = 'status' GROUP BY 1) x
"""


def run() -> list[Figure]:
    """Return the seconds of a page at 1, 50 and 100,000 tickets, of a rebuild, and of catching up."""
    from django.db import connection  # noqa: PLC0415 - the bench's process has settings by now

    from tocsin.domain.insights import actions  # noqa: PLC0415
    from tocsin.kernel.clock import database_now  # noqa: PLC0415

    now = database_now(connection)
    people = _house()
    small = {}
    for count in (1, 49):
        _write(people, now, count)
        actions.refresh()
        small[len(small)] = _page(people["lead"])
    print(f"page: {small[0]:.3f} s at 1, {small[1]:.3f} s at 50 tickets")
    _write(people, now, BASE - 50)
    _multiply()
    rebuilt = _timed(actions.rebuild)
    plain = min(_timed(lambda: _execute(PLAIN)) for _ in range(ROUNDS))
    caught = _catch_up(actions)
    nothing = _timed(actions.refresh)
    quick = min(_timed(actions.refresh_recent) for _ in range(ROUNDS))
    page = _page(people["lead"])
    one = _page(people["lead"], "/insights/metrics/sla_resolution?period=365&by=service")
    rows = _page(people["lead"], "/insights/tickets?metric=opened&period=365")
    many = BASE * TIMES
    return [
        _figure("rebuild_100000_s", rebuilt, f"s for {many:,} tickets", "one plain aggregate over their changes", plain, 120),
        _figure("catch_up_1000_s", caught, f"s for {CHANGED:,} changed of {many:,}", "a round that finds nothing", nothing, 10),
        _figure("quiet_minute_100000_s", quick, "s, a minute in which nothing happened", "looking at all tickets", nothing, 1),
        _figure("page_100000_s", page, f"s, insights over a year of {many:,}", "with 50 tickets", small[1], GOAL),
        _figure("metric_100000_s", one, "s, one figure by service over a year", "with 50 tickets", small[1], GOAL),
        _figure("rows_100000_s", rows, "s, the tickets behind a figure, first page", "with 50 tickets", small[1], GOAL),
    ]  # fmt: skip


def _figure(name: str, value: float, unit: str, baseline: str, beside: float, goal: float) -> Figure:
    return Figure(
        name=f"insight {name}", value=round(value, 3), unit=unit, baseline=baseline, baseline_value=round(beside, 3),
        goal=f"< {goal:g} s", met=value < goal,
    )  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _page(lead: Any, path: str = "/insights?period=365") -> float:
    """Return the median seconds of a request, templates and all."""
    from django.test import Client  # noqa: PLC0415

    client = Client(headers={"host": "localhost"})
    client.force_login(lead)
    took = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise ValueError(f"{path} answers {answer.status_code}")
    return statistics.median(took[1:])  # the first compiles templates


def _catch_up(actions: Any) -> float:
    """Lengthen the journals of some tickets, as work on them does, and count them anew."""
    _execute(
        "UPDATE journal_stream SET length = length + 1, head = sha256(head) WHERE name IN "
        f"(SELECT 'ticket:' || id FROM tickets_ticket ORDER BY number LIMIT {CHANGED})"
    )
    began = time.perf_counter()
    done = actions.refresh()
    took = time.perf_counter() - began
    if done != CHANGED:
        raise ValueError(f"{done} tickets were counted anew, {CHANGED} had changed")
    return took


def _house() -> dict[str, Any]:
    from tocsin.domain.calendars.models import Calendar  # noqa: PLC0415
    from tocsin.domain.escalation.models import Policy  # noqa: PLC0415
    from tocsin.domain.people.models import Organisation, Service, Team, User  # noqa: PLC0415
    from tocsin.domain.sla.models import Agreement, Target  # noqa: PLC0415

    staff = [User.objects.create(email=f"p{n}@bench.example", name=f"P {n}", role="agent") for n in range(20)]
    lead = User.objects.create(email="lead@bench.example", name="Lead", role="lead")
    teams = [
        Team.objects.create(name=f"T {n}", slug=f"t{n}", line="L1" if n < 5 else "L2", lead=staff[n]) for n in range(8)
    ]
    services = [Service.objects.create(name=f"S {n}", slug=f"s{n}", team=teams[n % 8]) for n in range(12)]
    customers = [Organisation.objects.create(name=f"C {n}") for n in range(40)]
    hours = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    office = Calendar.objects.create(name="Office", zone="Europe/Berlin", weekly=hours)
    agreement = Agreement.objects.create(name="All", slug="all", calendar=office)
    for priority in (1, 2, 3, 4):
        Target.objects.create(agreement=agreement, kind="resolution", priority=priority, seconds=priority * 8 * 3600)
    policy = Policy.objects.create(slug="watch", name="Watch")
    return {
        "policy": policy, "staff": staff, "lead": lead, "teams": teams, "services": services, "customers": customers, "office": office,
        "agreement": agreement,
    }  # fmt: skip


def _write(it: dict[str, Any], now: datetime, count: int) -> None:
    """Write tickets with their records straight into the tables, as production would have left them."""
    from tocsin.domain.escalation.models import Escalation  # noqa: PLC0415
    from tocsin.domain.sla.models import Clock  # noqa: PLC0415
    from tocsin.domain.tickets.models import Change, Message, Rating, Ticket  # noqa: PLC0415

    first = Ticket.objects.count()
    chance = random.Random(first + 1)
    made: dict[Any, list[Any]] = {Ticket: [], Change: [], Message: [], Clock: [], Escalation: [], Rating: []}
    for number in range(first + 1, first + count + 1):
        opened = now - timedelta(seconds=chance.uniform(0, DAYS * 86_400))
        answered = opened + timedelta(minutes=chance.expovariate(1 / 60))
        ended = answered + timedelta(hours=chance.expovariate(1 / 20))
        solved = ended < now and chance.random() < 0.97
        team, priority, owner = chance.choice(it["teams"]), chance.choice((1, 2, 3, 3, 4)), chance.choice(it["staff"])
        ticket = Ticket(
            number=number, subject="Generated", team=team, owner=owner, status="resolved" if solved else "open",
            priority=priority, opened_at=opened, updated_at=ended, resolved_at=ended if solved else None,
            service=chance.choice(it["services"]), organisation=chance.choice(it["customers"]),
        )  # fmt: skip
        told = [
            (opened, "status", "", "new"), (opened, "team", "", str(team.pk)), (opened, "line", "", team.line),
            (answered, "status", "new", "open"),
        ]  # fmt: skip
        if chance.random() < 0.3:
            other = chance.choice(it["teams"])
            told += [(answered, "team", str(team.pk), str(other.pk)), (answered, "line", team.line, other.line)]
        if solved:
            told.append((ended, "status", "open", "resolved"))
            if chance.random() < 0.2:
                score = chance.randint(1, 5)
                made[Rating].append(
                    Rating(
                        ticket=ticket, by=it["lead"], resolved_at=ended, score=score, given_at=ended, changed_at=ended
                    )
                )
        made[Ticket].append(ticket)
        made[Change] += [
            Change(ticket=ticket, at=at, field=f, before=b, after=a, actor="system") for at, f, b, a in told
        ]
        made[Message].append(Message(ticket=ticket, kind="reply", author=owner, body="At work.", at=answered))
        late = chance.random() < 0.15
        made[Clock].append(
            Clock(
                ticket=ticket, agreement=it["agreement"], calendar=it["office"], kind="resolution", sequence=1,
                priority=priority, target_seconds=priority * 28_800, state="breached" if late else "met" if solved else "running",
                started_at=opened, breached_at=ended if late else None, stopped_at=ended if solved else None,
            )
        )  # fmt: skip
        if chance.random() < 0.1:
            made[Escalation].append(
                Escalation(
                    ticket=ticket, policy=it["policy"], type="technical", reason=chance.choice(REASONS),
                    direction="functional", state="closed", opened_at=answered, opened_by="engine", closed_at=ended,
                )
            )  # fmt: skip
    for model, rows in made.items():
        model.objects.bulk_create(rows, batch_size=2_000)


def _multiply() -> None:
    """Write the same tickets again and again under other ids and numbers, spread over a day each time."""
    from tocsin.domain.escalation.models import Escalation  # noqa: PLC0415
    from tocsin.domain.sla.models import Clock  # noqa: PLC0415
    from tocsin.domain.tickets.models import Change, Message, Rating, Ticket  # noqa: PLC0415

    _execute(
        "CREATE TEMP TABLE again AS SELECT t.id AS old, gen_random_uuid() AS new, k, t.number + k * 1000000 AS number "
        f"FROM tickets_ticket t, generate_series(1, {TIMES - 1}) k"
    )
    _execute("ANALYZE again")
    taken = {"id": "again.new", "number": "again.number"}
    _copy(Ticket, taken, "x.id")
    for model in (Change, Message, Clock, Escalation, Rating):
        own = {"id": "gen_random_uuid()"} if model._meta.pk.get_internal_type() == "UUIDField" else {}
        _copy(model, {**own, "ticket_id": "again.new"}, "x.ticket_id", leave=() if own else ("id",))
    _execute(
        "INSERT INTO journal_stream (name, length, head) SELECT 'ticket:' || id, 0, decode(repeat('00', 32), 'hex') FROM tickets_ticket"
    )
    for model in (Ticket, Change, Message, Clock, Escalation):
        _execute(f"ANALYZE {model._meta.db_table}")


def _copy(model: Any, other: dict[str, str], by: str, leave: tuple[str, ...] = ()) -> None:
    columns = [f.column for f in model._meta.local_fields if f.column not in leave]
    values = ", ".join(other.get(name, f"x.{name}") for name in columns)
    table = model._meta.db_table
    _execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} x JOIN again ON again.old = {by}"
    )


def _execute(statement: str) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(statement)
