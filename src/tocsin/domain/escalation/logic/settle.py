"""Folding a decision and its feedback until quiet: what production, preview and back-test all call."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

from tocsin.domain.escalation.logic.actions import Action, Decision, Notify
from tocsin.domain.escalation.logic.decide import decide
from tocsin.domain.escalation.logic.events import LevelEmpty, LevelReached, LevelSkipped, RunEvent
from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.escalation.logic.run import RunState

type Resolver = Callable[[Notify], LevelReached | LevelEmpty | LevelSkipped]

MOST_ROUNDS = 200  # a ladder has a handful of rungs; more rounds than this is a defect, not a policy


def settle(policy: Policy, run: RunState, event: RunEvent, now: datetime, resolve: Resolver) -> Decision:
    """Decide `event`, tell the decider what became of each level it opened, and so on until nothing more opens.

    `resolve` answers who a level reached. Returns the final run and all actions in order.
    """
    actions: list[Action] = []
    waiting: deque[RunEvent] = deque([event])
    for _ in range(MOST_ROUNDS):
        if not waiting:
            return Decision(run, tuple(actions))
        decision = decide(policy, run, waiting.popleft(), now)
        run = decision.run
        actions.extend(decision.actions)
        waiting.extend(resolve(action) for action in decision.actions if isinstance(action, Notify))
    raise RuntimeError(f"the policy {policy.slug} does not come to rest on {type(event).__name__}")
