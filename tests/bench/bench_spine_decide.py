"""How many decisions a second the pure decider makes, over the whole life of a run."""

import copy
import time
from datetime import UTC, datetime, timedelta

from tests.bench.figure import Figure
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.decide import decide, initial
from tocsin.domain.escalation.logic.policy import Level, Policy, Repeat, Target, TargetKind
from tocsin.domain.escalation.logic.run import RunState

ROUNDS = 7
LIVES = 3_000
START = datetime(2026, 3, 4, 9, tzinfo=UTC)
LADDER = Policy(
    "p", "P", "technical", "complexity", "functional",
    tuple(Level(f"level {n}", (Target(TargetKind.TEAM, "desk"),), timedelta(minutes=10)) for n in range(1, 4)),
    repeat=Repeat(1, timedelta(minutes=20)),
)  # fmt: skip


def _life() -> list[tuple[RunState, e.RunEvent, datetime]]:
    """Every state, event and instant of one run: started, climbing, early ticks, acknowledged, timed out, resolved."""
    steps: list[tuple[float, e.RunEvent]] = [(0, e.Started())]
    for minute, level in ((10, 1), (20, 2), (30, 3)):
        steps += [(minute - 1, e.Ticked()), (minute, e.Ticked()), (minute, e.LevelReached(level, ("ana", "ben")))]
    steps += [(31, e.Declined("ben", "busy")), (32, e.Acknowledged("ana", cycle=1)), (40, e.Progressed("ana"))]
    steps += [(70, e.Ticked()), (75, e.Ticked()), (75, e.LevelReached(3, ("ana",))), (80, e.Resolved("ana"))]
    run, life = initial(LADDER), []
    for minute, event in steps:
        now = START + timedelta(minutes=minute)
        life.append((run, event, now))
        run = decide(LADDER, run, event, now).run
    return life


def _best(work: object, count: int) -> float:
    """Return the best rate (per second) of several rounds: noise only ever slows."""
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()  # type: ignore[operator]
        rates.append(count / (time.perf_counter() - started))
    return max(rates)


def run() -> list[Figure]:
    life = _life()

    def decisions() -> None:
        for _ in range(LIVES):
            for state, event, now in life:
                decide(LADDER, state, event, now)

    def copies() -> None:
        for _ in range(LIVES // 10):
            for state, _event, _now in life:
                copy.deepcopy(state)

    rate = _best(decisions, LIVES * len(life))
    baseline = _best(copies, LIVES // 10 * len(life))
    return [
        Figure(
            name="spine decide_per_second", value=rate, unit="/s", baseline="copy.deepcopy of the run's state",
            baseline_value=baseline, goal="> 100,000/s", met=rate > 100_000,
        )
    ]  # fmt: skip
