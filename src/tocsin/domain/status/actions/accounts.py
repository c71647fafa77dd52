"""Account escalations: several tickets of one customer under one owner, plan and clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from rules.predicates import Predicate

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.status import rules
from tocsin.domain.status.actions.recording import LONGEST, text
from tocsin.domain.status.enums import AccountState, Held, Outcome
from tocsin.domain.status.logic import clock
from tocsin.domain.status.models import AccountEscalation, AccountTicket, AccountUpdate
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

LEAST_HOURS, MOST_HOURS = 1, 336
RUNNERS = "Only its owner, the account manager, leads and escalation managers can do this. Ask one of them."
WORKERS = "Only those who work on tickets can do this."


@transaction.atomic
def open_account_escalation(
    *, organisation: Organisation, title: str, concern: str, tickets: Sequence[Ticket], target_at: datetime, by: User,
    now: datetime, plan: str = "", offer_to: User | None = None, update_hours: int = 24,
) -> AccountEscalation:  # fmt: skip
    """Take several tickets of a customer together. Whoever is offered it owns it once it is accepted; oneself at once.

    Raises Conflict if the customer has an open one, InvalidInput for tickets of somebody else or a date gone by.
    """
    if not rules.may_open_account_escalation.test(by):
        raise NotAllowed("not_allowed", WORKERS)
    _later("target_at", target_at, now)
    hours = _hours(update_hours)
    made = AccountEscalation(
        number=_next_number(), organisation=organisation, title=text("title", title, 160),
        concern=text("concern", concern, LONGEST), plan=text("plan", plan, LONGEST, required=False), target_at=target_at,
        update_hours=hours, next_update_at=clock.next_update(now, hours), opened_at=now, opened_by=by,
    )  # fmt: skip
    made.due_at = clock.due(standing_of(made))
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        message = f"{organisation.name} has an open account escalation. Add the tickets to that one."
        raise Conflict("account_escalation_open", message) from None
    if not tickets:
        raise InvalidInput("no_ticket", "Choose its tickets.", {"tickets": "Choose at least one."})
    journal(made, "account.opened", by, now, title=made.title)
    for ticket in tickets:
        _add(made, ticket, by, now)
    _offer(made, offer_to, by, now)
    return made


@transaction.atomic
def offer_account_escalation(*, escalation_id: UUID, to: User, by: User, now: datetime) -> AccountEscalation:
    """Offer it to somebody. Until it is accepted the present owner owns it."""
    found = _open(escalation_id, by, rules.may_run_account_escalation, RUNNERS)
    if to.pk == found.owner_id:
        raise InvalidInput("owns_it", f"{to.name} owns it already.", {"to": "Choose somebody else."})
    _offer(found, to, by, now)
    return found


@transaction.atomic
def answer_account_offer(
    *, escalation_id: UUID, accept: bool, by: User, now: datetime, reason: str = ""
) -> AccountEscalation:
    """Accept it (and own it from now on), or decline with a reason."""
    message = "It is not offered to you."
    found = _open(escalation_id, by, rules.may_answer_account_offer, message)
    said = text("reason", reason, 500, required=not accept)
    before = found.owner
    if accept:
        found.owner = by
    found.offered_to = found.offered_at = None
    found.save(update_fields=["owner", "offered_to", "offered_at"])
    journal(found, "account.accepted" if accept else "account.declined", by, now, reason=said)
    told = {one.pk: one for one in (before, found.organisation.account_manager) if one is not None and one.pk != by.pk}
    verb = "accepted" if accept else "declined"
    words = f"{by.name} {verb} {found.reference} {found.title}." + (f" {said}" if said else "")
    notify_people(found, list(told), f"{found.reference}: {by.name} {verb}", words, now)
    return found


@transaction.atomic
def add_ticket(*, escalation_id: UUID, ticket: Ticket, by: User, now: datetime) -> AccountEscalation:
    """Take another ticket of the customer in. Raises InvalidInput for one of somebody else; again changes nothing."""
    found = _open(escalation_id, by, rules.may_open_account_escalation, WORKERS)
    _add(found, ticket, by, now)
    return found


@transaction.atomic
def remove_ticket(*, escalation_id: UUID, ticket: Ticket, by: User, now: datetime) -> AccountEscalation:
    """Take a ticket out; the last one stays (end the account escalation instead)."""
    found = _open(escalation_id, by, rules.may_run_account_escalation, RUNNERS)
    held = AccountTicket.objects.filter(escalation=found, state=Held.IN)
    row = held.filter(ticket=ticket).first()
    if row is None:
        raise NotFound("not_in_it", f"{ticket.reference} is not in {found.reference}.")
    if held.count() == 1:
        raise Conflict("last_ticket", "It is the last ticket. End the account escalation instead.")
    row.state, row.removed_at = Held.OUT, now
    row.save(update_fields=["state", "removed_at"])
    journal(found, "account.ticket_removed", by, now, ticket=ticket)
    return found


@transaction.atomic
def update_account_escalation(*, escalation_id: UUID, body: str, by: User, now: datetime) -> AccountUpdate:
    """Tell the customer's side the next word: stakeholders read it in their briefing. The next one is promised anew."""
    found = _open(escalation_id, by, rules.may_run_account_escalation, RUNNERS)
    said = AccountUpdate.objects.create(escalation=found, body=text("body", body, LONGEST), at=now, by=by)
    found.next_update_at, found.update_missed_at = clock.next_update(now, found.update_hours), None
    found.due_at = clock.due(standing_of(found))
    found.save(update_fields=["next_update_at", "update_missed_at", "due_at"])
    journal(found, "account.updated", by, now)
    return said


@transaction.atomic
def change_account_escalation(
    *, escalation_id: UUID, by: User, now: datetime, title: str, concern: str, plan: str, target_at: datetime,
    update_hours: int,
) -> AccountEscalation:  # fmt: skip
    """Change its words, plan, date or cadence. A new date is watched anew, and the old one stays in the journal."""
    found = _open(escalation_id, by, rules.may_run_account_escalation, RUNNERS)
    before, hours = found.target_at, _hours(update_hours)
    found.title, found.concern = text("title", title, 160), text("concern", concern, LONGEST)
    found.plan = text("plan", plan, LONGEST, required=False)
    if target_at != before:
        _later("target_at", target_at, now)
        found.target_at, found.target_missed_at = target_at, None
    if hours != found.update_hours:
        last = found.next_update_at - timedelta(hours=found.update_hours)
        found.update_hours, found.next_update_at, found.update_missed_at = hours, clock.next_update(last, hours), None
    found.due_at = clock.due(standing_of(found))
    found.save()
    journal(found, "account.changed", by, now, before=before.isoformat(), target=found.target_at.isoformat())
    return found


@transaction.atomic
def end_account_escalation(
    *, escalation_id: UUID, outcome: str, outcome_text: str, by: User, now: datetime
) -> AccountEscalation:
    """End it with its outcome in the customer's eyes. Its tickets go on as they are."""
    found = _open(escalation_id, by, rules.may_run_account_escalation, RUNNERS)
    if outcome not in Outcome.values:
        raise InvalidInput("bad_outcome", "Say how it ended.", {"outcome": "Choose one of the outcomes."})
    found.outcome, found.outcome_text = outcome, text("outcome_text", outcome_text, LONGEST)
    found.state, found.ended_at, found.due_at = AccountState.ENDED, now, None
    found.offered_to = found.offered_at = None
    found.save()
    journal(found, "account.ended", by, now, outcome=outcome)
    for row in AccountTicket.objects.filter(escalation=found, state=Held.IN).select_related("ticket"):
        _on_ticket(found, row.ticket, "account.ended", by, now)
    return found


def _open(escalation_id: UUID, by: User, rule: Predicate, message: str) -> AccountEscalation:
    """Lock an open account escalation on which `by` may act."""
    found = AccountEscalation.objects.select_for_update(of=("self",)).filter(pk=escalation_id).first()
    if found is None or not rules.may_see_accounts.test(by):
        raise NotFound("account_escalation_not_found", "There is no such account escalation, or you may not see it.")
    if not rule.test(by, found):
        raise NotAllowed("not_allowed", message)
    if found.state != AccountState.OPEN:
        raise Conflict("account_escalation_ended", f"{found.reference} has ended. Open a new one if it has come back.")
    return found


def _offer(found: AccountEscalation, to: User | None, by: User, now: datetime) -> None:
    if to is None or to.pk == by.pk:
        found.owner, found.offered_to, found.offered_at = by, None, None
        found.save(update_fields=["owner", "offered_to", "offered_at"])
        journal(found, "account.accepted", by, now)
        return
    if not is_staff.test(to):
        raise InvalidInput(
            "not_staff", "It is owned by somebody who works on tickets.", {"to": "Choose somebody else."}
        )
    found.offered_to, found.offered_at = to, now
    found.save(update_fields=["offered_to", "offered_at"])
    journal(found, "account.offered", by, now, to=str(to.pk))
    words = f"{by.name} offers you the account escalation of {found.organisation.name}: {found.title}. Accept or decline it."
    notify_people(found, [to.pk], f"{found.reference} is offered to you", words, now)


def _add(found: AccountEscalation, ticket: Ticket, by: User, now: datetime) -> None:
    if ticket.organisation_id != found.organisation_id:
        problem = f"{ticket.reference} is not a ticket of {found.organisation.name}."
        raise InvalidInput("foreign_ticket", problem, {"tickets": problem})
    row, is_new = AccountTicket.objects.get_or_create(
        escalation=found, ticket=ticket, defaults={"added_at": now, "added_by": by}
    )
    if not is_new and row.state == Held.IN:
        return
    row.state, row.removed_at = Held.IN, None
    row.save(update_fields=["state", "removed_at"])
    journal(found, "account.ticket_added", by, now, ticket=ticket)


def notify_people(found: AccountEscalation, people: Sequence[UUID], subject: str, body: str, now: datetime) -> None:
    pages = [
        PageRequest(
            user_id=pk, purpose="notice", urgency=Urgency.HIGH, subject=subject, body=body,
            data={"reference": found.reference, "path": f"/account-escalations/{found.number}"},
        )
        for pk in people
    ]  # fmt: skip
    enqueue(pages=pages, now=now)


def journal(
    found: AccountEscalation, kind: str, by: User | None, now: datetime, *, ticket: Ticket | None = None, **data: Any
) -> None:
    """Journal an act on the account escalation's stream and, if a ticket comes or goes, on the ticket's in one go."""
    actor = f"person:{by.pk}" if by is not None else "system"
    shown = {"reference": found.reference, **data, **({"ticket": ticket.reference} if ticket else {})}
    facts = [Fact(stream=f"account:{found.pk}", kind=kind, at=now, actor=actor, data=shown)]
    if ticket is not None:
        told = {"reference": found.reference, "title": found.title, "number": found.number}
        facts.append(Fact(stream=f"ticket:{ticket.pk}", kind=kind, at=now, actor=actor, data=told))
    record_many(facts)


def _on_ticket(found: AccountEscalation, ticket: Ticket, kind: str, by: User, now: datetime) -> None:
    told = {"reference": found.reference, "title": found.title, "number": found.number, "outcome": found.outcome}
    record_many([Fact(stream=f"ticket:{ticket.pk}", kind=kind, at=now, actor=f"person:{by.pk}", data=told)])


def standing_of(found: AccountEscalation) -> clock.Standing:
    return clock.Standing(
        target_at=found.target_at, target_missed_at=found.target_missed_at, next_update_at=found.next_update_at,
        update_missed_at=found.update_missed_at,
    )  # fmt: skip


def _later(name: str, at: datetime, now: datetime) -> None:
    if at <= now:
        raise InvalidInput("in_the_past", "Choose a date to come.", {name: "Choose a date to come."})


def _hours(hours: int) -> int:
    if not LEAST_HOURS <= hours <= MOST_HOURS:
        problem = f"Choose between {LEAST_HOURS} and {MOST_HOURS} hours."
        raise InvalidInput("bad_hours", problem, {"update_hours": problem})
    return hours


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('status_account_number')")
        return int(cursor.fetchone()[0])
