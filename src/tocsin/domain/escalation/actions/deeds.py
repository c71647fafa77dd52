"""Beginning escalations, and the deeds that follow a decision and touch more than its run.

They stand together because a deed may begin another escalation: that of a child policy.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.domain.escalation import messages, policies
from tocsin.domain.escalation.actions.locking import locked_ticket
from tocsin.domain.escalation.actions.work import Item, Work, load
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.events import EscalationStarted
from tocsin.domain.escalation.logic import actions as wanted
from tocsin.domain.escalation.logic.decide import initial
from tocsin.domain.escalation.logic.events import Approved, Cancelled, Retriggered, Started
from tocsin.domain.escalation.logic.policy import Target, TargetKind
from tocsin.domain.escalation.logic.run_json import as_json
from tocsin.domain.escalation.models import Approval, Escalation, Run
from tocsin.domain.escalation.policies import Published
from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import HandoverState
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.kernel.errors import NotFound
from tocsin.kernel.ids import new_id

TOP_SEVERITY = 1
OWNERSHIP_OFFER = timedelta(hours=4)


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
    approved = content.approval is None or ticket.priority == TOP_SEVERITY or ticket.is_drill
    if approved and content.approval is not None:
        work.note(item, "run.approval_skipped", {"why": "a test, or top severity: pages without waiting"})
    work.apply(item, Started(approved=approved))
    finish(work)
    if not ticket.is_drill:
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
    item = work.items[0]
    # What was approved once is; an approval that nobody gave is asked for again.
    given = Approval.objects.filter(run=item.run, approved=True).exists()
    approved = item.policy.approval is None or item.ticket.priority == TOP_SEVERITY or given
    work.apply(item, Retriggered(by=cause.actor, approved=approved))
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


def finish(work: Work) -> None:
    """Flush, then carry out the deferred deeds (which may decide further) until nothing is left."""
    work.flush()
    while work.deferred:
        batch, work.deferred = work.deferred, []
        for deferred in batch:
            _carry_out(work, deferred.item, deferred.action)
        work.flush()


def _carry_out(work: Work, item: Item, action: wanted.Action) -> None:
    match action:
        case wanted.AskOwnership(person=person):
            _offer_ownership(work, item, UUID(person))
        case wanted.AskApproval():
            _ask_approval(work, item, action)
        case wanted.StartChild(policy=slug, level=level):
            _start_child(work, item, slug, level)
        case wanted.StopChildren(reason=reason):
            stop_children(work, item, reason)
        case _:
            raise TypeError(f"decide asked for something nobody carries out: {action!r}")


def _offer_ownership(work: Work, item: Item, person_id: UUID) -> None:
    """Offer the acknowledger the ticket; the previous owner stays accountable until they accept (SEMANTICS 4)."""
    ticket = Ticket.objects.get(pk=item.ticket.pk)
    person = User.objects.filter(pk=person_id).first()
    item.escalation.owner = person
    item.escalation.save(update_fields=["owner"])
    open_offer = Handover.objects.filter(ticket=ticket, state=HandoverState.OFFERED).first()
    if person is None or ticket.owner_id == person_id or ticket.is_drill:
        return
    if open_offer is not None:
        work.note(item, "run.ownership_not_offered", {"person": str(person_id), "why": "another handover is open"})
        return
    brief = messages.ownership_brief(ticket, item.escalation)
    tickets.offer_handover(
        ticket_id=ticket.pk, to_user=person, brief=brief, by=None, now=work.now, expires_in=OWNERSHIP_OFFER
    )


def _ask_approval(work: Work, item: Item, action: wanted.AskApproval) -> None:
    """Ask the approvers; where no approver can be reached the catch-all decides, and without one nothing waits."""
    resolved = work.directory.resolve(action.targets, item.ticket, item.escalation.policy.owner_id)
    if not resolved.people:
        resolved = work.directory.resolve([Target(TargetKind.CATCH_ALL)], item.ticket, None)
    if not resolved.people:
        work.note(item, "run.approval_skipped", {"why": "no approver can be reached"})
        work.apply(item, Approved(by="engine"))
        return
    approval, _ = Approval.objects.update_or_create(
        run=item.run,
        defaults={"asked_at": work.now, "until": action.until, "decided_at": None, "approved": None, "reason": ""},
    )
    approval.approvers.set(User.objects.filter(pk__in=[person.id for person in resolved.people]))
    evidence = list(resolved.evidence)
    work.note(item, "run.approval_asked", {"until": action.until.isoformat(), "evidence": evidence})
    body = messages.approval_body(item.ticket, item.escalation, action.until)
    for person in resolved.people:
        work.page(item, person.id, item.state.cycle, 0, "approval", body, urgent=item.ticket.priority <= 2)


def _start_child(work: Work, item: Item, slug: str, level: int) -> None:
    """Begin the policy that a level calls, below this escalation; say so where that cannot be."""
    try:
        published = policies.published(slug)
    except NotFound as error:  # a vanished child must not stop the parent's climb
        work.note(item, "run.child_not_started", {"policy": slug, "level": level, "why": error.message})
        return
    at_work = Escalation.objects.filter(ticket=item.ticket, policy_id=published.id, state=EscalationState.OPEN)
    if at_work.exists():
        why = "it is already at work on this ticket"
        work.note(item, "run.child_not_started", {"policy": slug, "level": level, "why": why})
        return
    cause = Cause(actor="engine", trigger="parent", reason_text=f"called by {item.policy.name}")
    begin(ticket=locked_ticket(item.ticket.pk), published=published, cause=cause, now=work.now, parent=item.escalation)


def stop_children(work: Work, item: Item, reason: str) -> None:
    """Cancel every open run below this one; their own children follow (SEMANTICS 4: a stop propagates down)."""
    open_below = Run.objects.filter(escalation__parent=item.escalation, escalation__state=EscalationState.OPEN)
    ids = list(open_below.values_list("pk", flat=True))
    if not ids:
        return
    below = Work(load(ids), work.now, work.actor)
    for child in below.items:
        below.apply(child, Cancelled(by=work.actor, reason=f"parent: {reason}"))
    finish(below)
