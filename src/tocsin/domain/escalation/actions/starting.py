"""Beginning an escalation: by an agent's judgement, by a trigger, or as the child of another policy."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.actions.deeds import finish
from tocsin.domain.escalation.actions.work import Item, Work, load
from tocsin.domain.escalation.enums import Direction, EscalationState, EscalationType, Reason
from tocsin.domain.escalation.events import EscalationStarted
from tocsin.domain.escalation.logic.decide import initial
from tocsin.domain.escalation.logic.events import Retriggered, Started
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.logic.run_json import as_json
from tocsin.domain.escalation.models import Escalation, Maintenance, Policy, Run
from tocsin.domain.escalation.policies import Published
from tocsin.domain.escalation.rules import may_escalate
from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

TOP_SEVERITY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an escalation begins, and what its record says. Empty texts take the policy's own."""

    actor: str
    trigger: str = ""  # key of the rule; empty: a person's judgement
    type: str = ""
    reason: str = ""
    reason_text: str = ""
    direction: str = ""
    tried: str = ""
    impact: str = ""
    wanted: str = ""


def locked_ticket(ticket_id: UUID) -> Ticket:
    """Lock and return the aggregate: every action on a ticket or its runs takes this lock first."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("team", "service", "organisation", "owner")
    return rows.get(pk=ticket_id)


def maintenance_until(ticket: Ticket, now: datetime) -> datetime | None:
    """Return the end of the maintenance window that covers `ticket` now (the latest, where several do)."""
    covers = Q(service__isnull=True) | Q(service_id=ticket.service_id) if ticket.service_id else Q(service__isnull=True)
    windows = Maintenance.objects.filter(covers, starts_at__lte=now, ends_at__gt=now)
    return windows.order_by("-ends_at").values_list("ends_at", flat=True).first()


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


def begin(
    *, ticket: Ticket, published: Published, cause: Cause, now: datetime, parent: Escalation | None = None
) -> Escalation:
    """Open a new escalation on a locked ticket, or reopen the policy's last one within its window."""
    content = published.content
    last = Escalation.objects.filter(ticket=ticket, policy_id=published.id).order_by("-opened_at").first()
    if (
        last
        and last.closed_at
        and now - last.closed_at <= content.reopen_window
        and last.state != EscalationState.REFUSED
    ):
        return _reopen(last, published, cause, now)
    escalation = Escalation(
        ticket=ticket, policy_id=published.id, parent=parent, type=cause.type or content.type,
        reason=cause.reason or content.reason, reason_text=cause.reason_text,
        direction=cause.direction or content.direction,
        trigger=cause.trigger, tried=cause.tried, impact=cause.impact, wanted=cause.wanted,
        owner_id=ticket.owner_id, opened_at=now, opened_by=cause.actor,
    )  # fmt: skip
    escalation.save(force_insert=True)
    state = initial(content)
    run = Run(
        id=new_id(), escalation=escalation, ticket=ticket, version_id=published.version_id, status=state.status,
        state=as_json(state), started_at=now,
    )  # fmt: skip
    item = Item(run, escalation, ticket, content, state, published.number, is_new=True)
    _record_start("escalation.opened", escalation, published, cause, now)
    work = Work([item], now, cause.actor)
    approved = content.approval is None or ticket.priority == TOP_SEVERITY
    if approved and content.approval is not None:
        work.note(item, "run.approval_skipped", {"why": "top severity pages without waiting"})
    work.apply(item, Started(approved=approved))
    finish(work)
    publish(EscalationStarted(escalation_id=escalation.pk, ticket_id=ticket.pk, at=now))
    return escalation


def _reopen(last: Escalation, published: Published, cause: Cause, now: datetime) -> Escalation:
    """Within the reopen window the same escalation goes on in a new cycle (SEMANTICS 4)."""
    last.state, last.closed_at = EscalationState.OPEN, None
    last.trigger, last.reason_text = cause.trigger or last.trigger, cause.reason_text or last.reason_text
    last.tried, last.impact = cause.tried or last.tried, cause.impact or last.impact
    last.wanted = cause.wanted or last.wanted
    last.save()
    _record_start("escalation.reopened", last, published, cause, now)
    work = Work(load([last.run.pk]), now, cause.actor)
    work.apply(work.items[0], Retriggered(by=cause.actor))
    finish(work)
    publish(EscalationStarted(escalation_id=last.pk, ticket_id=last.ticket_id, at=now))
    return last


def _record_start(kind: str, escalation: Escalation, published: Published, cause: Cause, now: datetime) -> None:
    data = {
        "escalation": str(escalation.pk),
        "policy": published.content.slug,
        "version": published.number,
        "type": escalation.type,
        "reason": escalation.reason,
        "reason_text": cause.reason_text,
        "direction": escalation.direction,
        "trigger": cause.trigger,
        "tried": cause.tried,
        "impact": cause.impact,
        "wanted": cause.wanted,
    }
    record(stream=f"ticket:{escalation.ticket_id}", kind=kind, actor=cause.actor, at=now, data=data)


def start_child(*, parent: Escalation, slug: str, now: datetime) -> str:
    """Start `slug` below `parent`. Return why not, or an empty text."""
    try:
        published = policies.published(slug)
    except NotFound as error:  # a vanished child must not stop the parent's climb
        return error.message
    if Escalation.objects.filter(
        ticket_id=parent.ticket_id, policy_id=published.id, state=EscalationState.OPEN
    ).exists():
        return "it is already at work on this ticket"
    ticket = locked_ticket(parent.ticket_id)
    text = f"called by {parent.policy.name}"
    begin(
        ticket=ticket,
        published=published,
        cause=Cause(actor="engine", trigger="parent", reason_text=text),
        now=now,
        parent=parent,
    )
    return ""
