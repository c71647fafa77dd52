"""A test ends by itself: when everybody asked has answered, when its time is over, or when it is called off."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation import drill_reports
from tocsin.domain.escalation.actions.deeds import finish
from tocsin.domain.escalation.actions.locking import locked_ticket
from tocsin.domain.escalation.actions.work import Item, Work, load
from tocsin.domain.escalation.enums import DrillKind, DrillState
from tocsin.domain.escalation.logic.drills import Outcome
from tocsin.domain.escalation.logic.events import Cancelled, Resolved
from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.models import Drill
from tocsin.domain.escalation.rules import may_plan_drills
from tocsin.domain.journal.actions import record
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.kernel.errors import Conflict, NotAllowed, NotFound


def after_answer(work: Work, item: Item) -> bool:
    """End the test whose run was just answered if nobody is left to ask; return whether it ended."""
    drill = _running(item.escalation.pk)
    if drill is None:
        return False
    state = item.state
    left = set(state.paged) - set(state.acked) - set(state.declined)
    alone = drill.kind != DrillKind.POLICY  # a whole ladder goes on where everybody on a level declines
    if state.status is RunStatus.ACKNOWLEDGED or state.ended or (alone and not left):
        _end(drill, work, item, DrillState.ENDED)
        return True
    return False


def _running(escalation: UUID) -> Drill | None:
    rows = Drill.objects.select_for_update(of=("self",)).select_related("escalation__run", "plan", "team__lead")
    return rows.filter(escalation=escalation, state=DrillState.RUNNING).first()


def end_drill(*, drill_id: UUID, now: datetime, state: DrillState, actor: str = "engine") -> bool:
    """End a running test in its own transaction (the ticket is locked first); return whether it was running."""
    with transaction.atomic():
        ticket = Drill.objects.filter(pk=drill_id).values_list("escalation__ticket", flat=True).first()
        if ticket is None:
            return False
        locked_ticket(ticket)
        escalation = Drill.objects.values_list("escalation", flat=True).get(pk=drill_id)
        drill = _running(escalation) if escalation else None
        if drill is None or drill.escalation is None:
            return False
        work = Work(load([drill.escalation.run.pk]), now, actor)
        _end(drill, work, work.items[0], state)
        return True


def cancel_drill(*, drill_id: UUID, by: User, now: datetime) -> None:
    """Call a running test off. By whoever began it, or who may plan drills. Raises Conflict if it is over."""
    drill = Drill.objects.filter(pk=drill_id).first()
    if drill is None:
        raise NotFound("drill_not_found", "There is no such test.")
    if drill.started_by != f"person:{by.pk}" and not may_plan_drills.test(by):
        raise NotAllowed("not_allowed", "Only who began this test, a lead or an escalation manager may call it off.")
    if not end_drill(drill_id=drill_id, now=now, state=DrillState.CANCELLED, actor=f"person:{by.pk}"):
        raise Conflict("drill_over", "This test is over already.")


def _end(drill: Drill, work: Work, item: Item, state: DrillState) -> None:
    """Stop the run, write the report down, and tell the lead of a team's drill."""
    if not item.state.ended:
        answered = item.state.status is RunStatus.ACKNOWLEDGED
        work.apply(item, Resolved(by="engine") if answered else Cancelled(by=work.actor, reason="the test is over"))
        finish(work)
    drill.state, drill.ended_at, drill.due_at = state, work.now, None
    drill.people = drill_reports.people_of(drill, over=True)
    drill.to_human = drill_reports.to_human(drill.people)
    drill.save(update_fields=["state", "ended_at", "due_at", "people", "to_human"])
    note_end(drill, work.actor)
    if drill.kind == DrillKind.REACH and state == DrillState.ENDED:
        tell_lead(drill, work.now)


def note_end(drill: Drill, actor: str) -> None:
    """Journal what came of a test."""
    assert drill.ended_at is not None  # noqa: S101 - called once it is over
    data = {"drill": str(drill.pk), "state": drill.state, "to_human": drill.to_human, "people": drill.people}
    record(stream=f"drill:{drill.pk}", kind="drill.ended", actor=actor, at=drill.ended_at, data=data)


def tell_lead(drill: Drill, now: datetime) -> None:
    """Send the team's lead what came of a drill: who answered, and who did not."""
    lead = drill.team.lead if drill.team else None
    if lead is None:
        return
    body = report_in_words(drill)
    subject = f"Drill of {drill.about}: {summary(drill)}"
    notify.enqueue(
        pages=[
            PageRequest(user_id=lead.pk, subject=subject[:300], body=body, urgency=Urgency.NORMAL, purpose="notice")
        ],
        now=now,
    )


def summary(drill: Drill) -> str:
    """Say in half a sentence what came of it."""
    asked = [row for row in drill.people if row["outcome"] != Outcome.LEFT_OUT]
    answered = [row for row in asked if row["outcome"] == Outcome.ANSWERED]
    if not asked:
        return "nobody could be asked"
    first = f", the first after {_span(drill.to_human)}" if drill.to_human is not None else ""
    return f"{len(answered)} of {len(asked)} answered{first}"


def report_in_words(drill: Drill) -> str:
    """Return the report as the lead reads it in a message."""
    lines = [f"Drill of {drill.about}, begun {drill.started_at:%Y-%m-%d %H:%M} UTC: {summary(drill)}.", ""]
    for row in drill.people:
        how = f" by {row['via']} after {_span(row['seconds'])}" if row.get("seconds") is not None else ""
        tried = f" (tried: {', '.join(row['tried'])})" if row.get("tried") and not how else ""
        lines.append(f"- {row['name']}: {row['outcome'].replace('_', ' ')}{how}{tried}")
    return "\n".join(lines)


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "no time"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
