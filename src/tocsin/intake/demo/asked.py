"""What the demonstration's customers think: ratings, calls that made bad ones good, and an escalation from all sides."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.feedback import actions
from tocsin.domain.feedback.actions.setting import set_in_use
from tocsin.domain.feedback.enums import AskState, Kind, Party
from tocsin.domain.feedback.logic import asking
from tocsin.domain.feedback.models import Ask, Recovery
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.demo.stories import hand_over
from tocsin.kernel.clock import database_now

HOUR, LINK = timedelta(hours=1), timedelta(days=14)


def create(told: dict[str, Any], people: dict[str, User], now: datetime) -> None:
    """Let the customers rate what was resolved, the latest a moment ago, and switch the questions on."""
    rows = Ticket.objects.filter(is_demo=True, status__in=lifecycle.ENDED, resolved_at__lt=now, requester__isnull=False)
    # What was imported was solved before anybody was asked.
    resolved = list(rows.exclude(channel="import").select_related("requester").order_by("resolved_at"))
    given = iter(told["ratings"])
    for place, ticket in enumerate(resolved[:-1], start=1):
        ask, rating = _asked(ticket, now), next(given, None) if place % told["silent"] else None
        if rating is not None:
            _rate(ticket, rating, min(ask.planned_at + 3 * HOUR, now), people)
    if resolved:
        _asked(resolved[-1], now)
        _rate(resolved[-1], told["latest"], now, people)
    for views, escalation in zip(told["around"], _ended(), strict=False):
        _seen(escalation, views, people, now)
    actions.save_setting(values={"asks_ratings": True, "asks_parties": True}, by=None, now=now)
    hand_over(now)


def _asked(ticket: Ticket, now: datetime) -> Ask:
    if ticket.requester is None:
        raise ValueError("only who made a request is asked")
    at = ticket.resolved_at or now
    put = min(at + HOUR, now)
    return Ask.objects.create(
        kind=Kind.CSAT, party=Party.CUSTOMER, ticket=ticket, person=ticket.requester, resolved_at=at, planned_at=at,
        asked_at=put, expires_at=put + LINK, state=AskState.ASKED, due_at=put + LINK, reminded_at=put,
    )  # fmt: skip


def _rate(ticket: Ticket, told: dict[str, Any], at: datetime, people: dict[str, User]) -> None:
    if ticket.requester is None:
        return
    tickets.rate(
        ticket_id=ticket.pk, score=told["score"], comment=told["comment"], by=ticket.requester, now=at, via="link"
    )
    call = Recovery.objects.filter(ticket=ticket).first()
    if call is not None and "call" in told:
        actions.end_recovery(
            recovery_id=call.pk, reached=True, agreed=told["agreed"], regained=told["call"] == "regained",
            by=call.owner or people["elias"], now=at + HOUR,
        )  # fmt: skip


def _ended() -> list[Escalation]:
    rows = Escalation.objects.filter(ticket__is_demo=True, state=EscalationState.RESOLVED, parent=None)
    found = rows.select_related("ticket__team", "ticket__requester", "ticket__owner").order_by("-closed_at")
    return [one for one in found if one.ticket.requester_id and one.ticket.owner_id]


def _seen(escalation: Escalation, views: dict[str, dict[str, Any]], people: dict[str, User], now: datetime) -> None:
    """Ask the parties of one escalation, and let those who have something to say say it."""
    ticket, at = escalation.ticket, escalation.closed_at or now
    cast = asking.parties(
        asking.Cast(
            requester=ticket.requester_id, opened_by=people["tomas"].pk, owner_then=people["priya"].pk,
            owner_now=ticket.owner_id, acknowledged_by=escalation.owner_id, escalation_manager=people["elias"].pk,
            lead=people["maren"].pk, manager_of_owner=None,
        )
    )  # fmt: skip
    for party, person in cast.items():
        ask = Ask.objects.create(
            kind=Kind.ESCALATION, party=party, ticket=ticket, person_id=person, escalation=escalation,
            questions=set_in_use(party, now), planned_at=at, asked_at=at, expires_at=now + LINK, state=AskState.ASKED,
            due_at=now + LINK, reminded_at=at,
        )  # fmt: skip
        if party in views:
            given = {key: str(value) for key, value in views[party].items()}
            actions.answer(ask_id=ask.pk, given=given, via="link", now=max(at, now - 20 * HOUR))


def remove() -> None:
    """Ask nobody any more; ratings, questions and calls go with their tickets. The forms stay: others may use them."""
    actions.save_setting(values={"asks_ratings": False, "asks_parties": False}, by=None, now=database_now(connection))
