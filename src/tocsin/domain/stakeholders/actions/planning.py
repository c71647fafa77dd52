"""A plan begins with an escalation, follows its priority, and ends with it (SEMANTICS 7)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.events import EscalationEnded, EscalationStarted
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.enums import Audience, CommunicationState
from tocsin.domain.stakeholders.logic.cadence import after_priority, due, minutes_at
from tocsin.domain.stakeholders.models import Communication, Plan, PlanAudience, UpdateClock
from tocsin.domain.tickets.actions.recording import begin, demand, finish
from tocsin.domain.tickets.events import PriorityChanged
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_work_on_ticket
from tocsin.kernel.errors import Conflict


def on_escalation_started(event: EscalationStarted) -> None:
    """Begin the plan of its type, or go on with it where the escalation was reopened. A chained policy has no own."""
    escalation = Escalation.objects.select_related("ticket").get(pk=event.escalation_id)
    if escalation.parent_id is not None or escalation.ticket.is_drill:
        return
    plan = Plan.objects.filter(type=escalation.type, enabled=True).first()
    if plan is None:
        return
    communication, _ = Communication.objects.update_or_create(
        escalation=escalation,
        defaults={"plan": plan, "state": CommunicationState.RUNNING, "ended_at": None},
        create_defaults={"plan": plan, "ticket": escalation.ticket, "started_at": event.at},
    )
    owed = _owed(plan, escalation.ticket)
    UpdateClock.objects.filter(communication=communication).delete()
    UpdateClock.objects.bulk_create(
        UpdateClock(
            communication=communication, audience=audience, minutes=minutes, from_at=event.at,
            due_at=due(from_at=event.at, minutes=minutes),
        )
        for audience, minutes in owed.items()
    )  # fmt: skip
    data = {"escalation": str(escalation.pk), "plan": plan.type, "owed": owed}
    record(
        stream=f"ticket:{escalation.ticket_id}", kind="communication.started", actor="engine", at=event.at, data=data
    )


def _owed(plan: Plan, ticket: Ticket) -> dict[str, int]:
    """Return {audience: minutes} of those who are owed regular updates at the ticket's priority."""
    rows = PlanAudience.objects.filter(plan=plan)
    found = {row.audience: minutes_at(row.cadence, ticket.priority) for row in rows if row.ways}
    return {audience: found[audience] or 0 for audience in Audience.values if found.get(audience)}


def on_escalation_ended(event: EscalationEnded) -> None:
    """Owe nobody anything more, and offer the closing update to those who were told of the escalation."""
    communication = Communication.objects.filter(
        escalation_id=event.escalation_id, state=CommunicationState.RUNNING
    ).first()
    if communication is None:
        return
    told = UpdateClock.objects.filter(communication=communication).exists() or communication.updates.exists()
    UpdateClock.objects.filter(communication=communication).update(due_at=None, missed_at=None)
    communication.state = CommunicationState.CLOSING if told else CommunicationState.ENDED
    communication.ended_at = None if told else event.at
    communication.save(update_fields=["state", "ended_at"])
    kind = "communication.closing" if told else "communication.ended"
    data = {"escalation": str(event.escalation_id)}
    record(stream=f"ticket:{event.ticket_id}", kind=kind, actor="engine", at=event.at, data=data)


def on_priority_changed(event: PriorityChanged) -> None:
    """Another severity has another cadence."""
    running = Communication.objects.filter(ticket_id=event.ticket_id, state=CommunicationState.RUNNING)
    for communication in running.select_related("plan", "ticket"):
        owed = _owed(communication.plan, communication.ticket)
        known = {clock.audience: clock for clock in UpdateClock.objects.filter(communication=communication)}
        for audience, clock in known.items():
            if audience not in owed:
                if not clock.promised:
                    clock.delete()
                continue
            clock.minutes = owed[audience]
            clock.due_at = after_priority(
                due_at=clock.due_at, from_at=clock.from_at, minutes=clock.minutes, promised=clock.promised, now=event.at
            )
            clock.save(update_fields=["minutes", "due_at"])
        for audience in owed.keys() - known.keys():
            UpdateClock.objects.create(
                communication=communication, audience=audience, minutes=owed[audience], from_at=event.at,
                due_at=due(from_at=event.at, minutes=owed[audience]),
            )  # fmt: skip


@transaction.atomic
def end_without_closing(*, ticket_id: UUID, by: User, now: datetime) -> None:
    """Say that no closing update is needed. Raises Conflict while an escalation still runs."""
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, may_work_on_ticket, "Only those who work on the ticket can do this.")
    waiting = Communication.objects.filter(ticket_id=ticket_id, state=CommunicationState.CLOSING)
    if not waiting.exists():
        raise Conflict("not_closing", "No closing update is waiting here.")
    waiting.update(state=CommunicationState.ENDED, ended_at=now)
    recording.fact("communication.ended", without_closing=True)
    finish(recording)
