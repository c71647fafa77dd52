"""Listening records as pages and programs show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tocsin.domain.escalation.enums import EscalationState, EscalationType
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.models import Entry
from tocsin.domain.listening.enums import State
from tocsin.domain.listening.logic.confirming import reads_as
from tocsin.domain.listening.logic.own_words import sentences
from tocsin.domain.listening.models import Concern, ListeningRecord, Mood, RecordVersion
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import NotFound

MOST_QUOTES = 60
OWN_TEXT = ""  # the message id of what stands in the ticket itself


@dataclass(frozen=True, slots=True)
class Heard:
    """A ticket's record with what a page shows of it."""

    record: ListeningRecord
    concerns: list[Concern]
    anchors: dict[UUID, str]  # message id -> its place on the ticket's page

    @property
    def answered(self) -> int:
        """How many concerns have been answered."""
        return sum(one.answered_by_message_id is not None for one in self.concerns)


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence of the customer's that may be quoted. `value` names it in forms."""

    value: str
    words: str
    message: Message


def record_on(ticket_id: UUID) -> ListeningRecord | None:
    """Return the ticket's record, None if nothing is written down."""
    people = ("made_by", "played_back_by", "answered_by")
    return ListeningRecord.objects.select_related(*people).filter(ticket=ticket_id).first()


def record_by_id(record_id: UUID) -> ListeningRecord:
    """Return a record with its ticket and people. Raises NotFound."""
    rows = ListeningRecord.objects.select_related("ticket__requester", "ticket__organisation", "played_back_by")
    found = rows.filter(pk=record_id).first()
    if found is None:
        raise NotFound("record_not_found", "There is no such record any more.")
    return found


def heard_on(ticket_id: UUID) -> Heard | None:
    """Return the ticket's record, whole, or None. Three queries."""
    found = record_on(ticket_id)
    if found is None:
        return None
    concerns = list(found.concerns.select_related("answered_by").order_by("position"))
    wanted = {pk for one in concerns for pk in (one.message_id, one.answered_by_message_id) if pk}
    return Heard(found, concerns, anchors_of(ticket_id) if wanted else {})


def anchors_of(ticket_id: UUID) -> dict[UUID, str]:
    """Return where each message stands on the ticket's page: the permalink of its event."""
    rows = Entry.objects.filter(stream=f"ticket:{ticket_id}", kind="message.added").values_list("position", "data")
    return {UUID(data["message"]): f"e{position}" for position, data in rows if data.get("message")}


def open_concerns(ticket_id: UUID) -> list[Concern]:
    """Return the concerns that nothing has answered yet, in order."""
    rows = Concern.objects.filter(record__ticket=ticket_id, answered_by_message__isnull=True)
    return list(rows.order_by("position"))


def concern_of(ticket_id: UUID, concern_id: UUID) -> Concern:
    """Return a concern of a ticket. Raises NotFound."""
    found = Concern.objects.filter(pk=concern_id, record__ticket=ticket_id).first()
    if found is None:
        raise NotFound("concern_not_found", "There is no such concern on this ticket.")
    return found


def versions_of(record: ListeningRecord) -> list[RecordVersion]:
    """Return every wording, the newest first."""
    return list(record.versions.select_related("by").order_by("-number"))


def moods_on(ticket_id: UUID) -> list[Mood]:
    """Return how the contact sounded over time, oldest first; the last fifty."""
    rows = Mood.objects.filter(ticket=ticket_id).select_related("by").order_by("-at", "-id")[:50]
    return list(rows)[::-1]


def quotable(ticket_id: UUID) -> list[Quotable]:
    """Return the sentences of the customer's messages, newest message first."""
    rows = Message.objects.filter(ticket=ticket_id, kind=MessageKind.CUSTOMER).select_related("author")
    found: list[Quotable] = []
    for message in rows.order_by("-at", "-id")[:30]:
        found += [Quotable(f"{message.pk}:{n}", said, message) for n, said in enumerate(sentences(message.body))]
        if len(found) >= MOST_QUOTES:
            break
    return found[:MOST_QUOTES]


def replies_on(ticket_id: UUID) -> list[Message]:
    """Return the desk's replies, newest first: what may have answered a concern."""
    rows = Message.objects.filter(ticket=ticket_id, kind=MessageKind.REPLY).select_related("author")
    return list(rows.order_by("-at", "-id")[:50])


def is_customer_escalation(ticket_id: UUID) -> bool:
    """Tell whether a customer escalation is open on the ticket: then a record is asked for (SEMANTICS 7)."""
    rows = Escalation.objects.filter(ticket=ticket_id, type=EscalationType.CUSTOMER, state=EscalationState.OPEN)
    return rows.exists()


def words_since_playback(record: ListeningRecord) -> tuple[Message, str] | None:
    """Return the customer's first message after the playback, and how its beginning reads ("yes", "no", "")."""
    if record.state != State.WAITING or record.played_back_at is None:
        return None
    rows = Message.objects.filter(
        ticket=record.ticket_id, kind=MessageKind.CUSTOMER, at__gt=record.played_back_at
    ).select_related("author")
    found = rows.order_by("at", "id").first()
    return (found, reads_as(found.body)) if found else None


def playable(ticket: Ticket) -> Sequence[Concern]:
    """Return the concerns as the customer is shown them."""
    return list(Concern.objects.filter(record__ticket=ticket).order_by("position"))
