"""Who may see reviews, write on them, run them, and end their actions."""

from rules.predicates import Predicate

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_problem_manager, is_staff
from tocsin.domain.reviews.models import CorrectiveAction, Review
from tocsin.domain.tickets.rules import may_see_internals


def _facilitates(user: User, review: Review | None) -> bool:
    return user.is_active and review is not None and review.facilitator_id == user.pk


def _owns(user: User, action: CorrectiveAction | None) -> bool:
    return user.is_active and action is not None and action.owner_id == user.pk


facilitates = Predicate(_facilitates, name="facilitates")
owns_action = Predicate(_owns, name="owns_action")
may_see_reviews = may_see_internals
# Whoever works on tickets fills in closings, picks moments, asks why, and proposes actions.
may_write_reviews = is_staff
may_start_reviews = is_problem_manager | is_lead | is_escalation_manager | is_administrator
# State, sign-off, sharing with customers.
may_run_review = may_start_reviews | facilitates
may_end_action = may_start_reviews | owns_action
may_set_reviews = is_problem_manager | is_escalation_manager | is_administrator
