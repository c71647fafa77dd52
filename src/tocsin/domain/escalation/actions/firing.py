"""A trigger has come true: begin an escalation, or journal why not (SEMANTICS 3)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.actions.deeds import Cause, begin
from tocsin.domain.escalation.actions.locking import locked_ticket, maintenance_until
from tocsin.domain.escalation.enums import EscalationState, Reason
from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.policy import TIME_DRIVEN, Trigger, TriggerKind
from tocsin.domain.escalation.logic.triggers import Happening, fires
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.escalation.models import Escalation, Watch
from tocsin.domain.escalation.policies import Published
from tocsin.domain.escalation.ticket_views import views_of
from tocsin.domain.journal.actions import record
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket

IMPLIED = {
    TriggerKind.CLOCK_AT: Reason.SLA_AT_RISK,
    TriggerKind.CLOCK_BREACHED: Reason.SLA_BREACHED,
    TriggerKind.CLOCK_OVERDUE_BY: Reason.SLA_BREACHED,
    TriggerKind.NO_PUBLIC_UPDATE_FOR: Reason.EXPECTATION_MISSED,
    TriggerKind.CUSTOMER_ASKS: Reason.EXPECTATION_MISSED,
    TriggerKind.RATING_AT_MOST: Reason.EXPECTATION_MISSED,
    TriggerKind.PROMISE_MISSED: Reason.EXPECTATION_MISSED,
    TriggerKind.NEGATIVE_MESSAGE: Reason.EXPECTATION_MISSED,
    TriggerKind.UNASSIGNED_FOR: Reason.CAPACITY_OR_POLICY,
    TriggerKind.OWNER_SILENT_FOR: Reason.CAPACITY_OR_POLICY,
}

AFTER_THE_END = ("rated", "promise")  # what happens only once a ticket is resolved, and escalates all the same


def fire(
    *, ticket: Ticket, published: Published, trigger: Trigger, why: str, actor: str, now: datetime
) -> Escalation | None:
    """Begin an escalation on a locked ticket, unless its condition is false or the policy is already at work."""
    view = views_of([ticket], now)[ticket.pk]
    refused = _refusal(ticket, published, trigger, view)
    if refused:
        data = {"policy": published.content.slug, "trigger": trigger.key, "why": why, "refused": refused}
        record(stream=f"ticket:{ticket.pk}", kind="trigger.not_fired", actor=actor, at=now, data=data)
        return None
    found = {"policy": published.content.slug, "trigger": trigger.key, "version": published.number, "why": why}
    record(stream=f"ticket:{ticket.pk}", kind="trigger.fired", actor=actor, at=now, data=found)
    reason = IMPLIED.get(trigger.kind, Reason(published.content.reason))
    cause = Cause(actor=actor, trigger=trigger.key, reason=reason, reason_text=why)
    return begin(ticket=ticket, published=published, cause=cause, now=now)


def _refusal(ticket: Ticket, published: Published, trigger: Trigger, view: TicketView) -> str:
    """Return why the trigger must not fire now, or an empty text."""
    try:
        if not conditions.evaluate(published.content.match, view):
            return "the policy does not watch this ticket"
        if not conditions.evaluate(trigger.when, view):
            return f"its condition is false: {trigger.when}"
    except conditions.ConditionError as error:
        return f"its condition cannot be evaluated: {error.message}"
    if Escalation.objects.filter(ticket=ticket, policy_id=published.id, state=EscalationState.OPEN).exists():
        return "the policy is already at work on this ticket"
    return ""


def look_at(
    *, ticket_id: UUID, happening: Happening, actor: str, now: datetime, live: Sequence[Published] | None = None,
    ticket: Ticket | None = None,
) -> list[Escalation]:  # fmt: skip
    """Hold what happened on a ticket against every event-driven trigger of every live policy.

    `live` and `ticket` (locked, of `seen_tickets`) save reading them where the caller has them.
    """
    begun = []
    for published in policies.live() if live is None else live:
        for trigger in published.content.triggers:
            why = "" if trigger.kind in TIME_DRIVEN else fires(trigger, happening)
            if not why:
                continue
            ticket = ticket or locked_ticket(ticket_id)
            if ticket.status not in OPEN_STATUSES and happening.kind not in AFTER_THE_END:
                continue
            until = maintenance_until(ticket, now)
            if until is not None:
                _defer(ticket, published, trigger, why, until, actor, now)
                continue
            escalation = fire(ticket=ticket, published=published, trigger=trigger, why=why, actor=actor, now=now)
            begun += [escalation] if escalation else []
    return begun


def _defer(
    ticket: Ticket, published: Published, trigger: Trigger, why: str, until: datetime, actor: str, now: datetime
) -> None:
    """A maintenance window defers an event too: it waits as a watch and is looked at again at the end."""
    Watch.objects.update_or_create(
        ticket=ticket, policy_id=published.id, trigger=trigger.key, defaults={"due_at": until}
    )
    data = {"policy": published.content.slug, "trigger": trigger.key, "why": why, "until": until.isoformat()}
    record(stream=f"ticket:{ticket.pk}", kind="trigger.deferred", actor=actor, at=now, data=data)


def earlier_escalations(ticket: Ticket, *, before: datetime, but: UUID) -> list[tuple[str, datetime]]:
    """Return (what is the same, begun at) of other escalations of the same customer, service or configuration item."""
    same = Q(pk__isnull=True)
    if ticket.organisation_id:
        same |= Q(ticket__organisation_id=ticket.organisation_id)
    if ticket.service_id:
        same |= Q(ticket__service_id=ticket.service_id)
    if ticket.configuration_item:
        same |= Q(ticket__configuration_item=ticket.configuration_item)
    rows = Escalation.objects.filter(same, opened_at__lte=before, parent__isnull=True, ticket__is_drill=False).exclude(
        pk=but
    )
    rows = rows.exclude(ticket_id=ticket.pk).select_related("ticket")
    found: list[tuple[str, datetime]] = []
    for row in rows.order_by("-opened_at")[:200]:
        for name in ("organisation_id", "service_id", "configuration_item"):
            value = getattr(ticket, name)
            if value and getattr(row.ticket, name) == value:
                found.append((name.removesuffix("_id"), row.opened_at))
    return found
