"""How a promise ends, and what follows when it is broken (SEMANTICS 3: a missed promise is a trigger)."""

from datetime import datetime

from tocsin.domain.escalation.actions.firing import look_at
from tocsin.domain.escalation.logic.triggers import Happening
from tocsin.domain.journal.publish import publish
from tocsin.domain.stakeholders.enums import PromiseState
from tocsin.domain.stakeholders.events import PromiseSettled
from tocsin.domain.stakeholders.logic.promising import Act, Refused, after
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets.actions.recording import Recording
from tocsin.kernel.errors import Conflict


def settle(promise: Promise, recording: Recording, act: Act, reason: str = "") -> None:
    """Move a locked promise out of open. Raises Conflict with the remedy where its table has no such move."""
    try:
        state = after(promise.state, act, due_at=promise.due_at, now=recording.now)
    except Refused as refused:
        raise Conflict("promise_ended", refused.remedy, {"promise": refused.remedy}) from None
    promise.state, promise.reason = state, reason
    promise.settled_at, promise.settled_by, promise.next_at = recording.now, recording.actor, None
    promise.save(update_fields=["state", "reason", "settled_at", "settled_by", "next_at"])


def break_promise(promise: Promise, recording: Recording) -> None:
    """Mark a promise broken whose time is over (on a locked ticket). The caller finishes, then `escalate_broken`."""
    settle(promise, recording, Act.MISS)
    promise.settled_at, promise.settled_by = promise.due_at, "engine"
    promise.save(update_fields=["settled_at", "settled_by"])
    recording.fact(
        "promise.broken", promise=promise.pk, what=promise.what, by_person=promise.by_id, to=to_name(promise),
        due_at=promise.due_at,
    )  # fmt: skip


def escalate_broken(promise: Promise, now: datetime) -> None:
    """Publish that it is broken, and hold it against the policies' triggers."""
    publish(
        PromiseSettled(promise_id=promise.pk, ticket_id=promise.ticket_id, state=PromiseState.BROKEN, at=now)
    )  # fmt: skip
    broken = Promise.objects.filter(ticket_id=promise.ticket_id, state=PromiseState.BROKEN).count()
    happening = Happening(kind="promise", text=promise.what, missed=broken, missed_what="promise")
    look_at(ticket_id=promise.ticket_id, happening=happening, actor="engine", now=now)


def to_name(promise: Promise) -> str:
    """Return the name of whom it was promised to."""
    if promise.to_person is not None:
        return promise.to_person.name
    return promise.organisation.name if promise.organisation is not None else "the customer"
