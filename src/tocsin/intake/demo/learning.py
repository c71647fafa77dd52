"""What the demonstration's people have learnt, from learning.yaml."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from tocsin.domain.frontline.models import Bundle
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import Service, User
from tocsin.domain.training import actions
from tocsin.domain.training.models import Attempt, Completion, Course, CourseVersion, Grant, Requirement
from tocsin.intake.demo.spans import span

FOUNDED = timedelta(days=320)


def create(told: dict[str, Any], people: Mapping[str, User], services: Mapping[str, Service], now: datetime) -> None:
    """Write the courses, ask the lines for them, and let people pass them when they did."""
    lead, written = people["maren"], now - FOUNDED
    for one in told["courses"].values():
        articles = [Article.objects.get(title=title) for title in one.get("articles", [])]
        course = actions.save_course(
            title=one["title"], about=one["about"], articles=articles, questions=one["questions"], by=lead, now=written,
            skills=one.get("skills", []), needs_sign_off=one.get("sign_off", False),
        )  # fmt: skip
        course = actions.publish_course(course_id=course.pk, by=lead, now=written)
        Course.objects.filter(pk=course.pk).update(is_demo=True)
        for line, service in one["lines"].items():
            actions.require(course=course, line=line, service=services.get(service), by=lead, now=written)
        _pass(course, one, people, now)


def _pass(course: Course, one: dict[str, Any], people: Mapping[str, User], now: datetime) -> None:
    questions = CourseVersion.objects.get(course=course, number=1).questions
    right = [[n for n, (_, is_right) in enumerate(question["choices"]) if is_right] for question in questions]
    for key, ago in one["passed"].items():
        at = now - span(ago)
        attempt = actions.answer_course(course_id=course.pk, version=1, answers=right, by=people[key], now=at)
        if course.needs_sign_off and key not in one.get("unsigned", []):
            signer = people["elias"]
            actions.sign_off(completion_id=attempt.completion.pk, yes=True, by=signer, now=at + timedelta(hours=2))


def remove(people: Any) -> None:
    """Remove what belongs to the demonstration or was done by its people, before they go."""
    Bundle.objects.filter(Q(giver__in=people) | Q(made_by__in=people) | Q(to_user__in=people)).delete()
    Grant.objects.filter(person__in=people).delete()
    Completion.objects.filter(person__in=people).delete()
    Attempt.objects.filter(person__in=people).delete()
    Requirement.objects.filter(Q(course__is_demo=True) | Q(by__in=people)).delete()
    theirs = Q(is_demo=True) | Q(owner__in=people) | Q(versions__by__in=people)
    Course.objects.filter(pk__in=Course.objects.filter(theirs).values("pk")).delete()
