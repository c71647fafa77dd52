"""Telling a run's life as a story: minutes, events, who was paged."""

from datetime import UTC, datetime, timedelta

from tocsin.domain.escalation.logic import actions as a
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.decide import initial
from tocsin.domain.escalation.logic.policy import Level, Policy, Target, TargetKind
from tocsin.domain.escalation.logic.run import RunState
from tocsin.domain.escalation.logic.settle import settle

START = datetime(2026, 3, 4, 9, tzinfo=UTC)
SOMEBODY = (Target(TargetKind.OWNER),)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def level(name: str, delay: float = 0, **given) -> Level:
    return Level(name, given.pop("targets", SOMEBODY), minutes(delay), **given)


def policy(*levels: Level, **given) -> Policy:
    rungs = levels or (level("one"), level("two", 10), level("three", 15))
    return Policy("p", "P", "technical", "complexity", "functional", rungs, **given)


class Story:
    """A run with a clock in minutes.

    `nobody` names levels that reach nobody, `skipped` those whose own condition is false, `people` who a level reaches.
    """

    def __init__(
        self,
        ladder: Policy,
        *,
        nobody: tuple[int, ...] = (),
        skipped: tuple[int, ...] = (),
        people: dict[int, tuple[str, ...]] | None = None,
    ):
        self.policy, self.nobody, self.skipped, self.people = ladder, nobody, skipped, people or {}
        self.run: RunState = initial(ladder)
        self.paged: list[tuple[float, int, int, tuple[str, ...]]] = []
        self.last: tuple[a.Action, ...] = ()
        self.without: tuple[str, ...] = ()  # who was not to be asked again, of the last level that opened

    def _resolve(self, ask: a.Notify):
        if ask.level in self.skipped and not ask.people:
            return e.LevelSkipped(ask.level, "its condition is false")
        if (ask.level in self.nobody and not ask.people) or not (ask.targets or ask.people):
            return e.LevelEmpty(ask.level, "nobody")
        self.without = ask.without
        people = ask.people or self.people.get(ask.level, (f"p{ask.level}",))
        self.paged.append((self.minute, ask.cycle, ask.level, people))
        return e.LevelReached(ask.level, people)

    def at(self, minute: float, event: e.RunEvent | None = None) -> "Story":
        self.minute = minute
        decision = settle(self.policy, self.run, event or e.Ticked(), START + minutes(minute), self._resolve)
        self.run, self.last = decision
        return self

    def did(self, kind: type[a.Action]) -> list[a.Action]:
        return [action for action in self.last if isinstance(action, kind)]

    def notes(self) -> list[str]:
        return [action.kind for action in self.last if isinstance(action, a.Journal)]

    def data(self, kind: str) -> dict:
        """What the entry `kind` of the last step says."""
        return next(action.data for action in self.last if isinstance(action, a.Journal) and action.kind == kind)

    def openings(self) -> list[tuple[float, int, int]]:
        return [page[:3] for page in self.paged]


def begun(*levels: Level, **given) -> Story:
    told = {name: given.pop(name) for name in ("nobody", "skipped", "people") if name in given}
    return Story(policy(*levels, **given), **told).at(0, e.Started())
