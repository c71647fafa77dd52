"""Taking a decision: one act with its record. Beyond one's limit the same act asks the lowest who may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from tocsin.domain.decisions.actions.keeping import LARGEST
from tocsin.domain.decisions.actions.telling import tell_asked
from tocsin.domain.decisions.enums import RequestState, Unit
from tocsin.domain.decisions.logic import rights
from tocsin.domain.decisions.logic.rights import Entry, Right
from tocsin.domain.decisions.models import Decision, Request, Taken
from tocsin.domain.decisions.queries import catalogue, on_tickets
from tocsin.domain.decisions.rules import may_take_decisions
from tocsin.domain.escalation.ticket_views import ticket_views
from tocsin.domain.people.models import User
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, text
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import home_team
from tocsin.kernel.errors import Conflict, InvalidInput

WORKERS = "Only those who work on tickets take decisions on them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the act: it was taken, or somebody who may was asked."""

    taken: Taken | None = None
    request: Request | None = None


@transaction.atomic
def decide(
    *,
    ticket_id: UUID,
    decision_id: UUID,
    reason: str,
    by: User,
    now: datetime,
    amount: Decimal | None = None,
    fields: Mapping[str, str] | None = None,
) -> Outcome:
    """Take a decision on a ticket with its record, or ask the lowest who may if it is beyond one's limit (SEMANTICS 6).

    `amount` is in the decision's unit. `fields`: {label: text} of what the catalogue wants recorded. Raises
    InvalidInput naming what is missing, Conflict on a closed ticket, while the same is being asked for, and where
    the catalogue knows nobody who may.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, may_take_decisions, WORKERS)
    ticket = recording.ticket
    if ticket.status == Status.CLOSED:
        raise Conflict("wrong_status", f"{ticket.reference} is closed. Reopen it first.")
    # Locked, so that its row and its rights are of one version.
    Decision.objects.select_for_update(no_key=True).filter(pk=decision_id).first()
    decision = catalogue.decision_by_id(decision_id)
    entry = catalogue.entry_of(decision)
    view = ticket_views([ticket.pk], now)[ticket.pk]
    if why := rights.why_not_here(entry, on_tickets.case_of(ticket, decision, view, now)):
        raise InvalidInput("not_here", f"{decision.name}: {why}", {"decision": why})
    size = checked_amount(decision, amount)
    words = text("reason", reason, limit=5_000, required=True)
    kept = _kept(decision, fields or {})
    verdict = rights.judge(entry, catalogue.standing_of(by), size)
    if verdict.allowed and verdict.right is not None:
        taken = Taken.objects.create(
            decision=decision, version=decision.version, ticket=ticket, by=by, team=home_team(by, ticket.team),
            amount=size, reason=words, record=kept, right=named(verdict.right, entry), at=now,
        )  # fmt: skip
        note_taken(recording, taken, entry)
        recording.owner_acts()
        finish(recording)
        return Outcome(taken=taken)
    return Outcome(request=_ask(recording, decision, entry, size, words, kept))


def note_taken(recording: Recording, taken: Taken, entry: Entry) -> None:
    """Journal a decision on its ticket."""
    recording.fact(
        "decision.taken", decision=taken.decision.slug, name=taken.decision.name, version=taken.version,
        size=rights.sized(taken.amount, entry.unit, entry.unit_name), reason=taken.reason, record=dict(taken.record),
        right=taken.right, by=taken.by_id, approved_by=taken.approved_by_id,
    )  # fmt: skip


def named(right: Right, entry: Entry) -> str:
    """Return a right as it stands in records: the name, and its limit."""
    limit = rights.limit_of(right, entry)
    return f"{right.name}, up to {limit}" if limit else right.name


def _ask(
    recording: Recording, decision: Decision, entry: Entry, size: Decimal | None, reason: str, kept: dict[str, str]
) -> Request:
    ticket, by, now = recording.ticket, recording.by, recording.now
    if by is None:
        raise InvalidInput("nobody", "A decision is taken by a person. Say who takes it.")
    _check_free(ticket, decision)
    asked = on_tickets.will_be_asked(entry, size, ticket, by, now)
    if asked is None:
        problem = "Nobody whom the catalogue names may decide this, or nobody of them is there. Escalate it."
        raise Conflict("nobody_may", f"{decision.name}: {problem}", {"amount": problem})
    request = Request.objects.create(
        decision=decision, version=decision.version, ticket=ticket, asked_by=by, team=home_team(by, ticket.team),
        amount=size, reason=reason, record=kept, as_who=asked.as_who, asked_at=now,
        due_at=now + timedelta(minutes=decision.answer_within),
    )  # fmt: skip
    request.asked_of.set(asked.people)
    recording.fact(
        "decision.asked", request=request.pk, decision=decision.slug, name=decision.name,
        size=rights.sized(size, entry.unit, entry.unit_name), reason=reason, record=kept, as_who=asked.as_who,
        asked=", ".join(one.name for one in asked.people), evidence=list(asked.evidence), due_at=request.due_at,
    )  # fmt: skip
    recording.owner_acts()
    finish(recording)
    tell_asked(request, asked.people, entry, now)
    return request


def _check_free(ticket: Ticket, decision: Decision) -> None:
    if Request.objects.filter(ticket=ticket, decision=decision, state=RequestState.ASKED).exists():
        message = (
            f"{decision.name} is being asked for on {ticket.reference} already. Wait for the answer, or withdraw it."
        )
        raise Conflict("asked_already", message)


def checked_amount(decision: Decision, amount: Decimal | None) -> Decimal | None:
    """Return a size as it is kept, None where the decision has no unit. Raises InvalidInput at `amount`."""
    if decision.unit == Unit.NONE:
        return None
    problem = ""
    if amount is None:
        problem = f"Say how much, in {decision.unit_name}."
    elif not amount.is_finite() or not 0 < amount <= LARGEST:
        problem = f"Give a number of {decision.unit_name} above 0."
    elif decision.unit == Unit.COUNT and amount != amount.to_integral_value():
        problem = f"Give a whole number of {decision.unit_name}."
    elif amount != amount.quantize(Decimal("0.01")):
        problem = "At most two decimals."
    if problem:
        raise InvalidInput("bad_amount", f"{decision.name}: {problem}", {"amount": problem})
    return amount


def _kept(decision: Decision, fields: Mapping[str, str]) -> dict[str, str]:
    """Return what is to be recorded, complete."""
    unknown = [name for name in fields if name not in decision.fields]
    if unknown:
        problem = (
            f"{decision.name} records no “{unknown[0]}”. It records: {', '.join(decision.fields) or 'nothing more'}."
        )
        raise InvalidInput("unknown_field", problem, {"fields": problem})
    kept = {label: text("fields", fields.get(label, ""), limit=2_000) for label in decision.fields}
    missing = {label: "Fill this in: it is recorded with the decision." for label, said in kept.items() if not said}
    if missing:
        message = f"{decision.name} wants to be recorded with: {', '.join(missing)}."
        raise InvalidInput("record_incomplete", message, {**missing, "fields": message})
    return kept
