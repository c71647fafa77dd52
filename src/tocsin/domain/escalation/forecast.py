"""What will happen if nobody does anything: previews fold the very `settle` that runs in production."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tocsin.domain.escalation.logic import actions as wanted
from tocsin.domain.escalation.logic.decide import initial
from tocsin.domain.escalation.logic.events import LevelEmpty, LevelReached, LevelSkipped, Started, Ticked
from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.escalation.logic.run import RunState
from tocsin.domain.escalation.logic.settle import settle

type Resolver = Callable[[wanted.Notify], LevelReached | LevelEmpty | LevelSkipped]

MOST_STEPS = 40


@dataclass(frozen=True, slots=True)
class Opening:
    """A level that would open at `at`, in `cycle`."""

    at: datetime
    cycle: int
    level: int
    people: tuple[str, ...]
    skipped: str


def forecast(
    policy: Policy, state: RunState | None, now: datetime, resolve: Resolver, *, cycles: int = 1
) -> list[Opening]:
    """Return the openings from `now` on, in order, while the cycle stays within `cycles` of the present one.

    `state` None: as if the policy fired at `now`. Nothing is written.
    """
    openings: list[Opening] = []
    at = now

    def watch(ask: wanted.Notify) -> LevelReached | LevelEmpty | LevelSkipped:
        answer = resolve(ask)
        people = answer.people if isinstance(answer, LevelReached) else ()
        skipped = "" if isinstance(answer, LevelReached) else answer.reason
        openings.append(Opening(at, ask.cycle, ask.level, people, skipped))
        return answer

    if state is None:
        state = settle(policy, initial(policy), Started(approved=True), at, watch).run
    last_cycle = state.cycle + cycles - 1
    for _ in range(MOST_STEPS):
        if state.due_at is None or state.ended or state.cycle > last_cycle:
            break
        at = max(state.due_at, now)
        state = settle(policy, state, Ticked(), at, watch).run
    return [opening for opening in openings if opening.cycle <= last_cycle]
