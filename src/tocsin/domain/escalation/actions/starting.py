"""Escalating by a person's judgement."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.actions.deeds import Cause, begin
from tocsin.domain.escalation.actions.locking import locked_ticket
from tocsin.domain.escalation.enums import Direction, EscalationState, EscalationType, Reason
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.models import Escalation, Policy
from tocsin.domain.escalation.rules import may_escalate
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import OPEN_STATUSES
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed


def escalate(
    *,
    ticket_id: UUID,
    policy: Policy | str,
    by: User,
    now: datetime,
    type: str = "",  # noqa: A002 - the field's name everywhere else
    reason: str = "",
    reason_text: str = "",
    direction: str = "",
    tried: str = "",
    impact: str = "",
    wanted: str = "",
) -> Escalation:
    """Escalate by a person's judgement, which is always possible (SEMANTICS 3).

    The first level's gate may demand fields. Conflict if the policy is already at work on the
    ticket; within the reopen window an ended escalation reopens in a new cycle.
    """
    published = policies.published(policy if isinstance(policy, str) else policy.slug)
    cause = Cause(
        actor=f"person:{by.pk}", type=type, reason=reason, reason_text=reason_text.strip(), direction=direction,
        tried=tried.strip(), impact=impact.strip(), wanted=wanted.strip(),
    )  # fmt: skip
    _check(published.content, cause)
    with transaction.atomic():
        ticket = locked_ticket(ticket_id)
        if not may_escalate.test(by, ticket):
            raise NotAllowed("not_allowed", "You may not escalate this ticket. Ask whoever works on it.")
        if ticket.status not in OPEN_STATUSES:
            raise Conflict(
                "ticket_closed", f"{ticket.reference} is {ticket.get_status_display().lower()}. Reopen it first."
            )
        if Escalation.objects.filter(ticket=ticket, policy_id=published.id, state=EscalationState.OPEN).exists():
            raise Conflict(
                "already_escalated",
                f"{published.content.name} is already at work on {ticket.reference}. Use “call next” to climb now.",
            )
        return begin(ticket=ticket, published=published, cause=cause, now=now)


def _check(content: Content, cause: Cause) -> None:
    fields: dict[str, str] = {}
    for name in content.levels[0].gate:
        if not getattr(cause, name):
            fields[name] = f"The first level of {content.name} asks for it. Say it in a sentence."
    for name, given, choices in (
        ("type", cause.type, EscalationType.values),
        ("reason", cause.reason, Reason.values),
        ("direction", cause.direction, Direction.values),
    ):
        if given and given not in choices:
            fields[name] = f"“{given}” is not one of {', '.join(choices)}."
    if (cause.reason or content.reason) == Reason.OTHER and not cause.reason_text and not cause.trigger:
        fields["reason_text"] = "Say what the other reason is."
    if fields:
        raise InvalidInput("escalation_incomplete", "The escalation lacks something.", fields)
