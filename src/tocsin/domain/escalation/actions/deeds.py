"""Deeds that follow a decision and touch more than the run: ownership, approval, child policies."""

from datetime import timedelta
from uuid import UUID

from tocsin.domain.escalation import messages
from tocsin.domain.escalation.actions.work import Item, Work, load
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.logic import actions as wanted
from tocsin.domain.escalation.logic.events import Approved, Cancelled
from tocsin.domain.escalation.logic.policy import Target, TargetKind
from tocsin.domain.escalation.models import Approval, Run
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import HandoverState
from tocsin.domain.tickets.models import Handover, Ticket

OWNERSHIP_OFFER = timedelta(hours=4)


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
    if person is None or ticket.owner_id == person_id:
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
    approval.approvers.set([person.id for person in resolved.people])
    evidence = list(resolved.evidence)
    work.note(item, "run.approval_asked", {"until": action.until.isoformat(), "evidence": evidence})
    body = messages.approval_body(item.ticket, item.escalation, action.until)
    for person in resolved.people:
        work.page(item, person.id, item.state.cycle, 0, "approval", body, urgent=item.ticket.priority <= 2)


def _start_child(work: Work, item: Item, slug: str, level: int) -> None:
    from tocsin.domain.escalation.actions.starting import start_child  # noqa: PLC0415 - a child starts as any other

    why = start_child(parent=item.escalation, slug=slug, now=work.now)
    if why:
        work.note(item, "run.child_not_started", {"policy": slug, "level": level, "why": why})


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
