"""Who may see problems, work on them, and run them."""

from rules.predicates import Predicate

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_problem_manager, is_staff
from tocsin.domain.problems.models import Problem
from tocsin.domain.tickets.rules import may_see_internals


def _owns(user: User, problem: Problem | None) -> bool:
    return user.is_active and problem is not None and problem.owner_id == user.pk


owns_problem = Predicate(_owns, name="owns_problem")
may_see_problems = may_see_internals
# Whoever works on tickets may say that there is a problem, put tickets to it and offer explanations.
may_work_on_problems = is_staff
# Deciding on proposals, moving the state, measures; writing to many customers at once.
may_decide_on_proposals = is_problem_manager | is_lead | is_escalation_manager | is_administrator
may_run_problem = may_decide_on_proposals | owns_problem
