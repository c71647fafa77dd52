"""What is due of what was learnt: a reminder ahead, and its end."""

from datetime import datetime

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.training.actions.granting import end_for
from tocsin.domain.training.enums import Proof, State
from tocsin.domain.training.logic.validity import next_due
from tocsin.domain.training.models import Completion


@transaction.atomic
def work_due(*, now: datetime, limit: int) -> int:
    """Remind of, or end, up to `limit` completions that are due. Returns how many.

    One that is past its end is ended without a reminder (downtime: only what is due now happens). Rows that another
    worker holds are passed over.
    """
    due = Completion.objects.select_for_update(of=("self",), skip_locked=True).filter(due_at__lte=now)
    rows = list(due.select_related("course", "person").order_by("due_at", "pk")[:limit])
    for one in sorted(rows, key=lambda row: str(row.person_id)):
        if one.valid_until is not None and one.valid_until <= now:
            _end(one, now)
        else:
            _remind(one, now)
    return len(rows)


def _remind(one: Completion, now: datetime) -> None:
    one.reminded_at = now
    one.due_at = next_due(one.passed_at, one.valid_until, now)
    one.save(update_fields=["reminded_at", "due_at"])
    if one.course.state == State.PUBLISHED and one.person.is_active and one.valid_until is not None:
        body = f"It counts until {one.valid_until:%d %b %Y}. Take it again before then: see Training."
        _notify(one, f"{one.course.title} runs out", body, now)


def _end(one: Completion, now: datetime) -> None:
    one.state, one.due_at = Proof.EXPIRED, None
    one.save(update_fields=["state", "due_at"])
    lost = end_for(one, actor="engine", now=now)
    record(
        stream=f"person:{one.person_id}", kind="course.expired", actor="engine", at=now,
        data={"course": str(one.course_id), "title": one.course.title, "skills": lost},
    )  # fmt: skip
    if one.person.is_active:
        gone = f" The skill {', '.join(lost)} goes with it." if lost else ""
        _notify(one, f"{one.course.title} has run out", f"Take it again: see Training.{gone}", now)


def _notify(one: Completion, subject: str, body: str, now: datetime) -> None:
    page = PageRequest(
        user_id=one.person_id, purpose="notice", urgency=Urgency.NORMAL, subject=subject[:300], body=body
    )
    enqueue(pages=[page], now=now)
