"""The words that requests send: to those who may decide, and back to whoever asked."""

from collections.abc import Iterable
from datetime import datetime

from tocsin.domain.decisions.enums import RequestState
from tocsin.domain.decisions.logic import rights
from tocsin.domain.decisions.logic.rights import Entry
from tocsin.domain.decisions.models import Request
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User


def tell_asked(request: Request, people: Iterable[User], entry: Entry, now: datetime) -> None:
    """Tell those who may decide that they are asked."""
    ticket, name = request.ticket, request.decision.name
    size = rights.sized(request.amount, entry.unit, entry.unit_name)
    parts = [
        f"{request.asked_by.name} asks you to decide: {name}{', ' + size if size else ''}.",
        f"Why: {request.reason}",
        *(f"{label}: {said}" for label, said in request.record.items()),
        f"You may as: {request.as_who}.",
        f"Approve or refuse it on {ticket.reference}. Unanswered it runs out at {request.due_at:%Y-%m-%d %H:%M} UTC.",
    ]
    subject = f"{ticket.reference}: {request.asked_by.name} asks for your decision, {name}{' ' + size if size else ''}"
    _send(request, people, subject, "\n\n".join(parts), now)


def tell_asker(request: Request, now: datetime) -> None:
    """Tell whoever asked what became of it."""
    ticket, name = request.ticket, request.decision.name
    who = request.answered_by.name if request.answered_by else "Nobody"
    said = {
        RequestState.APPROVED: f"{who} approved {name} on {ticket.reference}. It is decided, and recorded as yours.",
        RequestState.REFUSED: f"{who} refused {name} on {ticket.reference}.",
        RequestState.EXPIRED: f"Nobody answered about {name} on {ticket.reference} in time. Ask again, or escalate.",
        RequestState.WITHDRAWN: f"The request for {name} on {ticket.reference} was withdrawn.",
    }.get(RequestState(request.state), "")
    body = f"{said}\n\n{request.answer}".strip()
    _send(request, [request.asked_by], f"{ticket.reference}: {name} {request.get_state_display().lower()}", body, now)


def _send(request: Request, people: Iterable[User], subject: str, body: str, now: datetime) -> None:
    ticket = request.ticket
    pages = [
        PageRequest(
            user_id=person.pk, ticket=ticket.pk, purpose="notice", urgency=Urgency.NORMAL, subject=subject[:300],
            body=body, data={"reference": ticket.reference, "number": ticket.number},
        )
        for person in people
        if person.is_active
    ]  # fmt: skip
    notify.enqueue(pages=pages, now=now)
