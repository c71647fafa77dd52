"""Who may write records down, correct signals, and change how drafts are advised."""

from tocsin.domain.people.rules import (
    is_administrator,
    is_escalation_manager,
    is_lead,
    is_problem_manager,
    is_staff,
    is_stakeholder,
)
from tocsin.domain.tickets.rules import belongs_to_no_customer

may_listen = is_staff
# Signals speak of people outside the house: stakeholders of a customer do not see them.
may_see_signals = is_staff | (is_stakeholder & belongs_to_no_customer)
may_keep_words = is_lead | is_escalation_manager | is_problem_manager | is_administrator
may_set_assistant = is_administrator
