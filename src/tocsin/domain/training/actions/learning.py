"""Taking a course, and a lead's sign-off."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.tickets.actions.recording import text
from tocsin.domain.training import rules
from tocsin.domain.training.actions.granting import end_for, grant
from tocsin.domain.training.enums import Proof, State
from tocsin.domain.training.logic import questions as asking
from tocsin.domain.training.logic.validity import next_due, valid_until
from tocsin.domain.training.models import Attempt, Completion, Course, CourseVersion
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id


@transaction.atomic
def answer_course(
    *, course_id: UUID, version: int, answers: Sequence[Sequence[int]], by: User, now: datetime
) -> Attempt:
    """Answer the questions of a course's live version; every attempt is kept.

    `answers`: for each question the places of the choices taken. Passing counts at once, or waits for sign-off where
    the course wants it. Raises InvalidInput naming the questions that have no answer, Conflict if the course was
    changed meanwhile.
    """
    if not rules.may_learn.test(by):
        raise NotAllowed("not_allowed", "Courses are for those who work on tickets.")
    course = Course.objects.select_for_update(of=("self",)).filter(pk=course_id).first()
    if course is None or course.state != State.PUBLISHED or course.live is None:
        raise NotFound("course_not_found", "There is no such course, or it is not published.")
    if version != course.live:
        raise Conflict("course_changed", f"{course.title} was changed meanwhile. Look at it again, then answer.")
    text_of = CourseVersion.objects.get(course=course, number=course.live)
    asked = asking.from_json(text_of.questions)
    missing = {f"question_{n}": "Choose an answer." for n, _ in enumerate(asked) if n >= len(answers) or not answers[n]}
    if missing:
        raise InvalidInput("not_answered", f"{len(missing)} of {len(asked)} questions have no answer.", missing)
    judged = asking.judge(asked, answers, text_of.pass_mark)
    attempt = Attempt.objects.create(
        id=new_id(), course=course, version=version, person=by, answers=[sorted(set(one)) for one in answers],
        right=judged.right, of=judged.of, passed=judged.passed, at=now,
    )  # fmt: skip
    _tell(by, "course.passed" if judged.passed else "course.failed", f"person:{by.pk}", now, course)
    if judged.passed:
        _passed(course, attempt, by, now)
    return attempt


def _passed(course: Course, attempt: Attempt, person: User, now: datetime) -> None:
    waiting = Completion.objects.filter(course=course, person=person, state=Proof.WAITING)
    waiting.update(state=Proof.REPLACED)
    made = Completion(
        id=new_id(), course=course, person=person, attempt=attempt, version=attempt.version, passed_at=now,
        state=Proof.WAITING,
    )  # fmt: skip
    if course.needs_sign_off:
        made.save()
        _ask_leads(course, person, now)
    else:
        _count(made, now, f"person:{person.pk}")


def _count(made: Completion, now: datetime, actor: str) -> None:
    """Let it count from now on: the earlier one is replaced, the skills are granted, the expiry waits."""
    replaced = Completion.objects.filter(course=made.course, person=made.person, state=Proof.VALID).first()
    if replaced is not None:
        replaced.state, replaced.due_at = Proof.REPLACED, None
        replaced.save(update_fields=["state", "due_at"])
    made.state, made.counted_at = Proof.VALID, now
    made.valid_until = valid_until(now, made.course.valid_months)
    made.due_at = next_due(now, made.valid_until, None)
    made.save()
    # The new grant first, so that a skill is never gone in between.
    grant(skills=made.course.skills.order_by("pk"), person=made.person, actor=actor, now=now, completion=made)
    if replaced is not None:
        end_for(replaced, actor=actor, now=now)


@transaction.atomic
def sign_off(*, completion_id: UUID, yes: bool, by: User, now: datetime, word: str = "") -> Completion:
    """Say that somebody can do what they passed (it counts from now on), or that they cannot yet, with a word.

    Raises NotAllowed for others than their lead, Conflict when it was answered already.
    """
    made = Completion.objects.select_for_update(of=("self",)).filter(pk=completion_id).first()
    if made is None:
        raise NotFound("completion_not_found", "There is nothing to sign off here.")
    if not rules.may_sign_off.test(by, made):
        raise NotAllowed("not_allowed", "Only their lead signs it off, and nobody for themselves.")
    if made.state != Proof.WAITING:
        raise Conflict("answered", f"It is answered already: {made.get_state_display().lower()}.")
    made.signed_by = by
    made.word = text("word", word, limit=300, required=not yes)
    if yes:
        _count(made, now, f"person:{by.pk}")
    else:
        made.state = Proof.REFUSED
        made.save()
    _tell(made.person, "course.signed_off" if yes else "course.not_signed_off", f"person:{by.pk}", now, made.course)
    subject = f"{made.course.title}: signed off" if yes else f"{made.course.title}: not signed off yet"
    _notify([made.person], subject, made.word or f"{by.name} signed it off. It counts from now on.", now)
    return made


def _ask_leads(course: Course, person: User, now: datetime) -> None:
    leads = {one.lead for one in person.teams.select_related("lead") if one.lead is not None} - {person}
    if not leads and person.manager is not None:
        leads = {person.manager}
    subject = f"{person.name} passed {course.title}: please sign it off"
    _notify(sorted(leads, key=lambda one: one.name), subject, "It counts once you have said yes. See Training.", now)


def _notify(people: Sequence[User], subject: str, body: str, now: datetime) -> None:
    pages = [
        PageRequest(user_id=one.pk, purpose="notice", urgency=Urgency.NORMAL, subject=subject[:300], body=body)
        for one in people
    ]
    enqueue(pages=pages, now=now)


def _tell(person: User, kind: str, actor: str, now: datetime, course: Course) -> None:
    record(
        stream=f"person:{person.pk}", kind=kind, actor=actor, at=now,
        data={"course": str(course.pk), "title": course.title},
    )  # fmt: skip
