"""Who may deal with mail that a person must decide about."""

from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead

may_handle_mail = is_lead | is_escalation_manager | is_administrator
