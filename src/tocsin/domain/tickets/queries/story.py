"""What happened on a ticket: for people (timeline) and for folds (history)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tocsin.domain.journal.queries import entries
from tocsin.domain.people.models import User
from tocsin.domain.people.queries import names_of_actors
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Change, Handover, Link, Message, Ticket
from tocsin.kernel.errors import NotFound

# What a customer sees of the machine's entries, and which of their words.
CUSTOMER_KINDS = {"ticket.opened": ("number", "opened_at"), "ticket.status_changed": ("before", "after")}
LONGEST_TIMELINE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """One event of a ticket's story. `position` in the ticket's journal names it for good (permalinks)."""

    position: int  # 0 for what came without a journal entry (imported messages)
    at: datetime  # UTC
    kind: str  # the journal's kind, "message.added" for all that was said
    actor: str  # "person:<id>", "engine", "import", "system"
    actor_name: str  # the person's name, or the machine's word
    data: Mapping[str, Any]
    message: Message | None


def timeline(
    ticket_id: UUID, *, user: User | None = None, after: int = 0, limit: int = LONGEST_TIMELINE
) -> list[TimelineItem]:
    """Return what happened on the ticket, oldest first, as far as `user` may see it (None: everything).

    `after` is a position: only what was journalled later (for live updates). People outside the
    house see what was said to and by the customer, and status moves; no notes and no machinery.
    The caller has checked that the person may see the ticket at all. Three queries.
    """
    facts = entries(f"ticket:{ticket_id}", after=after, limit=limit)
    messages = {str(m.pk): m for m in _messages(ticket_id, user)}
    people = names_of_actors({fact.actor for fact in facts})
    internal = user is None or rules.may_see_internals.test(user)
    items: list[TimelineItem] = []
    for fact in facts:
        message = messages.pop(str(fact.data.get("message", "")), None) if fact.kind == "message.added" else None
        if not internal and message is None and fact.kind not in CUSTOMER_KINDS:
            continue
        data = fact.data if internal else {k: fact.data.get(k) for k in CUSTOMER_KINDS.get(fact.kind, ())}
        name = people.get(fact.actor, fact.actor)
        item = TimelineItem(
            position=fact.position,
            at=fact.at,
            kind=fact.kind,
            actor=fact.actor,
            actor_name=name,
            data=data,
            message=message,
        )
        items.append(item)
    if after == 0:
        items += [_unjournalled(message) for message in messages.values()]
    return sorted(items, key=lambda item: (item.at, item.position))


def timeline_page(ticket_id: UUID, *, user: User, after: int, limit: int) -> tuple[list[TimelineItem], int]:
    """Return a page of `timeline` out of the journal alone, and the position to read on after, 0 at the end.

    A page may hold fewer than `limit` (what this person may not see is left out) and still not be the last.
    """
    facts = entries(f"ticket:{ticket_id}", after=after, limit=limit + 1)
    page = facts[:limit]
    said = said_on(ticket_id, user).filter(pk__in=[f.data["message"] for f in page if f.kind == "message.added"])
    messages = {str(message.pk): message for message in said}
    people = names_of_actors({fact.actor for fact in page})
    internal = rules.may_see_internals.test(user)
    items = [
        TimelineItem(
            position=fact.position, at=fact.at, kind=fact.kind, actor=fact.actor,
            actor_name=people.get(fact.actor, fact.actor),
            data=fact.data if internal else {k: fact.data.get(k) for k in CUSTOMER_KINDS.get(fact.kind, ())},
            message=messages.get(str(fact.data.get("message", ""))) if fact.kind == "message.added" else None,
        )
        for fact in page
        if internal or fact.kind in CUSTOMER_KINDS or str(fact.data.get("message", "")) in messages
    ]  # fmt: skip
    return items, page[-1].position if len(facts) > limit else 0


def said_on(ticket_id: UUID, user: User) -> QuerySet[Message]:
    """Return what was said on a ticket as far as this person may see it, with its authors, in no order yet."""
    messages = Message.objects.filter(ticket=ticket_id).select_related("author")
    return messages if rules.may_see_internals.test(user) else messages.exclude(kind=MessageKind.NOTE)


def history(ticket_ids: Sequence[UUID]) -> dict[UUID, list[Change]]:
    """Return every change of these tickets, oldest first, in one query; each id has a list.

    The first changes of a ticket say what it began with: `before` is empty, `at` is when it was opened.
    """
    found: dict[UUID, list[Change]] = {ticket_id: [] for ticket_id in ticket_ids}
    for change in Change.objects.filter(ticket__in=list(found)).order_by("at", "id"):
        found[change.ticket_id].append(change)
    return found


def messages_of(ticket_ids: Sequence[UUID]) -> dict[UUID, list[Message]]:
    """Return every message of these tickets, oldest first, without their bodies; one query."""
    found: dict[UUID, list[Message]] = defaultdict(list, {ticket_id: [] for ticket_id in ticket_ids})
    for message in Message.objects.filter(ticket__in=list(found)).defer("body").order_by("at", "id"):
        found[message.ticket_id].append(message)
    return dict(found)


def handovers_of(ticket_id: UUID) -> list[Handover]:
    """Return every offer ever made on a ticket, newest first, with its people."""
    offers = Handover.objects.select_related("from_user", "from_team", "to_user", "to_team", "answered_by")
    return list(offers.filter(ticket=ticket_id).order_by("-offered_at", "-id"))


def links_of(ticket: Ticket, user: User) -> list[tuple[str, Ticket]]:
    """Return (label, other ticket) of every link that leads to a ticket this person may see."""
    found: list[tuple[str, Ticket]] = []
    for link in Link.objects.filter(from_ticket=ticket).select_related("to_ticket__team").order_by("id"):
        found.append((link.get_kind_display(), link.to_ticket))
    for link in Link.objects.filter(to_ticket=ticket).select_related("from_ticket__team").order_by("id"):
        found.append((_BACKWARDS[link.kind], link.from_ticket))
    return [(label, other) for label, other in found if rules.may_see_ticket.test(user, other)]


_BACKWARDS = {"related": "Related", "duplicate": "Duplicated by", "child": "Parent of", "problem": "Cause of"}


def _messages(ticket_id: UUID, user: User | None) -> list[Message]:
    messages = Message.objects.filter(ticket=ticket_id).select_related("author").order_by("at", "id")
    if user is not None and not rules.may_see_internals.test(user):
        messages = messages.exclude(kind=MessageKind.NOTE)
    return list(messages)


def _unjournalled(message: Message) -> TimelineItem:
    author = message.author
    actor = "import" if author is None else f"person:{author.pk}"
    name = "import" if author is None else author.name
    return TimelineItem(
        position=0, at=message.at, kind="message.added", actor=actor, actor_name=name, data={}, message=message
    )


def later_message(ticket_id: UUID, seen: str) -> Message | None:
    """Return the last public message if it is another than `seen` (a message id, "" for none): a reply was overtaken.

    A `seen` that is no message of this ticket counts as overtaken too, as soon as there is any message.
    """
    last = Message.objects.filter(ticket=ticket_id).exclude(kind=MessageKind.NOTE).select_related("author")
    found = last.order_by("-at", "-id").first()
    return found if found is not None and str(found.pk) != seen else None


def access_handover(user: User, handover_id: UUID) -> Handover:
    """Return an offer with its ticket and people. Raises NotFound if absent or on a ticket this person may not see."""
    rows = Handover.objects.select_related("ticket__team", "ticket__owner", "from_user", "to_user", "to_team")
    found = rows.filter(pk=handover_id).first()
    if found is None or not rules.may_see_ticket.test(user, found.ticket):
        raise NotFound("handover_not_found", "There is no such handover, or you may not see it.")
    return found
