"""Writing courses: versions, publication, and whether a change asks for renewal."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Lower

from tocsin.domain.journal.actions import record
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import Skill, User
from tocsin.domain.tickets.actions.recording import text
from tocsin.domain.training import rules
from tocsin.domain.training.enums import State
from tocsin.domain.training.logic import questions as asking
from tocsin.domain.training.models import Course, CourseVersion, Reading
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

WRITERS = "Courses are written by leads and managers. Ask one of them."
MOST_ARTICLES, MOST_SKILLS = 20, 10


@transaction.atomic
def save_course(
    *, title: str, by: User, now: datetime, about: str = "", articles: Sequence[Article] = (), questions: str = "",
    skills: Sequence[str] = (), pass_mark: int = 80, valid_months: int = 12, needs_sign_off: bool = False,
    owner: User | None = None, word: str = "", course_id: UUID | None = None, expected_version: int | None = None,
) -> Course:  # fmt: skip
    """Write a course, or a new version of one; learners get it once it is published.

    `questions`: plain text (logic.questions). `skills`: names, made if new. `pass_mark`: per cent. `valid_months`: 0 for
    good. Raises InvalidInput, NotAllowed, and Conflict if somebody wrote a newer version than `expected_version`.
    """
    _demand(by)
    asked = _questions(questions)
    reading = _articles(articles)
    if not asked and not reading:
        raise InvalidInput("empty_course", "A course has articles to read, or questions.", {"questions": "Write one."})
    fields = {
        "title": _title(title, course_id), "about": text("about", about, limit=20_000),
        "pass_mark": _number("pass_mark", pass_mark, 1, 100), "needs_sign_off": needs_sign_off, "updated_at": now,
        "valid_months": _number("valid_months", valid_months, 0, 120),
    }  # fmt: skip
    if course_id is None:
        course = Course.objects.create(id=new_id(), owner=owner or by, made_at=now, **fields)
        changed = True
    else:
        course = _locked(course_id)
        if expected_version is not None and expected_version != course.version:
            raise Conflict(
                "course_changed", f"{course.title} was changed while you were writing. Look at it, then save."
            )
        changed = _differs(course, asked, reading, fields)
        for name, value in {**fields, **({"owner": owner} if owner else {})}.items():
            setattr(course, name, value)
        course.version += changed
        course.save()
    course.skills.set(_skills(skills))
    if changed:
        _keep(course, asked, reading, by, now, word)
    _tell(course, "course.written" if course_id is None else "course.changed", by, now, version=course.version)
    return course


def _keep(
    course: Course, asked: Sequence[asking.Question], reading: Sequence[Article], by: User, now: datetime, word: str
) -> None:
    version = CourseVersion.objects.create(
        course=course, number=course.version, about=course.about, questions=asking.to_json(asked), by=by, at=now,
        pass_mark=course.pass_mark, word=text("word", word, limit=200),
    )  # fmt: skip
    Reading.objects.bulk_create(
        Reading(version=version, article=article, position=n) for n, article in enumerate(reading)
    )


def _differs(
    course: Course, asked: Sequence[asking.Question], reading: Sequence[Article], fields: dict[str, object]
) -> bool:
    last = CourseVersion.objects.get(course=course, number=course.version)
    read = list(Reading.objects.filter(version=last).order_by("position").values_list("article", flat=True))
    before = (last.questions, read, last.about, last.pass_mark)
    return before != (asking.to_json(asked), [one.pk for one in reading], fields["about"], fields["pass_mark"])


@transaction.atomic
def publish_course(*, course_id: UUID, by: User, now: datetime, ask_renewal: bool = False) -> Course:
    """Give learners the newest version. `ask_renewal`: whoever passed an earlier one must pass this one too.

    Until their time for it is over what they passed goes on counting.
    """
    _demand(by)
    course = _locked(course_id)
    if course.state == State.RETIRED:
        raise Conflict("wrong_state", f"{course.title} is retired. Revive it first.")
    first = course.live is None
    course.state, course.live, course.updated_at = State.PUBLISHED, course.version, now
    if ask_renewal or first:
        course.counts_from = course.version
        course.renewal_since = None if first else now
    course.save()
    _tell(course, "course.published", by, now, version=course.version, renewal=bool(ask_renewal and not first))
    return course


ACTS = {"retire": (State.PUBLISHED, State.RETIRED), "revive": (State.RETIRED, State.PUBLISHED)}


@transaction.atomic
def change_state(*, course_id: UUID, act: str, by: User, now: datetime) -> Course:
    """Retire a course (nobody is asked for it any more; what was passed still counts), or revive it."""
    _demand(by)
    course = _locked(course_id)
    before, after = ACTS[act]
    if act == "retire" and course.state == State.DRAFT:
        before = State.DRAFT
    if course.state != before:
        raise Conflict("wrong_state", f"{course.title} is {course.get_state_display().lower()}. Nothing was changed.")
    course.state = after if course.live is not None or after == State.RETIRED else State.DRAFT
    course.updated_at = now
    course.save(update_fields=["state", "updated_at"])
    _tell(course, f"course.{act}d", by, now)
    return course


def _demand(by: User) -> None:
    if not rules.may_write_courses.test(by):
        raise NotAllowed("not_allowed", WRITERS)


def _locked(course_id: UUID) -> Course:
    found = Course.objects.select_for_update(of=("self",)).filter(pk=course_id).first()
    if found is None:
        raise NotFound("course_not_found", "There is no such course.")
    return found


def _title(title: str, course_id: UUID | None) -> str:
    cleaned = text("title", title, limit=160, required=True)
    same = Course.objects.filter(title__iexact=cleaned)
    if (same.exclude(pk=course_id) if course_id else same).exists():
        problem = "A course of this name is there already. Choose another."
        raise InvalidInput("title_taken", problem, {"title": problem})
    return cleaned


def _questions(written: str) -> list[asking.Question]:
    try:
        return asking.questions_of(written)
    except asking.BadQuestions as error:
        raise InvalidInput("bad_questions", str(error), {"questions": str(error)}) from None


def _articles(articles: Sequence[Article]) -> list[Article]:
    once = list({one.pk: one for one in articles}.values())
    if len(once) > MOST_ARTICLES:
        problem = f"At most {MOST_ARTICLES} articles. Make two courses of it."
        raise InvalidInput("too_many", problem, {"articles": problem})
    return once


def _skills(names: Sequence[str]) -> list[Skill]:
    wanted = {name.strip().lower(): text("skills", name, limit=80) for name in names if name.strip()}
    if len(wanted) > MOST_SKILLS:
        problem = f"At most {MOST_SKILLS} skills."
        raise InvalidInput("too_many", problem, {"skills": problem})
    lowered = Skill.objects.annotate(lowered=Lower("name")).filter(lowered__in=wanted)
    known = {skill.name.lower(): skill for skill in lowered}
    return [known.get(key) or Skill.objects.create(name=name) for key, name in wanted.items()]


def _number(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        problem = f"Between {least} and {most}."
        raise InvalidInput("bad_number", f"Correct {name}. {problem}", {name: problem})
    return value


def _tell(course: Course, kind: str, by: User, now: datetime, **data: object) -> None:
    record(
        stream=f"course:{course.pk}", kind=kind, actor=f"person:{by.pk}", at=now,
        data={"title": course.title, **data},
    )  # fmt: skip
