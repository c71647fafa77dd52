"""Recovery: a bad rating is answered by a person who calls, within business time (SEMANTICS 8)."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from tocsin.domain.calendars.logic.business import CalendarError
from tocsin.domain.escalation.queries import catch_all
from tocsin.domain.feedback import queries, rules
from tocsin.domain.feedback.actions.asking import work_off
from tocsin.domain.feedback.actions.promised import hand_on_call, promise_call, settle_call
from tocsin.domain.feedback.actions.telling import tell
from tocsin.domain.feedback.enums import RecoveryState
from tocsin.domain.feedback.events import RecoveryEnded
from tocsin.domain.feedback.logic import recovering
from tocsin.domain.feedback.logic.recovering import Candidate
from tocsin.domain.feedback.models import Recovery
from tocsin.domain.journal.publish import publish
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.people.queries import answerable
from tocsin.domain.tickets.models import Rating, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

LONGEST = 5_000


def open_recovery(*, rating: Rating, now: datetime) -> Recovery | None:
    """Name who calls, and by when; None if this rating has its recovery already. In the rating's transaction."""
    if Recovery.objects.filter(rating=rating).exists():
        return None
    ticket = Ticket.objects.select_related("organisation", "team", "requester").get(pk=rating.ticket_id)
    minutes = queries.setting().callback_minutes
    callback_at = _callback_at(ticket, minutes, now)
    owner, why = _owner(ticket, now)
    made = Recovery.objects.create(
        rating=rating, ticket=ticket, score=rating.score, owner=owner, owner_why=why, opened_at=now,
        callback_at=callback_at, due_at=recovering.remind_at(now, callback_at),
    )  # fmt: skip
    promise_call(made, now=now)
    tell(
        ticket.pk, "recovery.opened", now, recovery=made.pk, score=rating.score, owner=owner.pk if owner else None,
        why=why, callback_at=callback_at,
    )  # fmt: skip
    who = ticket.requester.name if ticket.requester else "The customer"
    _notify([owner], made, ticket, f"{who} rated {ticket.reference} {rating.score} of 5: call by {{by}}", now)
    return made


def _callback_at(ticket: Ticket, minutes: int, now: datetime) -> datetime:
    """Return when the customer is to be called, in business time; in elapsed time where the calendar never opens."""
    try:
        return queries.calendar_for(ticket).add_business_time(now, minutes * 60)
    except CalendarError:
        return now + timedelta(minutes=minutes)


def _owner(ticket: Ticket, now: datetime) -> tuple[User | None, str]:
    """Account manager, team's lead, its escalation manager, the ticket's owner, catch-all; deputies stand in."""
    customer, team, last = ticket.organisation, ticket.team, catch_all()
    wanted = [
        Candidate(customer.account_manager_id if customer else None, "account manager"),
        Candidate(team.lead_id if team else None, "lead of the team"),
        Candidate(team.escalation_manager_id if team else None, "escalation manager of the team"),
        Candidate(ticket.owner_id, "owner of the ticket"),
        Candidate(last.pk if last else None, "catch-all"),
    ]
    while (chosen := recovering.owner_of(wanted)) is not None and chosen.person is not None:
        found, _ = answerable(chosen.person, now)
        if found is not None:
            deputy = found.pk != chosen.person
            return found, f"deputy of the {chosen.why}" if deputy else chosen.why
        wanted = wanted[wanted.index(chosen) + 1 :]
    return None, ""


def recover_due(*, now: datetime, limit: int = 200) -> int:
    """Remind owners of calls that are near, and tell those who lead of calls that were missed."""
    rows = Recovery.objects.filter(due_at__lte=now).order_by("due_at", "pk").values_list("pk", "ticket_id")[:limit]
    return sum(work_off(Recovery, _take, pk, ticket_id, now) for pk, ticket_id in rows)


def _take(pk: UUID, now: datetime) -> bool:
    found = Recovery.objects.select_for_update(skip_locked=True).filter(pk=pk, due_at__lte=now).first()
    if found is None:
        return False
    ticket = Ticket.objects.select_related("requester", "team").get(pk=found.ticket_id)
    owner = User.objects.filter(pk=found.owner_id).first() if found.owner_id else None
    who = ticket.requester.name if ticket.requester else "the customer"
    if recovering.step_at(now=now, callback_at=found.callback_at) is recovering.Step.REMIND:
        found.reminded_at, found.due_at = now, found.callback_at
        tell(ticket.pk, "recovery.reminded", now, recovery=found.pk, owner=found.owner_id)
        _notify([owner], found, ticket, f"{ticket.reference}: call {who} by {{by}}", now)
    else:
        found.missed_at, found.due_at = now, None
        tell(ticket.pk, "recovery.missed", now, recovery=found.pk, owner=found.owner_id)
        leads = User.objects.filter(pk__in=_those_who_lead(ticket))
        _notify([owner, *leads], found, ticket, f"{ticket.reference}: {who} was not called by {{by}}", now)
    found.save(update_fields=["reminded_at", "missed_at", "due_at"])
    return True


def _those_who_lead(ticket: Ticket) -> list[UUID]:
    team, last = ticket.team, catch_all()
    found = [team.lead_id, team.escalation_manager_id] if team else []
    return [one for one in found if one] or ([last.pk] if last else [])


def _notify(people: list[User | None], found: Recovery, ticket: Ticket, subject: str, now: datetime) -> None:
    """Tell each person once, with the time in their own zone."""
    where = f"{settings.BASE_URL}/feedback/recovery/{found.pk}" if settings.BASE_URL else ""
    pages = []
    for person in {one.pk: one for one in people if one is not None}.values():
        by = f"{found.callback_at.astimezone(ZoneInfo(person.zone)):%a %H:%M}"
        page = PageRequest(
            user_id=person.pk, ticket=ticket.pk, purpose="notice", urgency=Urgency.HIGH,
            subject=subject.replace("{by}", by)[:300],
            body=f"{ticket.subject}\n\nListen first, agree what happens, and write down what came of it.\n{where}",
            data={"reference": ticket.reference, "number": ticket.number},
        )  # fmt: skip
        pages.append(page)
    enqueue(pages=pages, now=now)


@transaction.atomic
def end_recovery(
    *, recovery_id: UUID, reached: bool, agreed: str, regained: bool, by: User, now: datetime
) -> Recovery:  # fmt: skip
    """Record what came of the call. `agreed` is needed where the customer was reached.

    Raises NotFound, NotAllowed, Conflict when somebody has recorded it already, InvalidInput.
    """
    found = _locked(recovery_id, by)
    if not rules.may_end_recovery.test(by, found):
        raise NotAllowed("not_allowed", "Whoever owns the call records what came of it, or a lead.")
    words = agreed.strip()
    problem = ""
    if reached and not words:
        problem = "Write down what was agreed, so that nobody asks the customer again."
    elif len(words) > LONGEST or "\x00" in words:
        problem = f"At most {LONGEST} characters, none of them NUL."
    if problem:
        raise InvalidInput("agreed", problem, {"agreed": problem})
    found.state = (
        RecoveryState.UNREACHED if not reached else RecoveryState.REGAINED if regained else RecoveryState.NOT_REGAINED
    )
    found.agreed, found.closed_at, found.closed_by, found.due_at = words, now, by, None
    found.save()
    settle_call(found, reached=reached, by=by, now=now)
    tell(found.ticket_id, "recovery.ended", now, by=by, recovery=found.pk, state=str(found.state))
    publish(RecoveryEnded(recovery_id=found.pk, ticket_id=found.ticket_id, state=found.state, at=now))
    return found


@transaction.atomic
def give_recovery(*, recovery_id: UUID, owner: User, by: User, now: datetime) -> Recovery:
    """Let somebody else call, who is told. The time to call by stays. Raises as `end_recovery` does."""
    found = _locked(recovery_id, by)
    if not rules.may_give_recovery.test(by, found):
        raise NotAllowed("not_allowed", "Whoever owns the call may hand it on, or a lead.")
    if not rules.may_own_recovery.test(owner):
        problem = "Choose somebody who works here and has an account."
        raise InvalidInput("owner", problem, {"owner": problem})
    if found.owner_id == owner.pk:
        return found
    found.owner, found.owner_why = owner, "handed on"
    found.save(update_fields=["owner", "owner_why"])
    hand_on_call(found, by=by, now=now)
    tell(found.ticket_id, "recovery.given", now, by=by, recovery=found.pk, owner=owner.pk)
    ticket = Ticket.objects.select_related("requester").get(pk=found.ticket_id)
    who = ticket.requester.name if ticket.requester else "the customer"
    if owner.pk != by.pk:
        _notify([owner], found, ticket, f"{ticket.reference}: please call {who} by {{by}}", now)
    return found


def _locked(recovery_id: UUID, by: User) -> Recovery:
    ticket_id = queries.access_recovery(by, recovery_id).ticket_id
    Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    found = Recovery.objects.select_for_update().filter(pk=recovery_id).first()
    if found is None:
        raise NotFound("recovery_not_found", "There is no such recovery.")
    if found.state != RecoveryState.OPEN:
        raise Conflict("recovery_ended", "What came of it is recorded already. Look at it again.")
    return found
