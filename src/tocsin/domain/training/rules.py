"""Who may write courses, sign off, and see whose answers."""

from rules.predicates import Predicate

from tocsin.domain.people.models import Membership, User
from tocsin.domain.people.rules import (
    is_administrator,
    is_escalation_manager,
    is_lead,
    is_problem_manager,
    is_staff,
    may_see_people,
)
from tocsin.domain.training.models import Attempt, Completion


def leads(user: User, person: User) -> bool:
    """Say whether `user` is `person`'s lead: of a team they are in, or their manager. Nobody is their own."""
    if not user.is_active or user.pk == person.pk:
        return False
    return person.manager_id == user.pk or Membership.objects.filter(user=person, team__lead=user).exists()


def _may_sign(user: User, completion: Completion) -> bool:
    if user.pk == completion.person_id:
        return False
    return leads(user, completion.person) or bool((is_escalation_manager | is_administrator).test(user))


def _sees_answers(user: User, attempt: Attempt) -> bool:
    return user.is_active and (user.pk == attempt.person_id or leads(user, attempt.person))


may_write_courses = is_lead | is_escalation_manager | is_problem_manager | is_administrator
may_require = may_write_courses
may_learn = is_staff
may_see_courses = may_see_people
# A sign-off is somebody else's word, never one's own.
may_sign_off = is_staff & Predicate(_may_sign, name="may_sign")
# Nobody sees others' wrong answers but their lead.
may_see_answers = is_staff & Predicate(_sees_answers, name="sees_answers")
may_vouch = is_lead | is_escalation_manager | is_administrator
