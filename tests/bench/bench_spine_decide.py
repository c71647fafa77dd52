"""How many decisions a second the pure decider makes, over the whole life of a run."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.bench.figure import Figure
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.decide import decide, initial
from tocsin.domain.escalation.logic.policy import Level, LevelCondition, Policy, Repeat, Target, TargetKind
from tocsin.domain.escalation.logic.run import RunState
from tocsin.domain.escalation.logic.run_json import as_json, from_json

ROUNDS = 7
LIVES = 2_000
GOAL = 100_000
START = datetime(2026, 3, 4, 9, tzinfo=UTC)
DESK = (Target(TargetKind.TEAM, "desk"),)
LADDER = Policy(
    "p", "P", "technical", "complexity", "functional",
    (
        *(Level(f"level {n}", DESK, timedelta(minutes=10)) for n in range(1, 4)),
        Level("management", DESK, timedelta(hours=4), condition=LevelCondition.NOT_RESOLVED),
    ),
    repeat=Repeat(1, timedelta(minutes=20)),
)  # fmt: skip


def _life() -> list[tuple[RunState, e.RunEvent, datetime]]:
    """One run: it climbs, is declined, acknowledged, worked on, times out, is snoozed and resolved.

    Every step changes the state: ticks that find nothing due cost next to nothing and would flatter the figure.
    """
    steps: list[tuple[float, e.RunEvent]] = [(0, e.Started())]
    for minute, level in ((10, 1), (20, 2), (30, 3)):
        steps += [(minute, e.Ticked()), (minute, e.LevelReached(level, ("ana", "ben")))]
    steps += [(31, e.Declined("ben", "busy")), (32, e.Acknowledged("ana", cycle=1)), (40, e.Progressed("ana"))]
    steps += [(70, e.Ticked()), (75, e.Ticked()), (75, e.LevelReached(3, ("ana", "ben")))]
    steps += [(76, e.Snoozed("ana", timedelta(minutes=5))), (81, e.Ticked()), (81, e.LevelReached(3, ("ana",)))]
    steps += [(90, e.Resolved("ana")), (120, e.Retriggered("engine"))]
    run, life = initial(LADDER), []
    for minute, event in steps:
        now = START + timedelta(minutes=minute)
        life.append((run, event, now))
        after = decide(LADDER, run, event, now).run
        if after == run:
            raise ValueError(f"{event} changes nothing: the figure would be too good")
        run = after
    return life


def _best(work: Callable[[], None], count: int) -> float:
    """Return the best rate (per second) of several rounds: noise only ever slows."""
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        rates.append(count / (time.perf_counter() - started))
    return max(rates)


def run() -> list[Figure]:
    """Return decisions a second, beside the round trip of the state through JSON that goes with each of them."""
    life = _life()

    def decisions() -> None:
        for _ in range(LIVES):
            for state, event, now in life:
                decide(LADDER, state, event, now)

    def round_trips() -> None:
        for _ in range(LIVES // 10):
            for state, _event, _now in life:
                from_json(json.loads(json.dumps(as_json(state))))

    rate = _best(decisions, LIVES * len(life))
    baseline = _best(round_trips, LIVES // 10 * len(life))
    return [
        Figure(
            name="spine decide_per_second", value=round(rate), unit="/s",
            baseline="loading and storing the run's state as JSON (json, round trip)",
            baseline_value=round(baseline), goal=f"> {GOAL:,}/s", met=rate > GOAL,
        )
    ]  # fmt: skip
