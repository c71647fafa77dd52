"""What a line must know of a service; and asking people to learn it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.enums import Line
from tocsin.domain.people.models import Service, User
from tocsin.domain.training import rules
from tocsin.domain.training.enums import State
from tocsin.domain.training.models import Course, Requirement
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

LEADS = "What a line must know is set by leads and managers. Ask one of them."


@transaction.atomic
def require(
    *, course: Course, line: str, by: User, now: datetime, service: Service | None = None, within_days: int = 30
) -> Requirement:
    """Say that a line must know a course, for one service or for its whole work. Saying it again changes the time."""
    _demand(by)
    if line not in Line.values:
        raise InvalidInput("bad_line", "Choose a line.", {"line": "Choose one of the lines."})
    if not 1 <= within_days <= 365:
        problem = "Between 1 and 365 days."
        raise InvalidInput("bad_days", problem, {"within_days": problem})
    if course.state == State.RETIRED:
        problem = f"{course.title} is retired. Choose another."
        raise InvalidInput("retired", problem, {"course": problem})
    made, is_new = Requirement.objects.get_or_create(
        course=course, line=line, service=service, defaults={"within_days": within_days, "by": by, "made_at": now}
    )
    if not is_new and made.within_days != within_days:
        made.within_days = within_days
        made.save(update_fields=["within_days"])
    _tell(made, "requirement.set", by, now)
    return made


@transaction.atomic
def release(*, requirement_id: int, by: User, now: datetime) -> None:
    """Ask for it no more; what was passed still counts."""
    _demand(by)
    found = Requirement.objects.select_related("course").filter(pk=requirement_id).first()
    if found is None:
        raise NotFound("requirement_not_found", "This is not asked for any more.")
    _tell(found, "requirement.released", by, now)
    found.delete()


@transaction.atomic
def ask_to_learn(*, course: Course, people: Sequence[User], by: User, now: datetime, word: str = "") -> int:
    """Send those people a message that asks them to take a course; return how many it goes to."""
    asked = [one for one in people if one.is_active and rules.may_learn.test(one)]
    if not all(one == by or rules.may_require.test(by) or rules.leads(by, one) for one in asked):
        raise NotAllowed("not_allowed", "Only their lead asks somebody to take a course.")
    if course.state != State.PUBLISHED:
        problem = f"{course.title} is not published. Publish it first."
        raise InvalidInput("not_published", problem, {"course": problem})
    body = "\n\n".join(part for part in (word.strip()[:2000], f"{by.name} asks you to take it: see Training.") if part)
    pages = [
        PageRequest(
            user_id=one.pk, purpose="notice", urgency=Urgency.NORMAL, subject=f"Please take {course.title}"[:300], body=body
        )
        for one in asked
    ]  # fmt: skip
    enqueue(pages=pages, now=now)
    record(
        stream=f"course:{course.pk}", kind="course.asked_for", actor=f"person:{by.pk}", at=now,
        data={"people": [str(one.pk) for one in asked]},
    )  # fmt: skip
    return len(asked)


def _demand(by: User) -> None:
    if not rules.may_require.test(by):
        raise NotAllowed("not_allowed", LEADS)


def _tell(one: Requirement, kind: str, by: User, now: datetime) -> None:
    told = {
        "line": one.line, "service": str(one.service_id or ""), "within_days": one.within_days, "title": one.course.title,
    }  # fmt: skip
    record(stream=f"course:{one.course_id}", kind=kind, actor=f"person:{by.pk}", at=now, data=told)
