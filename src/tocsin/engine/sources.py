"""What is due, and whose business it is: the ticker's list, and the auditor's."""

from tocsin.api import idempotency
from tocsin.domain.decisions import actions as decisions
from tocsin.domain.decisions.queries import next_request_due
from tocsin.domain.desk import actions as desk
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.actions import drill_plans, drilling, duty_warnings
from tocsin.domain.escalation.drills import next_drill_due, next_test_end
from tocsin.domain.feedback import actions as feedback
from tocsin.domain.feedback.queries import next_ask_due, next_recovery_due
from tocsin.domain.frontline import actions as frontline
from tocsin.domain.frontline.queries import next_bundle_due
from tocsin.domain.insights.backtests import shadow_reports, shadowing
from tocsin.domain.insights.queries import next_report_due
from tocsin.domain.reviews import actions as reviews
from tocsin.domain.reviews.queries import next_action_due, next_draft_due
from tocsin.domain.sla import actions as sla
from tocsin.domain.sla.queries import next_clock_due
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.stakeholders import queries as told
from tocsin.domain.status import actions as status
from tocsin.domain.status.queries import next_account_due, next_switch
from tocsin.domain.swarms import actions as swarms
from tocsin.domain.swarms.queries import next_invitation_due, next_task_due
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.queries import next_handover_due
from tocsin.domain.training import actions as training
from tocsin.domain.training.queries import next_training_due
from tocsin.engine.due import DueSource
from tocsin.web.insights import report_letters

# Runs first: a page that is due now waits for nothing else. Each of them handles its own poison where it can.
SOURCES = (
    DueSource(name="runs", claim=escalation.advance_due, next_due=escalation.next_run_due),
    DueSource(name="clocks", claim=sla.breach_due, next_due=next_clock_due),
    DueSource(name="watches", claim=escalation.fire_watches, next_due=escalation.next_watch_due),
    DueSource(name="duty warnings", claim=duty_warnings.warn_ahead, next_due=duty_warnings.next_warning_due),
    DueSource(name="replies", claim=desk.send_due, next_due=desk.next_held_due),
    DueSource(name="tests", claim=drilling.end_due_drills, next_due=next_test_end),
    DueSource(name="drills", claim=drill_plans.fire_due_plans, next_due=next_drill_due),
    DueSource(name="snoozes", claim=desk.wake_due, next_due=desk.next_wake_due),
    DueSource(name="promises", claim=stakeholders.act_on_due_promises, next_due=told.next_promise_due),
    DueSource(name="updates", claim=stakeholders.miss_due_updates, next_due=told.next_clock_due),
    DueSource(name="handovers", claim=tickets.expire_handovers, next_due=next_handover_due),
    DueSource(name="decision requests", claim=decisions.expire_requests, next_due=next_request_due),
    DueSource(name="invitations", claim=swarms.expire_due, next_due=next_invitation_due),
    DueSource(name="command tasks", claim=swarms.remind_due, next_due=next_task_due),
    DueSource(name="shift handovers", claim=frontline.expire_bundles, next_due=next_bundle_due),
    DueSource(name="courses", claim=training.work_due, next_due=next_training_due),
    DueSource(name="recoveries", claim=feedback.recover_due, next_due=next_recovery_due),
    DueSource(name="questions", claim=feedback.ask_due, next_due=next_ask_due),
    DueSource(name="maintenance of status pages", claim=status.switch_due, next_due=next_switch),
    DueSource(name="account escalations", claim=status.tell_missed, next_due=next_account_due),
    DueSource(name="reviews to draft", claim=reviews.draft_due, next_due=next_draft_due),
    DueSource(name="corrective actions", claim=reviews.act_on_due, next_due=next_action_due),
    DueSource(name="shadow looks", claim=shadowing.look_due, next_due=shadowing.next_look_due),
    DueSource(name="shadow reports", claim=shadow_reports.report_due, next_due=shadow_reports.next_report_due),
    DueSource(name="reports of figures", claim=report_letters.send_due, next_due=next_report_due),
    DueSource(name="answers to programs", claim=idempotency.forget_old, next_due=idempotency.next_old),
)
