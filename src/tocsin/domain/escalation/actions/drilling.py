"""Firing tests: a person, a level, a whole policy, or whoever is on call. The same decider, outbox and senders as ever.

What is special about a test stands in the ticket that carries it (`is_drill`): pages say TEST, nothing counts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation import drill_ladders, policies
from tocsin.domain.escalation.actions.deeds import Cause, begin
from tocsin.domain.escalation.actions.drill_ends import end_drill
from tocsin.domain.escalation.actions.locking import locked_ticket
from tocsin.domain.escalation.enums import DrillKind, DrillState
from tocsin.domain.escalation.logic.drills import Outcome
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.models import Drill, DrillPlan
from tocsin.domain.escalation.policies import Published
from tocsin.domain.escalation.rules import may_plan_drills
from tocsin.domain.journal.actions import record
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.logic.quiet import quiet_until
from tocsin.domain.people.models import Service, Team, User
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed
from tocsin.kernel.ids import new_id

ANSWER_WITHIN = timedelta(minutes=15)
LONGEST = timedelta(hours=2)  # of a whole policy's test
GRACE = timedelta(minutes=5)  # after its last level has opened
MOST_AN_HOUR = 20  # tests that one person may fire


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    kind: DrillKind
    about: str
    ladder: Published
    within: timedelta
    actor: str
    team: Team | None = None
    service: Service | None = None
    plan: DrillPlan | None = None
    left_out: Sequence[dict[str, Any]] = ()
    again: str = ""  # name of the ticket that carries each test of this kind


def test_person(*, person: User, by: User, now: datetime, in_quiet_hours: bool = False) -> Drill:
    """Page one person with a test, by their real sequence for high urgency. Anybody may test themselves.

    Raises InvalidInput for somebody who cannot be reached, Conflict in their quiet hours unless they may be disturbed.
    """
    if person.pk != by.pk and not may_plan_drills.test(by):
        raise NotAllowed("not_allowed", "You may test yourself. Others are tested by leads and escalation managers.")
    if not notify.reachable([person.pk]):
        problem = f"{person.name} has no verified contact method. Verify one first."
        raise InvalidInput("unreachable", problem, {"person": problem})
    if person.pk != by.pk and not in_quiet_hours and (until := quiet([person.pk], now).get(person.pk)):
        raise Conflict(
            "quiet_hours", f"{person.name} has quiet hours until {until:%H:%M} UTC. Say that it may disturb."
        )
    with transaction.atomic():
        _bounded(by, now)
        ladder = drill_ladders.stored(drill_ladders.for_people([person.email]), now)
        return _fire(
            _Test(kind=DrillKind.PERSON, about=person.name, ladder=ladder, within=ANSWER_WITHIN, actor=_actor(by)), now
        )


def test_policy(
    *, slug: str, by: User, now: datetime, level: int | None = None, team: Team | None = None,
    service: Service | None = None,
) -> Drill:  # fmt: skip
    """Climb a policy's ladder with a test, or open one `level` of it. `team` and `service` stand for a ticket's.

    A whole ladder's test ends with the first acknowledgement, or a little after its last level has opened. Raises
    NotFound for a policy that is not enabled, InvalidInput for a level that it does not have.
    """
    if not may_plan_drills.test(by):
        raise NotAllowed("not_allowed", "Policies are tested by leads, escalation managers and administrators.")
    with transaction.atomic():
        _bounded(by, now)
        found = policies.published(slug)
        if level is None:
            kind, about, ladder, within = DrillKind.POLICY, found.content.name, found, _whole(found.content)
        else:
            if not 1 <= level <= len(found.content.levels):
                problem = f"{found.content.name} has levels 1 to {len(found.content.levels)}."
                raise InvalidInput("no_such_level", problem, {"level": problem})
            name = found.content.levels[level - 1].name
            kind, about = DrillKind.LEVEL, f"{found.content.name}, level {level}: {name}"
            ladder, within = drill_ladders.stored(drill_ladders.for_level(found.content, level), now), ANSWER_WITHIN
        test = _Test(
            kind=kind, about=about[:200], ladder=ladder, within=within, actor=_actor(by), team=team, service=service
        )
        return _fire(test, now)


def test_reach(
    *, plan: DrillPlan, people: Sequence[User], left_out: Sequence[dict[str, Any]], actor: str, now: datetime
) -> Drill:
    """Page these people with a drill of `plan`; each has to answer. In the caller's transaction."""
    within = timedelta(seconds=plan.answer_within)
    ladder = drill_ladders.stored(drill_ladders.for_people([person.email for person in people]), now)
    test = _Test(
        kind=DrillKind.REACH, about=plan.team.name, ladder=ladder, within=within, actor=actor, team=plan.team,
        plan=plan, left_out=left_out,
    )  # fmt: skip
    return _fire(test, now)


def test_engine(*, address: str, now: datetime, within: timedelta) -> Drill:
    """Send a canary the whole way. In the caller's transaction."""
    ladder = drill_ladders.stored(drill_ladders.canary(address), now)
    test = _Test(
        kind=DrillKind.CANARY, about="the engine", ladder=ladder, within=within, actor="engine", again="canary"
    )
    return _fire(test, now)


def _fire(test: _Test, now: datetime) -> Drill:
    """Open the ticket that carries a test, begin its escalation, and write the test down. One transaction."""
    with transaction.atomic():
        drill = Drill(
            id=new_id(), kind=test.kind, plan=test.plan, team=test.team, about=test.about[:200], started_at=now,
            started_by=test.actor, ends_at=now + test.within, due_at=now + test.within, people=list(test.left_out),
        )  # fmt: skip
        subject = f"Test of {test.about}"
        words = f"Fired {now:%Y-%m-%d %H:%M} UTC. It ends by itself at {drill.ends_at:%H:%M} UTC."
        carrier = tickets.open_drill_ticket(
            subject=subject[:300], description=words, now=now, actor=test.actor, team=test.team, service=test.service,
            again=test.again,
        )  # fmt: skip
        cause = Cause(actor=test.actor, trigger="drill", reason_text="a test")
        drill.escalation = begin(ticket=locked_ticket(carrier.pk), published=test.ladder, cause=cause, now=now)
        drill.save(force_insert=True)
        data = {"drill": str(drill.pk), "kind": drill.kind, "about": drill.about, "ticket": carrier.reference}
        record(stream=f"drill:{drill.pk}", kind="drill.fired", actor=test.actor, at=now, data=data)
        return drill


def end_due_drills(*, now: datetime, limit: int) -> int:
    """End tests whose time is over; return how many. Safe beside other engines: each is ended once."""
    due = Drill.objects.filter(due_at__lte=now).exclude(kind=DrillKind.CANARY).order_by("due_at")
    return sum(
        end_drill(drill_id=pk, now=now, state=DrillState.ENDED) for pk in due.values_list("pk", flat=True)[:limit]
    )


def quiet(people: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    """Return {person: when their quiet hours end} of those whose quiet hours hold at `now`."""
    found = {}
    for pk, (starts, ends, zone) in notify.quiet_hours(people).items():
        until = quiet_until(starts=starts, ends=ends, zone=zone, now=now)
        if until is not None:
            found[pk] = until
    return found


def left_out(person: User, why: str) -> dict[str, Any]:
    """Return the report's row of somebody who was not disturbed."""
    return {
        "id": str(person.pk), "name": person.name, "by": [why], "via": "", "outcome": str(Outcome.LEFT_OUT),
        "seconds": None, "tried": [],
    }  # fmt: skip


def _actor(by: User) -> str:
    return f"person:{by.pk}"


def _bounded(by: User, now: datetime) -> None:
    fired = Drill.objects.filter(started_by=_actor(by), started_at__gt=now - timedelta(hours=1)).count()
    if fired >= MOST_AN_HOUR:
        raise Conflict("too_many_tests", f"You fired {fired} tests within the hour. Wait a little.")


def _whole(content: Content) -> timedelta:
    return min(sum((level.delay for level in content.levels), timedelta()) + GRACE, LONGEST)
