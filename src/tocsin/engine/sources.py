"""What is due, and whose business it is: the ticker's list, and the auditor's."""

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.sla import actions as sla
from tocsin.domain.sla.queries import next_clock_due
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.queries import next_handover_due
from tocsin.engine.due import DueSource

# Runs first: a page that is due now waits for nothing else. Each of them handles its own poison where it can.
SOURCES = (
    DueSource(name="runs", claim=escalation.advance_due, next_due=escalation.next_run_due),
    DueSource(name="clocks", claim=sla.breach_due, next_due=next_clock_due),
    DueSource(name="watches", claim=escalation.fire_watches, next_due=escalation.next_watch_due),
    DueSource(name="handovers", claim=tickets.expire_handovers, next_due=next_handover_due),
)
