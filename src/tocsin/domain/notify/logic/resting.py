"""When a provider that fails is left alone, and for how long. Pure.

A provider that rests is passed over; when its rest is over it is tried again, and a failure then rests it for longer.
Senders that were at work when it went to rest do not lengthen the rest by their own failures.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.domain.notify.logic.fault import Fault

FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=10)
# Failures in a row after which a provider rests. Silence costs seconds for each message, a refused sign-in stays.
PATIENCE = {Fault.PROVIDER: 3, Fault.UNSURE: 2, Fault.CREDENTIALS: 1}


@dataclass(frozen=True, slots=True)
class Condition:
    """How a provider does. `rests`: how often it has gone to rest since it last accepted something."""

    failures: int = 0  # in a row
    rests: int = 0
    resting_until: datetime | None = None

    def rests_at(self, now: datetime) -> bool:
        """Say whether it is to be passed over."""
        return self.resting_until is not None and now < self.resting_until


def after_failure(condition: Condition, fault: Fault, now: datetime) -> Condition:
    """Return the condition after one failure. Faults that say nothing of the provider change nothing."""
    patience = PATIENCE.get(fault)
    if patience is None or condition.rests_at(now):
        return condition
    failures = condition.failures + 1
    if condition.rests == 0 and failures < patience:
        return replace(condition, failures=failures)
    return Condition(failures, condition.rests + 1, now + rest(condition.rests + 1))


def rest(times: int) -> timedelta:
    """Return how long the n-th rest lasts: 15 s, doubling up to 10 min."""
    doubled: int = 2 ** min(times - 1, 8)
    return min(FIRST_REST * doubled, LONGEST_REST)
