"""Who sees risks, answers them, and runs the models."""

from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_problem_manager, is_staff

may_see_risks = is_staff
may_answer_risks = is_staff
may_run_risk_models = is_lead | is_escalation_manager | is_problem_manager | is_administrator
