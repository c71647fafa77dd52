"""Back-tests: 90 days of 25,000 own tickets through two versions of a policy, and both real logs, per 1,000 tickets.

The generated tickets have an owner, hand-overs, replies and a resolution clock on office hours; a level pages whoever
is on call. Beside it one process alone, and the mere reading of the records; beside the logs `replay` of one policy over the same.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.figure import Figure
from tests.conftest import SHARED_DATA
from tocsin.domain.insights.logic.backtest import leaf

TICKETS, DAYS, GOAL = 25_000, 90, 10.0
START = datetime(2026, 3, 2, tzinfo=UTC)
LOGS = {"servicenow": "servicenow_incident_log.csv.gz", "volvo": "volvo_vinst_incidents.csv.gz"}
POLICY = """
slug: watch
name: Watch
type: technical
reason: sla_at_risk
direction: functional
match: ticket.priority <= 3
triggers:
  - {key: waits, kind: unassigned_for, after: WAIT}
  - {key: three-quarters, kind: clock_at, clock: resolution, percent: SHARE}
  - {key: passed-on, kind: handovers, count: 3}
levels:
  - {name: On call, targets: [{on_call: bench}]}
  - {name: Lead, delay: 30m, targets: [team_lead]}
"""


def run() -> list[Figure]:
    """Return seconds for the generated quarter, and milliseconds per 1,000 tickets of each log beside `replay`."""
    return [*_generated(), *_logs()]


def text(wait: str = "60m", share: str = "75%") -> str:
    return POLICY.replace("WAIT", wait).replace("SHARE", share)


def _generated() -> list[Figure]:
    from tocsin.domain.escalation.logic import spec  # noqa: PLC0415 - the bench's process has settings by now
    from tocsin.domain.insights.backtests.running import Bench, Question, tickets_of, walk_tickets  # noqa: PLC0415
    from tocsin.domain.insights.backtests.spreading import walk_on_all_processors  # noqa: PLC0415

    _fill()
    before, after = spec.load(text()), spec.load(text("30m", "60%"))
    question = Question((before, after), (), START, START + timedelta(days=DAYS))
    began = time.perf_counter()
    outcome = walk_on_all_processors(question, processes=2)
    spread = time.perf_counter() - began
    began = time.perf_counter()
    whole = walk_tickets(question, tickets_of(question))
    alone = time.perf_counter() - began
    if whole is None or whole.tally != outcome.tally or whole.tally["tickets"] != TICKETS:
        raise ValueError("the pieces do not add up to the whole")
    bare = Bench(question)
    began = time.perf_counter()
    for start in range(0, TICKETS, 500):
        bare.past(list(tickets_of(question).filter(number__gt=start, number__lte=start + 500)))
    reading = time.perf_counter() - began
    fired = [leaf(whole.tally, "sides", side, "fired") for side in ("0", "1")]
    print(f"fired: {fired[0]:,} and {fired[1]:,}; {leaf(whole.tally, 'events'):,} events")
    return [
        Figure(
            name="insight backtest_25000_s", value=round(spread, 2), unit="s on two processors (tocsin backtest)",
            baseline="one process alone", baseline_value=round(alone, 2), goal=f"< {GOAL:.0f} s", met=spread < GOAL,
        ),
        Figure(
            name="insight backtest_25000_one_worker_s", value=round(alone, 2), unit="s in one process",
            baseline="only reading the records, nothing walked", baseline_value=round(reading, 2), goal="-", met=True,
        ),
    ]  # fmt: skip


def _logs() -> list[Figure]:
    from tests.bench.bench_spine_replay import TECHNICAL  # noqa: PLC0415
    from tocsin.cli.backtest import walk_log  # noqa: PLC0415
    from tocsin.domain.escalation.logic import spec  # noqa: PLC0415
    from tocsin.intake.imports import promises as promised  # noqa: PLC0415
    from tocsin.intake.imports.events import cases  # noqa: PLC0415
    from tocsin.intake.imports.formats import read  # noqa: PLC0415
    from tocsin.intake.imports.opening import format_for  # noqa: PLC0415
    from tocsin.intake.imports.problems import Problems  # noqa: PLC0415
    from tocsin.intake.imports.replaying import heard, replay, replayable  # noqa: PLC0415

    found = []
    policy = spec.load(TECHNICAL.read_text())
    for source, name in LOGS.items():
        file = Path(SHARED_DATA) / name
        if not file.exists():
            print(f"skipped: {name} is not beside this repository")
            continue
        whole = cases(read(file, format_for(file, source), Problems()))
        promises = promised.SERVICENOW if source == "servicenow" else promised.NONE
        until = max(event.at for case in whole for event in case.events)
        able = replayable(policy, heard(whole, promises, answers=True))[0]
        began = time.perf_counter()
        for case in whole:
            replay(case, (able,), promises, until=until, answers=True)
        alone = time.perf_counter() - began
        began = time.perf_counter()
        walk_log(whole, (policy, policy), promises, source=source)
        took = time.perf_counter() - began
        found.append(
            Figure(
                name=f"insight backtest_{source}_ms_per_1000", value=round(took / len(whole) * 1e6, 1), unit="ms",
                baseline="replay of one policy over the same tickets", baseline_value=round(alone / len(whole) * 1e6, 1),
                goal="< 3 x replay", met=took < 3 * alone,
            )
        )  # fmt: skip
    return found


def _fill() -> None:
    """Write a quarter of tickets with their records straight into the tables, as production would have left them."""
    from tocsin.domain.calendars.models import Calendar  # noqa: PLC0415
    from tocsin.domain.notify.models import ContactMethod  # noqa: PLC0415
    from tocsin.domain.oncall import actions as oncall  # noqa: PLC0415
    from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind  # noqa: PLC0415
    from tocsin.domain.people.models import Team, User  # noqa: PLC0415
    from tocsin.domain.sla.models import Agreement, Target  # noqa: PLC0415
    from tocsin.domain.tickets.models import Change, Message, Ticket  # noqa: PLC0415

    chance = random.Random(1)
    staff = [User.objects.create(email=f"p{n}@bench.example", name=f"P {n}", role="agent") for n in range(20)]
    ContactMethod.objects.bulk_create(
        ContactMethod(user=one, channel="email", address=one.email, verified_at=START) for one in staff
    )
    teams = [Team.objects.create(name=f"T {n}", slug=f"t{n}", line="L1", lead=staff[n]) for n in range(4)]
    weeks = Rotation(RotationKind.WEEKLY, tuple((str(one.pk),) for one in staff), START)
    oncall.create_schedule(
        name="Bench",
        slug="bench",
        zone="Europe/Berlin",
        team=teams[0],
        by=None,
        now=START,
        layers=[Layer("Weeks", (weeks,))],
    )
    hours = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    agreement = Agreement.objects.create(
        name="All", slug="all", calendar=Calendar.objects.create(name="Office", zone="Europe/Berlin", weekly=hours),
        pause_statuses=["waiting_customer"],
    )  # fmt: skip
    for priority in (1, 2, 3, 4):
        Target.objects.create(agreement=agreement, kind="resolution", priority=priority, seconds=priority * 8 * 3600)
    tickets, changes, messages = [], [], []
    for number in range(TICKETS):
        opened = START + timedelta(seconds=chance.uniform(0, DAYS * 86_400))
        team, owner, priority = chance.choice(teams), chance.choice(staff), chance.choice((1, 2, 3, 3, 3, 4, 4))
        taken = opened + timedelta(minutes=chance.expovariate(1 / 40))
        replied = taken + timedelta(minutes=chance.expovariate(1 / 60))
        ended = replied + timedelta(hours=chance.expovariate(1 / 20))
        ticket = Ticket(
            number=number + 1, subject="Generated", team=team, owner=owner, status="resolved", priority=priority,
            opened_at=opened, updated_at=ended, resolved_at=ended,
        )  # fmt: skip
        tickets.append(ticket)
        person = f"person:{owner.pk}"
        told = [
            (opened, "status", "", "new"), (opened, "priority", "", str(priority)), (opened, "team", "", str(team.pk)),
            (taken, "owner", "", str(owner.pk)), (taken, "status", "new", "open"),
        ]  # fmt: skip
        if chance.random() < 0.3:
            other = chance.choice(teams)
            told.append((replied, "team", str(team.pk), str(other.pk)))
        if chance.random() < 0.3:
            told.append((replied, "status", "open", "waiting_customer"))
            told.append((replied + (ended - replied) / 2, "status", "waiting_customer", "open"))
        told.append((ended, "status", "open", "resolved"))
        changes += [Change(ticket=ticket, at=at, field=f, before=b, after=a, actor=person) for at, f, b, a in told]
        messages.append(Message(ticket=ticket, kind="reply", author=owner, body="At work.", at=replied))
    Ticket.objects.bulk_create(tickets, batch_size=2_000)
    Change.objects.bulk_create(changes, batch_size=5_000)
    Message.objects.bulk_create(messages, batch_size=5_000)
