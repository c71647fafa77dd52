"""What people answer: acknowledge, decline, snooze, call the next, resolve, cancel, approve."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.actions.deeds import finish
from tocsin.domain.escalation.actions.drill_ends import after_answer
from tocsin.domain.escalation.actions.locking import locked_ticket
from tocsin.domain.escalation.actions.work import Item, Work, load
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.events import RunAcknowledged
from tocsin.domain.escalation.logic.events import (
    Acknowledged,
    Approved,
    Cancelled,
    Declined,
    NextCalled,
    Refused,
    Resolved,
    RunEvent,
    Snoozed,
)
from tocsin.domain.escalation.logic.run import RunState, RunStatus
from tocsin.domain.escalation.models import Approval, Escalation, Run
from tocsin.domain.escalation.rules import may_answer, may_cancel
from tocsin.domain.escalation.views import Answer
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, TocsinError

REASON_MAX = 500
DRILL_THANKS = "Thank you. This was a test, and your answer is noted; there is nothing else to do."


def _open(run_id: UUID, by: User, now: datetime) -> Work:
    """Lock the run's ticket, load the run, and check that `by` may answer it: staff, or whoever was paged."""
    ticket_id = Run.objects.filter(pk=run_id).values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound("run_not_found", "There is no such escalation run.")
    ticket = locked_ticket(ticket_id)
    work = Work(load([run_id]), now, f"person:{by.pk}")
    item = work.items[0]
    was_paged = str(by.pk) in item.state.paged
    if not by.is_active or not (may_answer.test(by, ticket) or was_paged):
        raise NotAllowed("not_allowed", "Only those who were paged, or who work on the ticket, may answer.")
    return work


def _answer(
    run_id: UUID, by: User, now: datetime, event: RunEvent, words: Callable[[Item, RunState], str], via: str
) -> Answer:
    with transaction.atomic():
        work = _open(run_id, by, now)
        work.via = via
        item = work.items[0]
        before = item.state
        if isinstance(event, NextCalled) and not before.ended and event.cycle in (None, before.cycle):
            _pass_gate(item)
        work.apply(item, event)
        changed = item.state != before
        finish(work)
        message = words(item, before)
        if item.ticket.is_drill:
            message = DRILL_THANKS if after_answer(work, item) or changed else message
            return Answer(changed=changed, status=str(item.state.status), message=message)
        if changed and isinstance(event, Acknowledged) and item.state.acknowledger == str(by.pk):
            publish(RunAcknowledged(escalation_id=item.escalation.pk, ticket_id=item.ticket.pk, by=by.pk, at=now))
        return Answer(changed=changed, status=str(item.state.status), message=message)


def _pass_gate(item: Item) -> None:
    """The next level's gate may demand what the escalation does not say yet (SEMANTICS 6)."""
    number = item.state.level + 1
    gate = item.policy.levels[number - 1].gate if number <= len(item.policy.levels) else ()
    missing = {name: f"Level {number} asks for it." for name in gate if not getattr(item.escalation, name)}
    if missing:
        raise InvalidInput("gate", f"Level {number} asks for: {', '.join(missing)}. Add it to the escalation.", missing)


def _name(pk: str | None) -> str:
    return (User.objects.filter(pk=pk).values_list("name", flat=True).first() if pk else None) or "somebody"


def _present(item: Item) -> str:
    """Say how things stand, for an answer that changed nothing."""
    state, reference = item.state, item.ticket.reference
    if state.ended:
        return f"Nothing to do: the escalation of {reference} is {str(state.status).replace('_', '-')}."
    if state.status is RunStatus.PENDING_APPROVAL:
        return f"{reference} waits for an approval, which is given or refused on its page."
    if state.acknowledger:
        return f"{_name(state.acknowledger)} has acknowledged {reference}."
    return (
        f"{reference} is still climbing: cycle {state.cycle}, level {state.level}. Open it to answer the present page."
    )


def acknowledge(*, run_id: UUID, by: User, now: datetime, cycle: int | None = None, via: str = "page") -> Answer:
    """Say "I have it". Idempotent; resolve wins; a link of an older cycle changes nothing (SEMANTICS 4).

    `via`: the way the answer came, for the journal.
    """

    def words(item: Item, before: RunState) -> str:
        if item.state == before:
            return _present(item)
        if item.state.status is RunStatus.ACKNOWLEDGED:
            return f"Acknowledged. Nobody else is paged for {item.ticket.reference}."
        return f"Noted. {item.ticket.reference} needs everyone on this level to acknowledge."

    return _answer(run_id, by, now, Acknowledged(by=str(by.pk), cycle=cycle), words, via)


def take(*, run_id: UUID, by: User, now: datetime, cycle: int | None = None, via: str = "page") -> Answer:
    """Acknowledge, and own the ticket from now on where that is allowed (SEMANTICS 4, 6).

    The previous owner is accountable until this moment. Where ownership cannot move (somebody else was
    first, the hop budget is used up) the acknowledgement stands and the answer says why.
    """
    with transaction.atomic():
        answer = acknowledge(run_id=run_id, by=by, now=now, cycle=cycle, via=via)
        work = _open(run_id, by, now)
        item = work.items[0]
        stale = cycle is not None and cycle != item.state.cycle
        if (
            stale
            or item.ticket.is_drill
            or item.state.ended
            or item.state.acknowledger != str(by.pk)
            or item.ticket.owner_id == by.pk
        ):
            return answer
        try:
            with transaction.atomic():
                tickets.take(ticket_id=item.ticket.pk, by=by, now=now, called=True)
        except TocsinError as error:
            work.note(item, "run.not_taken", {"by": str(by.pk), "why": error.message, "via": via})
            work.flush()
            return replace(answer, message=f"{answer.message} The ticket is not yours: {error.message}")
        return Answer(
            changed=True,
            status=answer.status,
            message=f"{item.ticket.reference} is yours. Nobody else is paged for it.",
        )


def decline(
    *, run_id: UUID, by: User, reason: str, now: datetime, cycle: int | None = None, via: str = "page"
) -> Answer:
    """Say "I cannot", with a reason: the next target is paged at once (SEMANTICS 4)."""
    reason = _reason(reason, "Say in a word why you cannot, so that the next one knows.")

    def words(item: Item, before: RunState) -> str:
        if item.state == before:
            return _present(item)
        if (item.state.cycle, item.state.level) != (before.cycle, before.level):
            return f"Noted. The next on the ladder is paged for {item.ticket.reference} now."
        return f"Noted. Others were paged for {item.ticket.reference} with you; the climb goes on."

    return _answer(run_id, by, now, Declined(by=str(by.pk), reason=reason, cycle=cycle), words, via)


def snooze(
    *, run_id: UUID, by: User, duration: timedelta, now: datetime, cycle: int | None = None, via: str = "page"
) -> Answer:
    """Keep the run quiet for `duration`, at most the policy's cap; it comes back to `by` first (SEMANTICS 4)."""
    if duration <= timedelta():
        raise InvalidInput("snooze_too_short", "A snooze lasts at least a minute.", {"duration": "must be positive"})

    def words(item: Item, before: RunState) -> str:
        if item.state == before or item.state.snoozed_until is None:
            return _present(item)
        return f"Snoozed until {item.state.snoozed_until:%H:%M} UTC. It comes back to you first."

    return _answer(run_id, by, now, Snoozed(by=str(by.pk), duration=duration, cycle=cycle), words, via)


def call_next(*, run_id: UUID, by: User, now: datetime, cycle: int | None = None, via: str = "page") -> Answer:
    """Page the next level now, without taking anything back from those already paged."""

    def words(item: Item, before: RunState) -> str:
        return _present(item) if item.state == before else f"Level {item.state.level} is paged now."

    return _answer(run_id, by, now, NextCalled(by=str(by.pk), cycle=cycle), words, via)


def complete(
    *, escalation_id: UUID, by: User, now: datetime, tried: str = "", impact: str = "", wanted: str = ""
) -> Escalation:
    """Add what was tried, the impact, or what is wanted to an open escalation; empty texts leave what is there."""
    given = {"tried": tried.strip(), "impact": impact.strip(), "wanted": wanted.strip()}
    given = {name: text for name, text in given.items() if text}
    with transaction.atomic():
        run = Run.objects.filter(escalation_id=escalation_id).first()
        if run is None:
            raise NotFound("escalation_not_found", "There is no such escalation.")
        work = _open(run.pk, by, now)
        item = work.items[0]
        if given:
            for name, text in given.items():
                setattr(item.escalation, name, text)
            item.escalation.save(update_fields=list(given))
            work.note(item, "escalation.completed", given)
            finish(work)
        return item.escalation


def resolve_escalation(*, escalation_id: UUID, by: User, outcome: str, now: datetime) -> Escalation:
    """Close the escalation as done; the ticket may stay open. Every page not yet out is withdrawn."""
    outcome = _reason(outcome, "Say what was done.", "outcome")
    return _close(escalation_id, by, now, Resolved(by=str(by.pk)), outcome, directing=False)


def cancel(*, escalation_id: UUID, by: User, reason: str, now: datetime) -> Escalation:
    """Call the escalation off, with a reason."""
    reason = _reason(reason, "Say why the escalation is called off.")
    return _close(escalation_id, by, now, Cancelled(by=str(by.pk), reason=reason), reason, directing=True)


def _close(
    escalation_id: UUID, by: User, now: datetime, event: RunEvent, outcome: str, *, directing: bool
) -> Escalation:
    with transaction.atomic():
        run = Run.objects.filter(escalation_id=escalation_id).first()
        if run is None:
            raise NotFound("escalation_not_found", "There is no such escalation.")
        work = _open(run.pk, by, now)
        item = work.items[0]
        allowed = may_cancel if directing else may_answer
        if not allowed.test(by, item.ticket):
            raise NotAllowed("not_allowed", "Only a lead or an escalation manager may call an escalation off.")
        if item.escalation.state != EscalationState.OPEN:
            raise Conflict(
                "escalation_closed", f"The escalation is already {item.escalation.get_state_display().lower()}."
            )
        item.escalation.outcome = outcome
        item.escalation.save(update_fields=["outcome"])
        work.apply(item, event)
        work.note(item, "escalation.closed", {"outcome": outcome, "as": str(item.state.status)})
        finish(work)
        return item.escalation


def approve(*, run_id: UUID, by: User, now: datetime) -> Answer:
    """Let a demanded escalation begin to climb."""
    return _decide_approval(run_id, by, now, approved=True, reason="")


def refuse(*, run_id: UUID, by: User, now: datetime, reason: str) -> Answer:
    """Refuse a demanded escalation, with a reason that the front line reads."""
    return _decide_approval(
        run_id, by, now, approved=False, reason=_reason(reason, "Say why, so that the front line knows.")
    )


def _decide_approval(run_id: UUID, by: User, now: datetime, *, approved: bool, reason: str) -> Answer:
    with transaction.atomic():
        ticket_id = Run.objects.filter(pk=run_id).values_list("ticket_id", flat=True).first()
        if ticket_id is None:
            raise NotFound("run_not_found", "There is no such escalation run.")
        ticket = locked_ticket(ticket_id)
        asked = Approval.objects.filter(run_id=run_id).first()
        if asked is None:
            raise NotFound("approval_not_found", "No approval was asked for this escalation.")
        if not (asked.approvers.filter(pk=by.pk).exists() or may_cancel.test(by, ticket)):
            raise NotAllowed("not_allowed", "Only the approvers who were asked may decide this.")
        work = Work(load([run_id]), now, f"person:{by.pk}")
        item = work.items[0]
        if item.state.status is not RunStatus.PENDING_APPROVAL:
            return Answer(changed=False, status=str(item.state.status), message=_present(item))
        asked.decided_at, asked.decided_by, asked.approved, asked.reason = now, by, approved, reason
        asked.save()
        work.apply(item, Approved(by=str(by.pk)) if approved else Refused(by=str(by.pk), reason=reason))
        if not approved:
            item.escalation.state, item.escalation.closed_at = EscalationState.REFUSED, now
            item.escalation.outcome = reason
            item.escalation.save(update_fields=["state", "closed_at", "outcome"])
        finish(work)
        message = "Approved: the first level is paged." if approved else "Refused: nobody is paged."
        return Answer(changed=True, status=str(item.state.status), message=message)


def _reason(text: str, remedy: str, field: str = "reason") -> str:
    text = text.strip()
    if not text:
        raise InvalidInput("reason_missing", remedy, {field: remedy})
    return text[:REASON_MAX]
