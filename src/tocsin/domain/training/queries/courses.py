"""Courses as they are read, taken and followed."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import User
from tocsin.domain.training import rules
from tocsin.domain.training.enums import Proof, State
from tocsin.domain.training.logic.questions import Question, from_json
from tocsin.domain.training.models import Attempt, Completion, Course, CourseVersion, Reading, Requirement
from tocsin.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Shown:
    """A course in one version."""

    course: Course
    number: int
    about: str
    articles: list[Article]
    questions: list[Question]
    pass_mark: int


@dataclass(frozen=True, slots=True)
class Given:
    """One question of an attempt and what was answered. `rights` is empty unless the attempt was passed."""

    question: Question
    taken: frozenset[int]
    right: bool

    @property
    def choices(self) -> list[tuple[str, bool, bool]]:
        """(text, taken, right) of each choice."""
        return [(one.text, n in self.taken, one.right) for n, one in enumerate(self.question.choices)]


def courses(user: User) -> list[Course]:
    """Return courses by title with `valid` (how many hold it now) and `wanted` (how many lines ask for it).

    Drafts are for those who write; what is retired comes last.
    """
    rows = Course.objects.select_related("owner").prefetch_related("skills")
    if not rules.may_write_courses.test(user):
        rows = rows.filter(state=State.PUBLISHED)
    counted = rows.annotate(
        valid=Count("completions", filter=Q(completions__state=Proof.VALID), distinct=True),
        wanted=Count("requirements", distinct=True),
    )
    return sorted(counted, key=lambda one: (one.state == State.RETIRED, one.title.lower()))


def access_course(user: User, course_id: UUID) -> Course:
    """Return a course; drafts are for those who write. Raises NotFound."""
    found = Course.objects.select_related("owner").prefetch_related("skills").filter(pk=course_id).first()
    writer = rules.may_write_courses.test(user)
    if found is None or not rules.may_see_courses.test(user) or (found.live is None and not writer):
        raise NotFound("course_not_found", "There is no such course, or it is not published.")
    return found


def shown(course: Course, number: int | None = None) -> Shown:
    """Return one version of a course with what is to be read. Raises NotFound."""
    wanted = number or course.live or course.version
    version = CourseVersion.objects.filter(course=course, number=wanted).first()
    if version is None:
        raise NotFound("version_not_found", f"{course.title} has no version {wanted}.")
    readings = Reading.objects.filter(version=version).select_related("article__service").order_by("position")
    articles = [one.article for one in readings]
    return Shown(course, wanted, version.about, articles, from_json(version.questions), version.pass_mark)


def who_passed(course: Course) -> list[Completion]:
    """Return whose completions count or wait, by name."""
    rows = Completion.objects.filter(course=course, state__in=[Proof.VALID, Proof.WAITING])
    return list(rows.select_related("person", "signed_by").order_by("person__name", "pk"))


def access_attempt(user: User, attempt_id: UUID) -> Attempt:
    """Return an attempt: one's own, or that of somebody whom one leads. Raises NotFound."""
    found = Attempt.objects.select_related("course", "person").filter(pk=attempt_id).first()
    if found is None or not rules.may_see_answers.test(user, found):
        raise NotFound("attempt_not_found", "There is no such attempt, or it is not for you to see.")
    return found


def given_in(attempt: Attempt) -> list[Given]:
    """Return the questions of an attempt with what was answered."""
    asked = shown(attempt.course, attempt.version).questions
    rows = []
    for n, question in enumerate(asked):
        taken = frozenset(attempt.answers[n]) if n < len(attempt.answers) else frozenset()
        rows.append(Given(question, taken, taken == question.right))
    return rows


def access_completion(user: User, completion_id: UUID) -> Completion:
    """Return a completion that this person may sign off. Raises NotFound."""
    rows = Completion.objects.select_related("course", "person", "attempt")
    found = rows.filter(pk=completion_id).first()
    if found is None or not rules.may_sign_off.test(user, found):
        raise NotFound("completion_not_found", "There is nothing to sign off here, or it is not for you.")
    return found


def waiting_for_sign_off(user: User) -> list[Completion]:
    """Return what waits for this person's sign-off, oldest first."""
    rows = Completion.objects.filter(state=Proof.WAITING).select_related("course", "person", "attempt")
    return [one for one in rows.order_by("passed_at")[:200] if rules.may_sign_off.test(user, one)]


def requirements() -> list[Requirement]:
    """Return what is asked of the lines, by service (the whole work first), line and course."""
    rows = Requirement.objects.select_related("service", "course")
    return sorted(rows, key=lambda one: (one.service.name if one.service else "", one.line, one.course.title))
