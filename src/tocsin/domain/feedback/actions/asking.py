"""Asking: planned when something ends, put when due, reminded once, ended (SEMANTICS 8)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.feedback import links, queries
from tocsin.domain.feedback.actions.telling import tell
from tocsin.domain.feedback.enums import AskState, Kind, Party
from tocsin.domain.feedback.events import FeedbackAsked
from tocsin.domain.feedback.logic import asking
from tocsin.domain.feedback.models import Ask
from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.queries import OWN_DOMAIN
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Ticket

GOES_ON = "it goes on"
TOGETHER = timedelta(days=1)  # a question about the escalation goes with the mail about the resolution
POISON_REST = timedelta(minutes=15)
type Claimed = Callable[[UUID, datetime], bool]


def ask_due(*, now: datetime, limit: int = 200) -> int:
    """Put, remind or end what is due; each in a transaction of its own. Returns how many were taken."""
    rows = Ask.objects.filter(due_at__lte=now).order_by("due_at", "kind", "pk").values_list("pk", "ticket_id")[:limit]
    return sum(work_off(Ask, _take, pk, ticket_id, now) for pk, ticket_id in rows)


def work_off(model: Any, step: Claimed, pk: UUID, ticket_id: UUID, now: datetime) -> bool:
    """Do what is due on one row; a row that fails is put off and told, so that it holds up nobody else."""
    try:
        with transaction.atomic():
            Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
            return step(pk, now)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble is no row's poison
    except Exception as error:
        with transaction.atomic():
            model.objects.filter(pk=pk, due_at__lte=now).update(due_at=now + POISON_REST)
            why = {"row": str(pk), "error": f"{type(error).__name__}: {error}"[:300]}
            record(stream="system", kind="alarm.feedback_failing", actor="engine", at=now, data=why)
        return True


def _take(pk: UUID, now: datetime) -> bool:
    ask = Ask.objects.select_for_update(skip_locked=True).filter(pk=pk, due_at__lte=now).first()
    if ask is None:
        return False
    ask = queries.ask_of(ask.pk)
    if ask.state == AskState.PLANNED:
        _put(ask, now)
    elif ask.state == AskState.ASKED:
        _go_on(ask, now)
    return True


def _put(ask: Ask, now: datetime) -> None:
    why = _why_not(ask, now)
    if why:
        skip(ask, why, now)
        return
    told = queries.setting()
    ask.state, ask.asked_at = AskState.ASKED, now
    ask.expires_at = now + timedelta(days=told.expire_days)
    alone = not (ask.kind == Kind.ESCALATION and ask.party == Party.CUSTOMER and _goes_with_csat(ask, now))
    remind_after = timedelta(hours=told.remind_hours) if alone else timedelta()
    ask.due_at, _ = asking.after_asking(now, remind_after=remind_after, expires_at=ask.expires_at)
    ask.save()
    tell(ask.ticket_id, "feedback.asked", now, ask=ask.pk, party=ask.party, about=ask.kind, person=ask.person_id)
    if alone:
        _send(ask, now, reminder=False)


def _why_not(ask: Ask, now: datetime) -> str:
    if ask.escalation is not None and ask.escalation.state == EscalationState.OPEN:
        return GOES_ON
    if ask.party != Party.CUSTOMER:
        return "" if ask.person.is_active else "nobody to ask"
    together = ask.kind == Kind.ESCALATION and _goes_with_csat(ask, now)
    stands = ask.kind == Kind.ESCALATION or (
        ask.ticket.status in lifecycle.ENDED and ask.ticket.resolved_at == ask.resolved_at
    )
    return asking.reason_not_to_ask(
        asking.Circumstances(
            stands=stands and ask.ticket.requester_id == ask.person_id,
            duplicate=queries.is_duplicate(ask.ticket),
            reachable=ask.person.is_active and not ask.person.email.endswith(f"@{OWN_DOMAIN}"),
            opted_out=queries.has_opted_out(ask.person_id),
            last_asked_at=None if together else queries.last_asked(ask.person_id, but=ask.pk),
            quiet=timedelta(days=queries.setting().quiet_days),
            now=now,
        )
    )


def _goes_with_csat(ask: Ask, now: datetime) -> bool:
    """Tell whether the same person was just asked about the same ticket's resolution: one mail is enough."""
    rows = Ask.objects.filter(ticket=ask.ticket_id, person=ask.person_id, kind=Kind.CSAT)
    return rows.filter(
        state__in=[AskState.ASKED, AskState.ANSWERED], asked_at__gt=now - TOGETHER, expires_at__gt=now
    ).exists()


def _send(ask: Ask, now: datetime, *, reminder: bool) -> None:
    if ask.party == Party.CUSTOMER:
        publish(FeedbackAsked(ask_id=ask.pk, ticket_id=ask.ticket_id, reminder=reminder, at=now))
        return
    count = len(queries.form_of(ask))
    again = "Once more, and then no more: " if reminder else ""
    where = links.ask_url(ask) or "Open Tocsin, Asked of me."
    page = PageRequest(
        user_id=ask.person_id, ticket=ask.ticket_id, purpose="notice", urgency=Urgency.NORMAL,
        subject=f"{again}{ask.ticket.reference}: how did the escalation go?"[:300],
        body=f"{count} short questions about {ask.ticket.reference}, {ask.ticket.subject}. They take a minute, and the "
        f"others answer them too.\n\n{where}",
        data={"reference": ask.ticket.reference, "number": ask.ticket.number},
    )  # fmt: skip
    enqueue(pages=[page], now=now)


def _go_on(ask: Ask, now: datetime) -> None:
    """Remind once, then end."""
    if ask.expires_at is None:
        raise ValueError("a question that was put has an end")
    told = queries.setting()
    # One mail serves both questions: the one that went along is not reminded of by itself.
    no_reminder = told.remind_hours == 0 or ask.reminded_at is not None or ask.due_at == ask.expires_at
    if asking.step_at(now=now, expires_at=ask.expires_at, reminded=no_reminder) is asking.Step.EXPIRE:
        ask.state, ask.due_at = AskState.EXPIRED, None
        ask.save(update_fields=["state", "due_at"])
        return
    ask.reminded_at, ask.due_at = now, ask.expires_at
    ask.save(update_fields=["reminded_at", "due_at"])
    if ask.party == Party.CUSTOMER and (queries.has_opted_out(ask.person_id) or not ask.person.is_active):
        return
    tell(ask.ticket_id, "feedback.reminded", now, ask=ask.pk, party=ask.party, about=ask.kind, person=ask.person_id)
    _send(ask, now, reminder=True)


def skip(ask: Ask, why: str, now: datetime) -> None:
    """Note that somebody is not asked, and why."""
    ask.state, ask.why, ask.due_at, ask.asked_at, ask.expires_at = AskState.SKIPPED, why[:120], None, None, None
    ask.save()
    tell(ask.ticket_id, "feedback.skipped", now, ask=ask.pk, party=ask.party, about=ask.kind, why=why)


@transaction.atomic
def not_sent(*, ask_id: UUID, why: str, now: datetime) -> None:
    """Note that the mail could not be written. A question that never left does not count as asked."""
    found = Ask.objects.select_for_update().filter(pk=ask_id, state=AskState.ASKED, reminded_at=None).first()
    if found is not None:
        skip(found, why, now)
