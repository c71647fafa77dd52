"""Single skills of single people, for those who keep the evidence (training)."""

from datetime import datetime

from tocsin.domain.people.actions.checking import stream_of, tell
from tocsin.domain.people.models import Skill, User


def add_skill(*, user: User, skill: Skill, actor: str, now: datetime) -> None:
    """Put a skill into the register for a person, in the caller's transaction."""
    user.skills.add(skill)
    tell(stream_of(user.pk), "person.skill_gained", actor, now, {"skill": skill.name})


def drop_skill(*, user: User, skill: Skill, actor: str, now: datetime) -> None:
    """Strike a skill out for a person, in the caller's transaction."""
    user.skills.remove(skill)
    tell(stream_of(user.pk), "person.skill_lost", actor, now, {"skill": skill.name})
