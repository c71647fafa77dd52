"""Who may do what with escalations: predicates over (person, ticket) (SECURITY 14)."""

from rules import add_perm

from tocsin.domain.people.rules import is_administrator, is_escalation_manager, is_lead, is_staff
from tocsin.domain.tickets.rules import leads_its_team

may_escalate = is_staff
may_answer = is_staff
may_direct_escalations = is_lead | is_escalation_manager | is_administrator | leads_its_team
may_cancel = may_direct_escalations
may_plan_maintenance = is_lead | is_escalation_manager | is_administrator
may_edit_policies = is_escalation_manager | is_administrator
may_set_catch_all = is_administrator
may_plan_drills = is_lead | is_escalation_manager | is_administrator

add_perm("escalation.escalate", may_escalate)
add_perm("escalation.answer", may_answer)
add_perm("escalation.direct", may_direct_escalations)
add_perm("escalation.plan_maintenance", may_plan_maintenance)
add_perm("escalation.edit_policies", may_edit_policies)
add_perm("escalation.set_catch_all", may_set_catch_all)
add_perm("escalation.plan_drills", may_plan_drills)
