"""The skill register follows from what was learnt: a grant is the evidence for a skill, and ends with it.

Whoever had a skill before any grant keeps it when grants end: it was somebody's word, not the course's.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people import actions as people
from tocsin.domain.people.models import Skill, User
from tocsin.domain.tickets.actions.recording import text
from tocsin.domain.training import rules
from tocsin.domain.training.models import Completion, Grant
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound


def grant(
    *, skills: Iterable[Skill], person: User, actor: str, now: datetime, completion: Completion | None = None,
    by: User | None = None, word: str = "",
) -> None:  # fmt: skip
    """Put skills into the register with their evidence, in the caller's transaction. Twice changes nothing."""
    for skill in skills:
        before = Grant.objects.filter(skill=skill, person=person)
        running = before.filter(ended_at=None)
        if running.filter(completion=completion).exists():
            continue
        has = person.skills.filter(pk=skill.pk).exists()
        earlier = running.filter(had_before=True).exists()
        Grant.objects.create(
            skill=skill, person=person, completion=completion, by=by, word=word, at=now,
            had_before=earlier or (has and not running.exists()),
        )  # fmt: skip
        if not has:
            people.add_skill(user=person, skill=skill, actor=actor, now=now)


def end(*, grants: Iterable[Grant], actor: str, now: datetime) -> None:
    """End grants; the skill goes where nothing else speaks for it. In the caller's transaction."""
    for one in grants:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
        others = Grant.objects.filter(skill=one.skill_id, person=one.person_id, ended_at=None).exists()
        if not others and not one.had_before:
            people.drop_skill(user=one.person, skill=one.skill, actor=actor, now=now)


def end_for(completion: Completion, *, actor: str, now: datetime) -> list[str]:
    """End what a completion granted; return the names of the skills."""
    rows = list(Grant.objects.filter(completion=completion, ended_at=None).select_related("skill", "person"))
    end(grants=rows, actor=actor, now=now)
    return [one.skill.name for one in rows]


@transaction.atomic
def vouch(*, person: User, skill: str, by: User, now: datetime, word: str = "") -> Skill:
    """Say that somebody knows something (made if new). A lead's word; nobody gives it for themselves."""
    _may_vouch(by, person)
    name = text("skill", skill, limit=80, required=True)
    locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not locked.is_active:
        problem = f"{locked.name} is deactivated. Choose somebody else."
        raise InvalidInput("inactive", problem, {"person": problem})
    found = Skill.objects.filter(name__iexact=name).first() or Skill.objects.create(name=name)
    grant(skills=[found], person=locked, actor=f"person:{by.pk}", now=now, by=by, word=text("word", word, limit=200))
    return found


@transaction.atomic
def unvouch(*, person_id: UUID, skill_id: int, by: User, now: datetime) -> None:
    """Take one's word back, or strike out what stands in the register by nobody's grant. Courses go on speaking."""
    person = User.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    if person is None:
        raise NotFound("person_not_found", "There is no such person.")
    _may_vouch(by, person)
    skill = Skill.objects.filter(pk=skill_id, people=person).first()
    if skill is None:
        raise NotFound("skill_not_found", "This skill is not in the register for them.")
    running = Grant.objects.filter(skill=skill, person=person, ended_at=None).select_related("skill", "person")
    running.update(had_before=False)
    actor = f"person:{by.pk}"
    end(grants=list(running.filter(completion=None)), actor=actor, now=now)
    if not running.exists() and person.skills.filter(pk=skill.pk).exists():
        people.drop_skill(user=person, skill=skill, actor=actor, now=now)


def _may_vouch(by: User, person: User) -> None:
    if by.pk == person.pk or not (rules.may_vouch.test(by) or rules.leads(by, person)):
        raise NotAllowed(
            "not_allowed", "A lead says what somebody knows, and nobody says it of themselves. Ask your lead."
        )
