"""The story on one page: {event: [who listens]}. Same transaction, in this order, handlers raise."""

from tocsin.domain.decisions import actions as decisions
from tocsin.domain.desk import actions as desk
from tocsin.domain.escalation import events as escalation_events
from tocsin.domain.escalation.actions import duty_notices, toll_notices
from tocsin.domain.escalation.actions import listening as escalation
from tocsin.domain.feedback import actions as feedback
from tocsin.domain.feedback import events as feedback_events
from tocsin.domain.insights.backtests import shadowing
from tocsin.domain.journal.publish import Event, Handler, wire
from tocsin.domain.listening import actions as listening
from tocsin.domain.listening import events as listening_events
from tocsin.domain.notify import events as notify_events
from tocsin.domain.notify.actions import one_time_mail
from tocsin.domain.oncall import actions as oncall_actions
from tocsin.domain.oncall import events as oncall
from tocsin.domain.people import events as people
from tocsin.domain.problems import actions as problems
from tocsin.domain.sla import actions as sla
from tocsin.domain.sla import events as sla_events
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.stakeholders import events as promises
from tocsin.domain.status import events as status
from tocsin.domain.swarms import actions as swarms
from tocsin.domain.tickets import events as tickets
from tocsin.domain.tickets import searching
from tocsin.intake.email import asking as asking_letters
from tocsin.intake.email import outgoing as letters
from tocsin.intake.email import playback, status_letters

HANDLERS: dict[type[Event], list[Handler]] = {
    # A ticket changes: first its clocks, then what waits on it, then the runs at work on it.
    tickets.TicketOpened: [
        sla.on_ticket_opened,
        escalation.on_ticket_opened,
        letters.on_ticket_opened,
        searching.on_ticket_changed,
        listening.on_ticket_opened,
    ],
    tickets.StatusChanged: [
        sla.on_status_changed,
        escalation.on_status_changed,
        swarms.on_status_changed,
        letters.on_status_changed,
        searching.on_ticket_changed,
        decisions.on_status_changed,
        feedback.on_status_changed,
    ],
    tickets.PriorityChanged: [
        sla.on_priority_changed,
        escalation.on_priority_changed,
        searching.on_ticket_changed,
        stakeholders.on_priority_changed,
    ],
    tickets.OwnershipChanged: [sla.on_ownership_changed, escalation.on_ownership_changed, searching.on_ticket_changed],
    tickets.DetailsChanged: [sla.on_details_changed, escalation.on_details_changed, searching.on_ticket_changed],
    tickets.MessageAdded: [
        sla.on_message_added,
        escalation.on_message_added,
        letters.on_message_added,
        searching.on_ticket_changed,
        desk.on_message_added,
        stakeholders.on_message_added,
        listening.on_message_added,
    ],
    tickets.TicketLinked: [escalation.on_ticket_linked, problems.on_ticket_linked],
    # What was imported pages nobody: clocks are rebuilt for the record, nothing is armed.
    tickets.TicketsImported: [sla.on_tickets_imported, searching.on_tickets_imported, problems.on_tickets_imported],
    tickets.TicketRated: [escalation.on_ticket_rated, feedback.on_ticket_rated],
    listening_events.PlayedBack: [playback.on_played_back],
    tickets.HandoverOffered: [escalation.on_handover_offered],
    sla_events.ClocksChanged: [escalation.on_clocks_changed],
    escalation_events.EscalationStarted: [
        escalation.on_escalation_started,
        decisions.on_escalation_started,
        stakeholders.on_escalation_started,
    ],
    escalation_events.EscalationEnded: [
        decisions.on_escalation_ended,
        stakeholders.on_escalation_ended,
        feedback.on_escalation_ended,
    ],
    promises.PromiseMade: [feedback.on_promise_made],
    promises.PromiseSettled: [feedback.on_promise_settled],
    feedback_events.FeedbackAsked: [asking_letters.on_feedback_asked],
    escalation_events.RunAcknowledged: [escalation.on_run_acknowledged],
    escalation_events.PolicyChanged: [escalation.on_policy_changed],
    notify_events.PageFailing: [escalation.on_page_failing],
    notify_events.PageUnreachable: [escalation.on_page_unreachable, letters.on_page_unreachable],
    notify_events.TollCapReached: [toll_notices.on_toll_cap_reached],
    # A link that was asked for goes to the person's own address.
    people.LinkMade: [one_time_mail.on_link_made],
    # A status page tells: those who asked for it get it by mail.
    status.SubscriptionAsked: [status_letters.on_subscription_asked],
    status.UpdateTold: [status_letters.on_update_told],
    status.SubscriberLeft: [status_letters.on_subscriber_left],
    # On call: whoever is asked for something is told.
    oncall.ScheduleChanged: [oncall_actions.on_schedule_changed],
    oncall.SwapOffered: [duty_notices.on_swap_offered],
    oncall.SwapAnswered: [duty_notices.on_swap_answered],
    oncall.CoverProposed: [duty_notices.on_cover_proposed],
    oncall.CoverAnswered: [duty_notices.on_cover_answered],
}

# Whatever changes a ticket or what is at work on it: drafts in the shadow look at it again.
for _changed in (
    tickets.TicketOpened, tickets.StatusChanged, tickets.PriorityChanged, tickets.OwnershipChanged, tickets.DetailsChanged,
    tickets.MessageAdded, tickets.TicketRated, escalation_events.EscalationStarted, escalation_events.EscalationEnded,
    escalation_events.RunAcknowledged,
):  # fmt: skip
    HANDLERS[_changed] = [*HANDLERS.get(_changed, []), shadowing.on_ticket_changed]


def connect() -> None:
    """Install the table."""
    wire(HANDLERS)
