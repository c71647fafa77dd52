"""What happens to running escalations when a ticket moves: de-escalation, reassignment, re-basing on a new version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.actions.deeds import finish
from tocsin.domain.escalation.actions.locking import locked_ticket
from tocsin.domain.escalation.actions.work import Work, load
from tocsin.domain.escalation.enums import DeEscalationState, EscalationState
from tocsin.domain.escalation.logic.events import Cancelled, DeEscalated, PolicyRebased, Rebound
from tocsin.domain.escalation.logic.policy import OnReassign
from tocsin.domain.escalation.models import ENDED, DeEscalation, Escalation, Run
from tocsin.domain.escalation.rules import may_answer, may_edit_policies
from tocsin.domain.journal.actions import record
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.events import OwnershipChanged
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound


def _escalation(escalation_id: UUID, *, must_be_open: bool = True) -> Escalation:
    """Lock the ticket, then return the escalation."""
    ticket_id = Escalation.objects.filter(pk=escalation_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound("escalation_not_found", "There is no such escalation.")
    locked_ticket(ticket_id)
    escalation = Escalation.objects.select_related("ticket__team", "policy").get(pk=escalation_id)
    if must_be_open and escalation.state != EscalationState.OPEN:
        raise Conflict("escalation_closed", f"The escalation is already {escalation.get_state_display().lower()}.")
    return escalation


def offer_de_escalation(*, escalation_id: UUID, acceptor: User, reason: str, by: User, now: datetime) -> DeEscalation:
    """Offer to bring the ticket back to a lower line: an act with a reason and a named acceptor (SEMANTICS 4).

    Nothing changes until `acceptor` accepts.
    """
    if not reason.strip():
        raise InvalidInput("reason_missing", "Say why it can go back.", {"reason": "Say why it can go back."})
    with transaction.atomic():
        escalation = _escalation(escalation_id)
        if not may_answer.test(by, escalation.ticket):
            raise NotAllowed("not_allowed", "Only those who work on the ticket may offer it back.")
        if not is_staff.test(acceptor):
            raise InvalidInput("acceptor", "Name somebody who works on tickets.", {"acceptor": "must be staff"})
        if DeEscalation.objects.filter(escalation=escalation, state=DeEscalationState.OFFERED).exists():
            raise Conflict("already_offered", "It has been offered already. Wait for the answer.")
        offer = DeEscalation.objects.create(
            escalation=escalation, acceptor=acceptor, reason=reason.strip(), offered_at=now,
            offered_by=f"person:{by.pk}",
        )  # fmt: skip
        data = {"escalation": str(escalation.pk), "acceptor": str(acceptor.pk), "name": acceptor.name, "reason": reason}
        _note(escalation, "escalation.de_escalation_offered", by, now, data)
        ticket = escalation.ticket
        notify.enqueue(
            pages=[
                PageRequest(
                    user_id=acceptor.pk, run=None, cycle=1, level=0, ticket=ticket.pk, purpose="notice",
                    urgency=Urgency.NORMAL,
                    subject=f"{ticket.reference} is offered back to you: {ticket.subject}"[:300],
                    body=f"{by.name} offers to de-escalate {ticket.reference} to you. Reason: {reason.strip()}",
                    data={"reference": ticket.reference, "number": ticket.number},
                )
            ],
            now=now,
        )  # fmt: skip
        return offer


def answer_de_escalation(*, offer_id: UUID, accept: bool, by: User, now: datetime, answer: str = "") -> DeEscalation:
    """Accept or decline an offered de-escalation. Accepting ends the run and makes the acceptor the owner."""
    with transaction.atomic():
        found = DeEscalation.objects.filter(pk=offer_id).first()
        if found is None:
            raise NotFound("offer_not_found", "There is no such offer.")
        escalation = _escalation(found.escalation_id, must_be_open=False)
        offer = DeEscalation.objects.get(pk=offer_id)
        if offer.acceptor_id != by.pk:
            raise NotAllowed("not_allowed", "Only the named acceptor may answer.")
        if offer.state != DeEscalationState.OFFERED or escalation.state != EscalationState.OPEN:
            raise Conflict("offer_closed", "The offer has been answered, or the escalation has ended.")
        offer.state = DeEscalationState.ACCEPTED if accept else DeEscalationState.DECLINED
        offer.answered_at, offer.answer = now, answer.strip()
        offer.save()
        data = {"escalation": str(escalation.pk), "acceptor": str(by.pk), "name": by.name, "answer": offer.answer}
        _note(escalation, f"escalation.de_escalation_{offer.state}", by, now, data)
        if accept:
            _bring_back(escalation, offer, by, now)
        return offer


def _bring_back(escalation: Escalation, offer: DeEscalation, by: User, now: datetime) -> None:
    escalation.outcome = offer.reason
    escalation.save(update_fields=["outcome"])
    work = Work(load([escalation.run.pk]), now, f"person:{by.pk}")
    work.apply(work.items[0], DeEscalated(by=str(by.pk), reason=offer.reason))
    finish(work)
    team = by.teams.order_by("line", "name").first() or escalation.ticket.team
    if escalation.ticket.owner_id != by.pk:
        tickets.assign(ticket_id=escalation.ticket_id, owner=by, team=team, by=None, now=now)


def on_ownership_changed(event: OwnershipChanged) -> None:
    """A moved ticket asks or follows the policy: cancel, keep, or rebind its runs (SEMANTICS 4).

    The acknowledger taking ownership is what the run asked for and changes nothing.
    """
    runs = Run.objects.filter(ticket_id=event.ticket_id).exclude(status__in=ENDED).values_list("pk", flat=True)
    ids = list(runs)
    if not ids:
        return
    work = Work(load(ids), event.at, event.actor)
    for item in work.items:
        if event.after_owner is not None and item.state.acknowledger == str(event.after_owner):
            continue
        choice = item.policy.on_reassign
        if choice is OnReassign.ASK:
            item.escalation.reassigned_at = event.at
            item.escalation.save(update_fields=["reassigned_at"])
            work.note(item, "run.reassign_asked", {})
        elif choice is OnReassign.KEEP:
            work.note(item, "run.kept_after_reassign", {})
        elif choice is OnReassign.CANCEL:
            work.apply(item, Cancelled(by=event.actor, reason="the ticket was reassigned"))
        else:
            work.apply(item, Rebound(by=event.actor))
    finish(work)


def after_reassign(*, escalation_id: UUID, choice: str, by: User, now: datetime) -> Escalation:
    """Answer what the policy asked: `cancel`, `keep` or `rebind` the run of a reassigned ticket."""
    with transaction.atomic():
        escalation = _escalation(escalation_id)
        if not may_answer.test(by, escalation.ticket):
            raise NotAllowed("not_allowed", "Only those who work on the ticket may decide this.")
        if escalation.reassigned_at is None:
            raise Conflict("nothing_asked", "There is nothing to decide: somebody has already done so.")
        work = Work(load([escalation.run.pk]), now, f"person:{by.pk}")
        item = work.items[0]
        if choice == OnReassign.CANCEL:
            work.apply(item, Cancelled(by=str(by.pk), reason="the ticket was reassigned"))
        elif choice == OnReassign.REBIND:
            work.apply(item, Rebound(by=str(by.pk)))
        elif choice == OnReassign.KEEP:
            work.note(item, "run.kept_after_reassign", {})
        else:
            raise InvalidInput("choice", "Choose cancel, keep or rebind.", {"choice": "cancel, keep or rebind"})
        item.escalation.reassigned_at = None
        item.escalation.save(update_fields=["reassigned_at"])
        finish(work)
        return item.escalation


@dataclass(frozen=True, slots=True)
class Rebase:
    """One running escalation and what re-basing would do (or did) to it."""

    escalation_id: UUID
    reference: str
    from_version: int
    to_version: int
    level: int
    level_after: int
    next_before: datetime | None
    next_after: datetime | None


def rebase(*, policy_slug: str, by: User, now: datetime, confirm: bool = False) -> list[Rebase]:
    """Move running escalations of a policy to its current version; without `confirm` only say what would happen."""
    if not may_edit_policies.test(by):
        raise NotAllowed("not_allowed", "Only an escalation manager or administrator may re-base running escalations.")
    published = policies.published(policy_slug)
    stale = Run.objects.filter(version__policy_id=published.id).exclude(status__in=ENDED)
    found = list(stale.exclude(version_id=published.version_id).order_by("ticket_id").values_list("pk", "ticket_id"))
    with transaction.atomic():
        for _, ticket_id in found:
            locked_ticket(ticket_id)
        work = Work(load([run for run, _ in found]), now, f"person:{by.pk}")
        moved = []
        for item in work.items:
            before = item.state
            item.policy = published.content
            if not item.state.ended:
                work.apply(item, PolicyRebased(by=str(by.pk)))
            after = item.state
            moved.append(
                Rebase(
                    item.escalation.pk, item.ticket.reference, item.version, published.number,
                    before.level, after.level, before.due_at, after.due_at,
                )
            )  # fmt: skip
            item.run.version_id, item.version, item.changed = published.version_id, published.number, True
        if confirm:
            finish(work)
        return moved


def _note(escalation: Escalation, kind: str, by: User, now: datetime, data: Mapping[str, object]) -> None:
    record(stream=f"ticket:{escalation.ticket_id}", kind=kind, actor=f"person:{by.pk}", at=now, data=data)
