"""Which stored clock stands for which clock of the fold, also after what is promised has changed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tocsin.domain.sla.enums import ClockState, TargetKind
from tocsin.domain.sla.models import Clock

_ONCE = (TargetKind.FIRST_RESPONSE, TargetKind.RESOLUTION)  # a ticket has one of each

type _Promise = tuple[str, UUID | None, datetime | None]


def paired(stored: Sequence[Clock], folded: Sequence[Clock]) -> list[tuple[Clock | None, Clock]]:
    """Return each clock of one ticket's fold with the row that stands for it; None: it has none yet.

    A promise is told by what armed it: its kind, team and start. Its number will not do: it shifts when
    an edited agreement promises what it had not promised before. A live clock whose start has moved
    (a restart) is the live one of its kind and team, of which there is one at most.
    """
    by_promise: dict[_Promise, list[Clock]] = defaultdict(list)
    for row in sorted(stored, key=lambda row: row.sequence):
        by_promise[_promise(row)].append(row)
    rows = [by_promise[_promise(clock)].pop(0) if by_promise[_promise(clock)] else None for clock in folded]
    left = [row for some in by_promise.values() for row in some]
    live = {(row.kind, row.team_id): row for row in left if row.stopped_at is None}
    return [
        (live.pop((clock.kind, clock.team_id), None) if row is None and clock.stopped_at is None else row, clock)
        for row, clock in zip(rows, folded, strict=True)
    ]


def is_settled(before: Clock | None, after: Clock, *, had_clocks: bool) -> bool:
    """Whether the outcome stands: what is agreed later does not change how a promise ended (SEMANTICS 2).

    A promise that would have ended before it was ever made is none. A ticket without any clocks
    (`had_clocks`) gets those of its whole history.
    """
    if after.stopped_at is None:
        return False  # it runs, or runs again after a reopening
    if before is None:
        return had_clocks
    if (before.state, after.state) == (ClockState.CANCELLED, ClockState.MET) and before.stopped_at == after.stopped_at:
        return False  # a reply of the very instant of the resolving was written after it
    return before.stopped_at is not None


def number(clock: Clock, stored: Sequence[Clock]) -> int:
    """Return a number for a new row that no other arming of its kind and team has."""
    taken = {row.sequence for row in stored if (row.kind, row.team_id) == (clock.kind, clock.team_id)}
    return clock.sequence if clock.sequence not in taken else max(taken) + 1


def _promise(clock: Clock) -> _Promise:
    return clock.kind, clock.team_id, None if clock.kind in _ONCE else clock.started_at
