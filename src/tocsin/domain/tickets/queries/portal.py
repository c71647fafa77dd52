"""What a customer sees of tickets: a list, what was said, and the rating. Never notes, never the house's machinery."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from tocsin.domain.people.models import User
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.models import OPEN_STATUSES, Change, Message, Rating, Ticket
from tocsin.domain.tickets.queries.access import SHOWN, of_customer

PAGE = 25
CLOSED_SHOWN = (Status.RESOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """One page of a customer's requests."""

    tickets: list[Ticket]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing on a customer's page: a message, or (where `message` is None) a move to `status`."""

    at: datetime
    message: Message | None = None
    status: str = ""


def requests_of(user: User, *, which: str = "open", whose: str = "all", text: str = "", page: int = 1) -> Requests:
    """Return one page, lately changed first. `which`: open, done or all; `whose`: mine or all that may be seen."""
    tickets = of_customer(user)
    if whose == "mine":
        tickets = tickets.filter(requester=user)
    if which == "open":
        tickets = tickets.filter(status__in=OPEN_STATUSES)
    elif which == "done":
        tickets = tickets.filter(status__in=CLOSED_SHOWN)
    tickets = _matching(tickets, text)
    total = tickets.count()
    pages = max(-(-total // PAGE), 1)
    number = min(max(page, 1), pages)
    rows = tickets.select_related(*SHOWN).order_by("-updated_at", "-number")[(number - 1) * PAGE : number * PAGE]
    return Requests(tickets=list(rows), total=total, page=number, pages=pages)


def similar_open_requests(user: User, words: str, limit: int = 3) -> list[Ticket]:
    """Return open requests of this customer whose subject shares a long word with `words`, newest first."""
    found = Q()
    for word in {word for word in words.replace("\x00", "").split() if len(word) > 3}:
        found |= Q(subject__icontains=word)
    if not found:
        return []
    return list(of_customer(user).filter(found, status__in=OPEN_STATUSES).order_by("-opened_at")[:limit])


def conversation(ticket: Ticket) -> list[Said]:
    """Return what was said to and by the customer, and how the status moved, oldest first. Two queries."""
    messages = Message.objects.filter(ticket=ticket).exclude(kind=MessageKind.NOTE).select_related("author")
    moves = Change.objects.filter(ticket=ticket, field="status").exclude(before="")
    said = [Said(at=message.at, message=message) for message in messages]
    said += [Said(at=move.at, status=move.after) for move in moves]
    return sorted(said, key=lambda one: one.at)


def rating_of(ticket: Ticket) -> Rating | None:
    """Return the rating of the resolution that stands, None if it is not rated or the ticket is not resolved."""
    if ticket.resolved_at is None:
        return None
    return Rating.objects.filter(ticket=ticket, resolved_at=ticket.resolved_at).first()


def ratings_of(ticket: Ticket) -> list[Rating]:
    """Return every rating a ticket was ever given, newest resolution first, with who gave it."""
    return list(Rating.objects.filter(ticket=ticket).select_related("by").order_by("-resolved_at"))


def _matching(tickets: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    words = text.replace("\x00", "").split()[:8]
    if len(words) == 1 and words[0].upper().removeprefix("T-").isdigit():
        return tickets.filter(number=int(words[0].upper().removeprefix("T-")[:18]))
    for word in words:
        tickets = tickets.filter(Q(subject__icontains=word) | Q(description__icontains=word))
    return tickets
