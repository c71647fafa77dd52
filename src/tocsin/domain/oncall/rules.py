"""Who may do what with schedules, as small predicates (django-rules). Machines are not asked."""

from django.db.models import Q
from rules.predicates import Predicate

from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people.models import Team, User
from tocsin.domain.people.rules import (
    is_administrator,
    is_escalation_manager,
    is_lead,
    is_self,
    is_staff,
    is_stakeholder,
)


def _leads(user: User, schedule: Schedule | None) -> bool:
    team = schedule.team if schedule else None
    return user.is_active and team is not None and user.pk in (team.lead_id, team.escalation_manager_id)


def _leads_any(user: User) -> bool:
    return user.is_active and Team.objects.filter(Q(lead=user) | Q(escalation_manager=user)).exists()


leads_schedule = Predicate(_leads, name="leads_schedule")

may_see_schedules = is_staff | is_stakeholder
may_create_schedule = is_administrator | is_escalation_manager | is_lead
# Whoever runs any schedule at all: the pages that change one are open to them; which one, the acts judge.
may_run_schedules = may_create_schedule | Predicate(_leads_any, name="leads_any_team")
may_edit_schedule = is_administrator | is_escalation_manager | leads_schedule
# Whoever works here may take duty upon themselves; only those who run the schedule may give it to others.
may_put_on_duty = may_edit_schedule | is_lead
may_answer_for = is_self | is_administrator | is_escalation_manager
may_report_others = is_lead | is_administrator | is_escalation_manager
may_report_absence = is_self | may_report_others
