"""Who may read figures, and who may set what they should come to."""

from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_problem_manager
from tocsin.domain.tickets.rules import may_see_internals

may_read_insights = may_see_internals
may_set_targets = is_lead | is_escalation_manager | is_problem_manager | is_administrator
