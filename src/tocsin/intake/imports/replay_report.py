"""What a replay found, added up. Pure; the same replay gives the same report, byte for byte."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.escalation.logic.simulate import Simulation
from tocsin.intake.imports.verdicts import Verdict

HOUR = 3600
CATCH_ALL = 0  # the level number under which the catch-all's pages are counted


@dataclass(slots=True)
class TriggerCount:
    """One trigger over the whole log."""

    kind: str
    fired: int = 0
    tickets: int = 0
    at_work_already: int = 0  # came true while its policy was at work on the ticket
    on_good: int = 0  # tickets that ended well
    in_time: int = 0  # of the tickets that ended badly: before they had gone wrong
    leads: list[float] = field(default_factory=list)  # hours from the first firing to the end, tickets that ended badly

    def add(self, instants: Sequence[datetime], verdict: Verdict) -> None:
        """Count one ticket on which it fired at these instants."""
        self.fired += len(instants)
        self.tickets += 1
        _count_warning(self, instants[0], verdict)

    def as_dict(self, key: str) -> dict[str, Any]:
        return {
            "key": key,
            "kind": self.kind,
            "fired": self.fired,
            "tickets": self.tickets,
            "came_true_while_at_work": self.at_work_already,
            "ended_badly_warned": len(self.leads),
            "ended_badly_warned_in_time": self.in_time,
            "hours_before_the_end": spread(self.leads),
            "ended_well": self.on_good,
        }


@dataclass(slots=True)
class PolicyCount:
    """One policy over the whole log."""

    policy: Policy
    silent: Mapping[str, str]  # {trigger: why the log cannot drive it}
    triggers: dict[str, TriggerCount]
    escalated: int = 0  # tickets
    on_good: int = 0
    in_time: int = 0
    leads: list[float] = field(default_factory=list)
    pages: Counter[int] = field(default_factory=Counter)  # by level
    pages_on_good: Counter[int] = field(default_factory=Counter)
    paged_tickets: Counter[int] = field(default_factory=Counter)
    empty: Counter[int] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    def add(self, simulation: Simulation, verdict: Verdict) -> None:
        """Count one ticket."""
        slug = self.policy.slug
        fired: dict[str, list[datetime]] = {}
        for firing in simulation.fired:
            if firing.policy == slug:
                fired.setdefault(firing.trigger, []).append(firing.at)
        for firing in simulation.refused:
            if firing.policy == slug and "already at work" in firing.refused:
                self.triggers[firing.trigger].at_work_already += 1
        for key, instants in fired.items():
            self.triggers[key].add(instants, verdict)
        if fired:
            self.escalated += 1
            self.ends[simulation.ends[slug]] += 1
            _count_warning(self, min(min(instants) for instants in fired.values()), verdict)
        self._add_pages(simulation, verdict)

    def _add_pages(self, simulation: Simulation, verdict: Verdict) -> None:
        levels = set()
        for step in simulation.steps:
            if step.policy != self.policy.slug:
                continue
            level = CATCH_ALL if step.outcome == "catch_all" else step.level
            self.empty[level] += step.outcome == "empty"
            if step.people:
                levels.add(level)
                self.pages[level] += len(step.people)
                self.pages_on_good[level] += 0 if verdict.is_bad else len(step.people)
        self.paged_tickets.update(levels)

    def as_dict(self, ended_badly: int) -> dict[str, Any]:
        names = {number: level.name for number, level in enumerate(self.policy.levels, 1)}
        return {
            "policy": self.policy.slug,
            "name": self.policy.name,
            "triggers": [count.as_dict(key) for key, count in self.triggers.items()],
            "not_in_this_log": dict(self.silent),
            "tickets": self.escalated,
            "ended_badly_warned": len(self.leads),
            "ended_badly_warned_share": share(len(self.leads), ended_badly),
            "ended_badly_warned_in_time": self.in_time,
            "hours_before_the_end": spread(self.leads),
            "ended_well": self.on_good,
            "pages": sum(self.pages.values()),
            "pages_on_tickets_that_ended_well": sum(self.pages_on_good.values()),
            "levels": [self._level(number, name) for number, name in [*names.items(), (CATCH_ALL, "Catch-all")]],
            "runs_ended": dict(sorted(self.ends.items())),
        }

    def _level(self, number: int, name: str) -> dict[str, Any]:
        return {
            "level": number or "catch_all",
            "name": name,
            "pages": self.pages[number],
            "tickets": self.paged_tickets[number],
            "pages_on_tickets_that_ended_well": self.pages_on_good[number],
            "found_nobody": self.empty[number],
        }


def counts_for(policies: Sequence[Policy], silent: Sequence[Mapping[str, str]]) -> list[PolicyCount]:
    """Return empty counts, triggers in the order of the policy."""
    return [
        PolicyCount(policy, why, {t.key: TriggerCount(str(t.kind)) for t in policy.triggers})
        for policy, why in zip(policies, silent, strict=True)
    ]


def _count_warning(count: TriggerCount | PolicyCount, first: datetime, verdict: Verdict) -> None:
    if verdict.went_wrong_at is None:
        count.on_good += 1
        return
    if first < verdict.ended_at:
        count.leads.append((verdict.ended_at - first).total_seconds() / HOUR)
    if first < verdict.went_wrong_at:
        count.in_time += 1


def spread(hours: Sequence[float]) -> dict[str, float | None]:
    """Return median and 90th percentile (nearest rank), in hours to one decimal."""
    ordered = sorted(hours)
    return {"median": _rank(ordered, 0.5), "p90": _rank(ordered, 0.9)}


def _rank(ordered: Sequence[float], quantile: float) -> float | None:
    return round(ordered[ceil(quantile * len(ordered)) - 1], 1) if ordered else None


def share(part: int, whole: int) -> float | None:
    """Return part / whole to four decimals, None of nothing."""
    return round(part / whole, 4) if whole else None
