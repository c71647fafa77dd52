"""What a metric should come to, who answers for it, and telling them when it leaves its band."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from tocsin.domain.insights import rules
from tocsin.domain.insights.logic.metrics import DIMENSIONS, METRICS
from tocsin.domain.insights.logic.metrics_bands import Week, departure, is_back
from tocsin.domain.insights.logic.metrics_words import departed
from tocsin.domain.insights.models import MetricTarget
from tocsin.domain.insights.queries import Selection, trends
from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

WEEKS = 26  # that a band is drawn from
STREAM = "insights"


@transaction.atomic
def set_target(
    *, metric: str, scope: Mapping[str, str], goal: float, owner: User, by: User, now: datetime, is_demo: bool = False
) -> MetricTarget:
    """Set (or change) what a metric should come to within a scope. `goal` in its own unit: a share is 0 to 1.

    A changed goal begins a new band: what was told of the old one is forgotten. Raises InvalidInput and NotAllowed.
    """
    _demand(by)
    found = METRICS.get(metric)
    if found is None or found.better == "neither":
        problem = "This figure has no good and no bad side, so it takes no target."
        raise InvalidInput("no_target", problem, {"metric": problem})
    unknown = [name for name in scope if name not in DIMENSIONS]
    if unknown:
        raise InvalidInput("bad_scope", f"There is no {unknown[0]} to filter by.", {"scope": "Take it out."})
    if not isfinite(goal) or goal < 0 or (found.kind == "share" and goal > 1):
        problem = "Give a share from 0 to 100 %." if found.kind == "share" else "Give a number that is not negative."
        raise InvalidInput("bad_goal", problem, {"goal": problem})
    if not is_staff.test(owner):
        problem = f"{owner.name} does not work here. Choose somebody else."
        raise InvalidInput("bad_owner", problem, {"owner": problem})
    kept = {name: value for name, value in scope.items() if value}
    target, made = MetricTarget.objects.select_for_update().get_or_create(
        metric=metric, scope=kept,
        defaults={
            "id": new_id(), "goal": goal, "owner": owner, "made_at": now, "made_by": f"person:{by.pk}", "is_demo": is_demo,
        },
    )  # fmt: skip
    if not made:
        if target.goal != goal:
            target.departed_at, target.departure = None, ""
        target.goal, target.owner = goal, owner
        target.save(update_fields=["goal", "owner", "departed_at", "departure"])
    data = {"target": str(target.pk), "metric": metric, "scope": kept, "goal": goal, "owner": str(owner.pk)}
    record(stream=STREAM, kind="metric.target_set", actor=f"person:{by.pk}", at=now, data=data)
    return target


@transaction.atomic
def clear_target(*, target_id: UUID, by: User, now: datetime) -> None:
    """Take a target away. Raises NotFound and NotAllowed."""
    _demand(by)
    target = MetricTarget.objects.select_for_update().filter(pk=target_id).first()
    if target is None:
        raise NotFound("target_not_found", "There is no such target. It may have been taken away.")
    data = {"target": str(target.pk), "metric": target.metric, "scope": target.scope}
    target.delete()
    record(stream=STREAM, kind="metric.target_cleared", actor=f"person:{by.pk}", at=now, data=data)


def watch_bands(*, now: datetime) -> int:
    """Look at the last whole week of every target; tell owners of what has left its band, once. Return how many were told."""
    return sum(_watch(pk, now) for pk in MetricTarget.objects.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _watch(target_id: UUID, now: datetime) -> bool:
    target = MetricTarget.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=target_id).first()
    if target is None or target.metric not in METRICS:
        return False
    metric, where = METRICS[target.metric], _weeks(target, now)
    _, points = trends(where, [target.metric])[target.metric]
    weeks = [Week(point.figure.value, point.figure.n) for point in points]
    if target.departed_at is not None:
        since = len([point for point in points if point.day > _told_of(target.departed_at, where)])
        if is_back(weeks, since, goal=target.goal, better=metric.better, kind=metric.kind):
            target.departed_at, target.departure = None, ""
            target.save(update_fields=["departed_at", "departure"])
        return False
    found = departure(weeks, goal=target.goal, better=metric.better, kind=metric.kind)
    if found is None or not target.owner.is_active:
        return False
    target.departed_at, target.departure = now, departed(metric, found, target.goal)
    target.save(update_fields=["departed_at", "departure"])
    data = {"target": str(target.pk), "metric": target.metric, "scope": target.scope, "words": target.departure}
    record(stream=STREAM, kind="metric.departed", actor="engine", at=now, data=data)
    page = PageRequest(
        user_id=target.owner_id, purpose="notice", urgency=Urgency.NORMAL, subject=f"{metric.name} has left its band",
        body=f"{target.departure}\n\n{metric.definition}",
    )  # fmt: skip
    enqueue(pages=[page], now=now)
    return True


def _told_of(departed_at: datetime, where: Selection) -> date:
    """Return the first day of the week that was the newest whole one when a departure was told."""
    day = departed_at.astimezone(ZoneInfo(where.zone)).date()
    return day - timedelta(days=day.weekday() + 7)


def _weeks(target: MetricTarget, now: datetime) -> Selection:
    """Return the last whole weeks (from Monday, in the owner's zone)."""
    zone = ZoneInfo(target.owner.zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    end = datetime.combine(monday, time(), zone).astimezone(UTC)
    start = datetime.combine(monday - timedelta(weeks=WEEKS), time(), zone).astimezone(UTC)
    return Selection(start=start, end=end, now=now, zone=target.owner.zone, where=target.scope)


def _demand(by: User) -> None:
    if not rules.may_set_targets.test(by):
        raise NotAllowed("not_allowed", "Targets are set by leads, managers and administrators. Ask one of them.")
