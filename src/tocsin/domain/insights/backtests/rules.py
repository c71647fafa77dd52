"""Who may ask the past, and who may let a draft run in the shadow."""

from tocsin.domain.escalation.rules import may_edit_policies
from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead
from tocsin.domain.tickets.rules import may_see_internals

may_read_backtests = may_see_internals  # a result names people and tickets: for those who work here
may_backtest = is_lead | is_escalation_manager | is_administrator
may_shadow = may_edit_policies
