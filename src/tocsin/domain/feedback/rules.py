"""Who may read what people think, and who may set what they are asked."""

from rules.predicates import Predicate

from tocsin.domain.feedback.models import Ask, Recovery
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import (
    is_administrator,
    is_escalation_manager,
    is_lead,
    is_problem_manager,
    is_staff,
)


def _owns(user: User, recovery: Recovery | None) -> bool:
    return user.is_active and recovery is not None and recovery.owner_id == user.pk


def _is_asked(user: User, ask: Ask) -> bool:
    return user.is_active and ask.person_id == user.pk


may_read_feedback = is_lead | is_escalation_manager | is_problem_manager | is_administrator
may_set_questions = is_escalation_manager | is_administrator
# Whoever is named as owner calls, whatever their role; those who lead may always step in.
may_end_recovery = Predicate(_owns, name="owns_recovery") | is_lead | is_escalation_manager | is_administrator
may_give_recovery = may_end_recovery
may_own_recovery = is_staff
may_answer = Predicate(_is_asked, name="is_asked")
