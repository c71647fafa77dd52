"""Drills that come again: planned within a window, announced or not, fired at whoever is on call then."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.calendars.queries import business_calendar
from tocsin.domain.escalation.actions.drill_ends import note_end, tell_lead
from tocsin.domain.escalation.actions.drilling import left_out, quiet, test_reach
from tocsin.domain.escalation.enums import Cadence, DrillKind, DrillState
from tocsin.domain.escalation.logic.drills import Window, next_drill, window_ends
from tocsin.domain.escalation.logic.policy import Target, TargetKind
from tocsin.domain.escalation.models import Drill, DrillPlan
from tocsin.domain.escalation.rules import may_plan_drills
from tocsin.domain.escalation.targets import Directory
from tocsin.domain.journal.actions import record
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed
from tocsin.kernel.ids import new_id

AHEAD = timedelta(days=1)  # of an announcement
AGAIN = timedelta(minutes=30)  # where everybody has quiet hours, while the window lasts
MOST_PEOPLE = 50  # in one drill
MOST_PLANS = 200
SHORTEST_ANSWER, LONGEST_ANSWER = 60, 3600  # seconds


def plan_drill(
    *, name: str, team: Team, cadence: str, weekday: int, starts: time, ends: time, zone: str, by: User, now: datetime,
    schedule: str = "", calendar: Calendar | None = None, announced: bool = True, in_quiet_hours: bool = False,
    answer_within: int = 900,
) -> DrillPlan:  # fmt: skip
    """Plan a drill of a team that comes every week or month. Raises InvalidInput with the fields that are wrong."""
    if not may_plan_drills.test(by):
        raise NotAllowed("not_allowed", "Drills are planned by leads, escalation managers and administrators.")
    plan = DrillPlan(
        id=new_id(), name=name.strip()[:120], team=team, schedule=schedule, cadence=cadence, weekday=weekday,
        starts=starts, ends=ends, zone=zone, calendar=calendar, announced=announced, in_quiet_hours=in_quiet_hours,
        answer_within=answer_within, created_by=f"person:{by.pk}",
    )  # fmt: skip
    _check(plan)
    with transaction.atomic():
        if DrillPlan.objects.filter(name=plan.name).exists():
            problem = "There is a drill of this name already."
            raise InvalidInput("name_taken", problem, {"name": problem})
        if DrillPlan.objects.count() >= MOST_PLANS:
            raise InvalidInput("too_many_plans", f"There are {MOST_PLANS} planned drills already. Remove one first.")
        _arm(plan, now)
        plan.save(force_insert=True)
        _note(plan, "drill.planned", f"person:{by.pk}", now)
    return plan


def switch_plan(*, plan_id: UUID, enabled: bool, by: User, now: datetime) -> DrillPlan:
    """Suspend a planned drill, or take it up again."""
    if not may_plan_drills.test(by):
        raise NotAllowed("not_allowed", "Drills are planned by leads, escalation managers and administrators.")
    with transaction.atomic():
        plan = DrillPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
        plan.enabled = enabled
        if enabled:
            _arm(plan, now)
        else:
            plan.planned_at = plan.due_at = None
        plan.save()
        _note(plan, "drill.resumed" if enabled else "drill.suspended", f"person:{by.pk}", now)
    return plan


def hold_now(*, plan_id: UUID, by: User, now: datetime) -> Drill:
    """Hold a planned drill at once. Raises Conflict where everybody has quiet hours, or nobody is on call."""
    if not may_plan_drills.test(by):
        raise NotAllowed("not_allowed", "Drills are held by leads, escalation managers and administrators.")
    with transaction.atomic():
        plan = DrillPlan.objects.select_for_update(of=("self",)).select_related("team__lead").get(pk=plan_id)
        awake, waits = _asked(plan, now)
        if not awake:
            raise Conflict("nobody", "Nobody can be asked now: nobody is on call, or they all have quiet hours.")
        return test_reach(plan=plan, people=awake, left_out=waits, actor=f"person:{by.pk}", now=now)


def fire_due_plans(*, now: datetime, limit: int) -> int:
    """Announce or fire what is due; return how many steps were taken. Rows that others hold are passed over."""
    done = 0
    for _ in range(limit):
        with transaction.atomic():
            rows = DrillPlan.objects.select_for_update(skip_locked=True, of=("self",)).select_related("team__lead")
            plan = rows.filter(due_at__lte=now).order_by("due_at").first()
            if plan is None:
                return done
            _step(plan, now)
            plan.save()
            done += 1
    return done


def _step(plan: DrillPlan, now: datetime) -> None:
    if plan.planned_at is None:
        _arm(plan, now)
    elif now < plan.planned_at:
        _announce(plan, now)
        plan.due_at = plan.planned_at
    elif now > window_ends(_window(plan), plan.planned_at):
        # Nobody was at work when it was due: it does not come out of hours, and the next one does.
        _note(plan, "drill.missed", "engine", now)
        _arm(plan, now)
    else:
        _fire(plan, now)


def _fire(plan: DrillPlan, now: datetime) -> None:
    """Fire at whoever is on call and may be disturbed; put it off while everybody has quiet hours."""
    awake, waits = _asked(plan, now)
    if awake:
        test_reach(plan=plan, people=awake, left_out=waits, actor="engine", now=now)
    elif waits and plan.planned_at and now + AGAIN <= window_ends(_window(plan), plan.planned_at):
        plan.due_at = now + AGAIN
        return
    else:
        _nobody(plan, waits, now)
    _arm(plan, now)


def _asked(plan: DrillPlan, now: datetime) -> tuple[list[User], list[dict[str, Any]]]:
    """Return who is asked at `now`, and the report's rows of those who are left to rest."""
    people = on_duty(plan, now)
    resting = {} if plan.in_quiet_hours else quiet([person.pk for person in people], now)
    waits = [left_out(p, f"quiet hours until {resting[p.pk]:%H:%M} UTC") for p in people if p.pk in resting]
    return [person for person in people if person.pk not in resting], waits


def _nobody(plan: DrillPlan, waits: Sequence[dict[str, Any]], now: datetime) -> None:
    """Write down a drill that asked nobody: everybody has quiet hours, or nobody is on call."""
    drill = Drill.objects.create(
        kind=DrillKind.REACH, plan=plan, team=plan.team, about=plan.team.name, state=DrillState.ENDED, started_at=now,
        started_by="engine", ends_at=now, ended_at=now, people=list(waits),
    )  # fmt: skip
    note_end(drill, "engine")
    tell_lead(drill, now)


def on_duty(plan: DrillPlan, at: datetime) -> list[User]:
    """Return who is on call for the plan's team at `at`, deputies followed: whom a page would reach."""
    slugs = [plan.schedule] if plan.schedule else [s.slug for s in oncall.schedules_of_teams([plan.team_id])]
    targets = [Target(TargetKind.ON_CALL, slug) for slug in slugs] or [Target(TargetKind.TEAM, plan.team.slug)]
    found = Directory([], at).resolve(targets, Ticket(team=plan.team, is_drill=True), None)
    people = User.objects.in_bulk([person.id for person in found.people[:MOST_PEOPLE]])
    return [people[person.id] for person in found.people[:MOST_PEOPLE]]


def _announce(plan: DrillPlan, now: datetime) -> None:
    assert plan.planned_at is not None  # noqa: S101 - _step has looked
    day = f"{plan.planned_at.astimezone(ZoneInfo(plan.zone)):%A, %d %B}"
    words = f"between {plan.starts:%H:%M} and {plan.ends:%H:%M} ({plan.zone})"
    told = {person.pk: person for person in on_duty(plan, plan.planned_at)}
    if plan.team.lead is not None:
        told[plan.team.lead.pk] = plan.team.lead
    subject = f"A drill of {plan.team.name} comes on {day}"
    body = (
        f"{subject}, {words}. Whoever is on call then is paged with a test, and presses acknowledge. Nothing is broken."
    )
    pages = [
        PageRequest(user_id=pk, subject=subject, body=body, urgency=Urgency.NORMAL, purpose="notice") for pk in told
    ]
    notify.enqueue(pages=pages, now=now)
    _note(plan, "drill.announced", "engine", now)


def _arm(plan: DrillPlan, now: datetime) -> None:
    """Find the next drill of the plan, and its next step. An announcement that would come too late is left out."""
    open_at = business_calendar(plan.calendar).is_open if plan.calendar else lambda _: True
    plan.planned_at = next_drill(_window(plan), now, lambda day: _chance(plan, day), open_at)
    plan.due_at = plan.planned_at
    if plan.announced and plan.planned_at and plan.planned_at - AHEAD > now:
        plan.due_at = plan.planned_at - AHEAD


def _chance(plan: DrillPlan, day: date) -> float:
    """Return where in the window a day's drill lies: the same in every process, and known to nobody beforehand."""
    digest = hashlib.sha256(f"{plan.pk}|{day.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def _window(plan: DrillPlan) -> Window:
    return Window(plan.weekday, plan.cadence == Cadence.MONTHLY, plan.starts, plan.ends, plan.zone)


def _check(plan: DrillPlan) -> None:
    wrong: dict[str, str] = {}
    if not plan.name:
        wrong["name"] = "Give it a name."
    if plan.cadence not in Cadence.values:
        wrong["cadence"] = "Choose weekly or monthly."
    if not 0 <= plan.weekday <= 6:
        wrong["weekday"] = "Choose a day of the week."
    if plan.ends <= plan.starts:
        wrong["ends"] = "The window ends after it begins, on the same day."
    if not SHORTEST_ANSWER <= plan.answer_within <= LONGEST_ANSWER:
        wrong["answer_within"] = "People get between 1 and 60 minutes to answer."
    if plan.schedule and plan.schedule not in {s.slug for s in oncall.schedules()}:
        wrong["schedule"] = "There is no such schedule."
    try:
        ZoneInfo(plan.zone)
    except (ZoneInfoNotFoundError, ValueError):
        wrong["zone"] = "Choose a time zone such as Europe/Berlin."
    if wrong:
        raise InvalidInput("drill_incomplete", "The drill cannot be planned like this.", wrong)


def _note(plan: DrillPlan, kind: str, actor: str, now: datetime) -> None:
    data = {
        "plan": str(plan.pk), "name": plan.name, "team": plan.team.slug, "cadence": plan.cadence,
        "planned_at": plan.planned_at.isoformat() if plan.planned_at else None, "announced": plan.announced,
        "in_quiet_hours": plan.in_quiet_hours, "answer_within": plan.answer_within,
    }  # fmt: skip
    record(stream=f"drill_plan:{plan.pk}", kind=kind, actor=actor, at=now, data=data)
