"""Named reads of tests and drills."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tocsin.domain.escalation import drill_reports
from tocsin.domain.escalation.enums import DrillKind, DrillState
from tocsin.domain.escalation.logic.drills import Outcome, middle
from tocsin.domain.escalation.models import Drill, DrillPlan
from tocsin.domain.escalation.rules import may_plan_drills
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound

SHOWN = 100
TREND = 12  # drills of one team


@dataclass(frozen=True, slots=True)
class Trend:
    """How reachable a team was, drill by drill, oldest first."""

    team: str
    points: tuple[Drill, ...]
    median_seconds: float | None  # until the first human, over the drills in which somebody answered
    answered: int  # of `asked`, over all of them
    asked: int


@dataclass(frozen=True, slots=True)
class CanaryHealth:
    """Whether the engine's own escalation came through lately. `age_seconds`: since the last one that did."""

    state: str  # ok, late, off, none (none has come through yet)
    age_seconds: float | None
    took_seconds: float | None  # from the escalation to the accepted delivery


def next_test_end() -> datetime | None:
    """Return when the next running test is over by itself."""
    running = Drill.objects.filter(due_at__isnull=False).exclude(kind=DrillKind.CANARY)
    return running.order_by("due_at").values_list("due_at", flat=True).first()


def next_drill_due() -> datetime | None:
    """Return when a planned drill has its next step."""
    return DrillPlan.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


def recent() -> list[Drill]:
    """Return the latest tests of people, newest first."""
    rows = Drill.objects.exclude(kind=DrillKind.CANARY).select_related("team", "plan", "escalation__ticket")
    return list(rows.order_by("-started_at")[:SHOWN])


def plans() -> list[DrillPlan]:
    """Return the planned drills by name."""
    return list(DrillPlan.objects.select_related("team", "calendar").order_by("name"))


def access_plan(plan_id: UUID) -> DrillPlan:
    """Return one planned drill. Raises NotFound."""
    found = DrillPlan.objects.select_related("team").filter(pk=plan_id).first()
    if found is None:
        raise NotFound("drill_not_found", "There is no such planned drill.")
    return found


def access_drill(user: User, drill_id: UUID) -> Drill:
    """Return one test as `user` may see it: who plans drills sees all, others those they began or were asked in."""
    rows = Drill.objects.select_related("team", "plan", "escalation__ticket", "escalation__run")
    found = rows.filter(pk=drill_id).exclude(kind=DrillKind.CANARY).first()
    mine = found is not None and (found.started_by == f"person:{user.pk}" or _asked(found, user))
    if found is None or not (mine or may_plan_drills.test(user)):
        raise NotFound("drill_not_found", "There is no such test, or you may not see it.")
    return found


def _asked(drill: Drill, user: User) -> bool:
    return any(row["id"] == str(user.pk) for row in people_of(drill))


def people_of(drill: Drill) -> list[dict[str, Any]]:
    """Return the report's rows: as written down, or of a running test as they stand."""
    if drill.state != DrillState.RUNNING:
        return list(drill.people)
    return drill_reports.people_of(drill, over=False)


def trends() -> list[Trend]:
    """Return each drilled team's last drills with its median time to a human, by name."""
    rows = Drill.objects.filter(kind=DrillKind.REACH, state=DrillState.ENDED, team__isnull=False).select_related("team")
    by_team: dict[str, list[Drill]] = defaultdict(list)
    for drill in rows.order_by("-started_at")[: 50 * TREND]:
        own = by_team[drill.team.name if drill.team else ""]
        if len(own) < TREND:
            own.append(drill)
    return [_trend(team, tuple(reversed(own))) for team, own in sorted(by_team.items())]


def _trend(team: str, points: tuple[Drill, ...]) -> Trend:
    asked = [row for drill in points for row in drill.people if row["outcome"] != Outcome.LEFT_OUT]
    answered = sum(row["outcome"] == Outcome.ANSWERED for row in asked)
    return Trend(team, points, middle([d.to_human for d in points if d.to_human is not None]), answered, len(asked))


def canary_health(*, every: timedelta, within: timedelta, now: datetime) -> CanaryHealth:
    """Return how the canary does: late once none has come through for two rounds and the time one may take."""
    if not every:
        return CanaryHealth("off", None, None)
    last = Drill.objects.filter(kind=DrillKind.CANARY, state=DrillState.ENDED).order_by("-ended_at").first()
    if last is None or last.ended_at is None:
        return CanaryHealth("none", None, None)
    age = now - last.ended_at
    took = last.people[0]["seconds"] if last.people else None
    return CanaryHealth("ok" if age <= 2 * every + within else "late", age.total_seconds(), took)
