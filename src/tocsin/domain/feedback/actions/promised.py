"""The call after a bad rating is a promise like any other: it stands in the ledger and in the portal (SEMANTICS 7, 8)."""

from datetime import datetime

from tocsin.domain.feedback.enums import RecoveryState
from tocsin.domain.feedback.logic import recovering
from tocsin.domain.feedback.models import Recovery
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.stakeholders.enums import PromiseSource, PromiseState
from tocsin.domain.stakeholders.events import PromiseMade, PromiseSettled
from tocsin.domain.stakeholders.models import Promise

WHAT = "a call back"


def promise_call(found: Recovery, *, now: datetime) -> None:
    """Write the call down as its owner's promise. None where nobody of the staff owns it, or its time is over."""
    owner = found.owner
    if owner is None or not is_staff.test(owner) or found.callback_at <= now:
        return
    found.promise = stakeholders.make_promise(
        ticket_id=found.ticket_id, what=WHAT, due_at=found.callback_at, by=None, actor="engine", promiser=owner, now=now,
        source=PromiseSource.RECOVERY,
    )  # fmt: skip
    found.save(update_fields=["promise"])


def hand_on_call(found: Recovery, *, by: User, now: datetime) -> None:
    """Let the promise be the new owner's. What is broken stays with whoever broke it."""
    if _is_open(found, now) and found.promise is not None:
        reason = f"{found.owner.name if found.owner else 'Somebody else'} calls instead."
        _as(by, found.promise, reason=reason, now=now)
    if found.promise is None or found.promise.state != PromiseState.BROKEN:
        promise_call(found, now=now)


def settle_call(found: Recovery, *, reached: bool, by: User, now: datetime) -> None:
    """Keep the promise, late if it is; call it off where the customer could not be reached in time."""
    promise = found.promise
    if promise is None:
        return
    if reached and promise.state in (PromiseState.OPEN, PromiseState.BROKEN):
        stakeholders.keep_promise(promise_id=promise.pk, by=None, actor=f"person:{by.pk}", now=now)
    elif not reached and _is_open(found, now):
        _as(by, promise, reason="The customer could not be reached.", now=now)


def on_promise_made(event: PromiseMade) -> None:
    """Renegotiated in the ledger, the call is due when the new promise is."""
    new = Promise.objects.get(pk=event.promise_id)
    if new.source != PromiseSource.RECOVERY or new.renegotiates_id is None:
        return
    found = Recovery.objects.filter(promise=new.renegotiates_id, state=RecoveryState.OPEN).first()
    if found is not None:
        found.promise, found.callback_at, found.missed_at = new, new.due_at, None
        found.due_at = recovering.remind_at(event.at, new.due_at)
        found.save(update_fields=["promise", "callback_at", "missed_at", "due_at"])


def on_promise_settled(event: PromiseSettled) -> None:
    """Said to be kept in the ledger, the call is not missed any more; what came of it is still to be written down."""
    if event.state == PromiseState.KEPT:
        Recovery.objects.filter(promise=event.promise_id, state=RecoveryState.OPEN).update(due_at=None)


def _is_open(found: Recovery, now: datetime) -> bool:
    return found.promise is not None and found.promise.state == PromiseState.OPEN and now < found.promise.due_at


def _as(by: User, promise: Promise, *, reason: str, now: datetime) -> None:
    stakeholders.cancel_promise(promise_id=promise.pk, reason=reason, by=None, actor=f"person:{by.pk}", now=now)
