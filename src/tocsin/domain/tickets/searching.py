"""Tickets as they are found, and the marks that have them indexed anew."""

from collections.abc import Collection, Sequence
from uuid import UUID

from tocsin.domain.search import actions as search
from tocsin.domain.search.logic.document import Document
from tocsin.domain.tickets import events
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Message, Ticket

KIND = "ticket"
MESSAGES = 200  # of one ticket, the newest

type _OfOne = (
    events.TicketOpened
    | events.StatusChanged
    | events.OwnershipChanged
    | events.PriorityChanged
    | events.DetailsChanged
    | events.MessageAdded
)


def on_ticket_changed(event: _OfOne) -> None:
    """What is found of the ticket has changed."""
    search.mark(kind=KIND, ids=[event.ticket_id])


def on_tickets_imported(event: events.TicketsImported) -> None:
    """So many came at once."""
    search.mark(kind=KIND, ids=event.ticket_ids)


def documents(ids: Collection[UUID]) -> Sequence[Document]:
    """Return tickets as they are found now; one that is gone is not returned. Two queries."""
    tickets = Ticket.objects.filter(pk__in=ids).select_related("service", "team", "owner", "requester", "organisation")
    said: dict[UUID, list[Message]] = {}
    for message in Message.objects.filter(ticket__in=ids).order_by("-at"):
        of_one = said.setdefault(message.ticket_id, [])
        if len(of_one) < MESSAGES:
            of_one.append(message)
    return [_document(ticket, said.get(ticket.pk, [])) for ticket in tickets]


def _document(ticket: Ticket, messages: Sequence[Message]) -> Document:
    public = [message.body for message in messages if message.kind != MessageKind.NOTE]
    notes = [message.body for message in messages if message.kind == MessageKind.NOTE]
    requester, organisation = ticket.requester, ticket.organisation
    readers = ["staff"]
    readers += [f"person:{requester.pk}"] if requester else []
    readers += [f"org:{organisation.pk}"] if organisation else []
    return Document(
        kind=KIND,
        object_id=ticket.pk,
        title=f"{ticket.reference} {ticket.subject}",
        public="\n".join([ticket.description, ticket.category, requester.name if requester else "", *public]),
        internal="\n".join([ticket.configuration_item, organisation.name if organisation else "", *notes]),
        readers=tuple(readers),
        labels=tuple(_labels(ticket)),
        language=requester.language if requester else "en",
        at=ticket.opened_at,
    )


def _labels(ticket: Ticket) -> list[str]:
    waits = ticket.status in lifecycle.WAITING
    ended = ticket.status in lifecycle.ENDED
    labels = [f"status:{ticket.status}", f"priority:{ticket.priority}", f"channel:{ticket.channel}"]
    labels += ["status:ended"] if ended else ["status:open"]
    labels += ["status:waiting"] if waits else []
    labels += [f"team:{ticket.team.slug}" if ticket.team else "team:none"]
    labels += [f"service:{ticket.service.slug}" if ticket.service else "service:none"]
    labels += [f"owner:{ticket.owner.email}" if ticket.owner else "owner:none"]
    labels += [f"from:{ticket.requester.email}"] if ticket.requester else []
    labels += [f"customer:{ticket.organisation.name}"] if ticket.organisation else []
    return labels


def every_id() -> list[UUID]:
    """Return all tickets, oldest first: for building the index anew."""
    return list(Ticket.objects.order_by("opened_at", "number").values_list("pk", flat=True))
