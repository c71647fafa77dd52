"""Links between tickets."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.recording import NO_SUCH_TICKET, begin, demand, finish
from tocsin.domain.tickets.enums import LinkKind
from tocsin.domain.tickets.events import TicketLinked
from tocsin.domain.tickets.models import Link, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound


@transaction.atomic
def link(*, from_id: UUID, to_id: UUID, kind: str, by: User | None, now: datetime, actor: str | None = None) -> Link:
    """Say that one ticket is related to, a duplicate of, a child of, or caused by another (a LinkKind value).

    Linking again changes nothing; "related" holds both ways. Both rows are locked in order of id,
    so that two who link the same pair crosswise cannot deadlock. Raises Conflict when the other is
    already a duplicate, child or effect of this one.
    """
    if kind not in LinkKind.values:
        problem = f"There is no kind of link {kind!r}. Choose one of {', '.join(LinkKind.values)}."
        raise InvalidInput("bad_kind", problem, {"kind": problem})
    if from_id == to_id:
        problem = "A ticket cannot be linked to itself. Choose another one."
        raise InvalidInput("same_ticket", problem, {"to": problem})
    list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=[from_id, to_id]).order_by("pk"))
    recording = begin(ticket_id=from_id, by=by, actor=actor, now=now)
    other = Ticket.objects.filter(pk=to_id).select_related("team").first()
    if other is None or (by is not None and not rules.may_see_ticket.test(by, other)):
        raise NotFound("ticket_not_found", NO_SUCH_TICKET)
    demand(recording, rules.may_work_on_ticket, "Only those who work on tickets can link them.")
    present = Link.objects.filter(from_ticket=from_id, to_ticket=to_id, kind=kind).first()
    back = Link.objects.filter(from_ticket=to_id, to_ticket=from_id, kind=kind).first()
    if kind == LinkKind.RELATED:
        present = present or back
    elif back is not None:
        words = LinkKind(kind).label.lower()
        message = f"{other.reference} is {words} {recording.ticket.reference} already. Remove that link first."
        raise Conflict("linked_the_other_way", message)
    if present is not None:
        return present
    made = Link.objects.create(from_ticket=recording.ticket, to_ticket=other, kind=kind, at=now)
    recording.fact("ticket.linked", to=to_id, link_kind=kind)
    recording.event(TicketLinked, to_ticket_id=to_id, kind=kind)
    recording.fact_on(to_id, "ticket.linked_from", {"from": str(from_id), "link_kind": kind})
    recording.owner_acts()
    finish(recording)
    return made
