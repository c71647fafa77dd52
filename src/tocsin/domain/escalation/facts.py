"""What triggers look at, read for many tickets with a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.logic.triggers import ClockAt, TriggerFacts
from tocsin.domain.escalation.models import Run
from tocsin.domain.sla import queries as sla
from tocsin.domain.sla.enums import ClockState
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket

IMPORTED = "import"  # the channel of tickets that came in with a log: their past arms nothing and pages nobody


def trigger_facts(ticket_ids: Sequence[UUID]) -> dict[UUID, TriggerFacts]:
    """Return {ticket id: facts} of the open tickets among `ticket_ids`."""
    return facts_of(Ticket.objects.filter(pk__in=ticket_ids).select_related("team"))


def facts_of(tickets: Iterable[Ticket], *, opened: bool = False) -> dict[UUID, TriggerFacts]:
    """Return the facts of the open ones among tickets with their teams; `opened`: just now, so nobody has answered."""
    armed = [ticket for ticket in tickets if ticket.status in OPEN_STATUSES and ticket.channel != IMPORTED]
    ids = [ticket.pk for ticket in armed]
    at_hand = {ticket.pk: sla.clocks_at_hand(ticket) for ticket in armed} if opened else {}
    clocks = sla.clocks_of([pk for pk in ids if at_hand.get(pk) is None]) if ids else {}
    clocks |= {pk: found for pk, found in at_hand.items() if found is not None}
    acknowledged = {} if opened or not ids else _acknowledged(ids)
    return {
        ticket.pk: TriggerFacts(
            opened_at=ticket.opened_at,
            unassigned_since=None if ticket.owner_id else ticket.unassigned_since or ticket.opened_at,
            last_public_update_at=ticket.last_public_reply_at,
            acknowledged_at=acknowledged.get(ticket.pk),
            last_owner_activity_at=ticket.last_owner_activity_at,
            line=ticket.team.line if ticket.team else "",
            line_since=ticket.team_since,
            clocks=tuple(_clock(clock) for clock in clocks.get(ticket.pk, []) if clock.started_at is not None),
        )
        for ticket in armed
    }


def _clock(clock: Clock) -> ClockAt:
    return ClockAt(clock.kind, clock.target_seconds, clock.started_at or clock.ticket.opened_at, _reaches(clock))


def _reaches(clock: Clock) -> Callable[[float, timedelta], datetime | None]:
    """Marks of a clock that was answered or called off no longer come, whether it was in time or late."""

    def reaches(percent: float, beyond: timedelta) -> datetime | None:
        if clock.stopped_at is not None or clock.state in (ClockState.MET, ClockState.CANCELLED):
            return None
        return sla.instant_at(clock, percent=percent, offset=beyond)

    return reaches


def _acknowledged(ticket_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When somebody last acknowledged an open escalation of each ticket."""
    found: dict[UUID, list[datetime]] = defaultdict(list)
    rows = Run.objects.filter(ticket_id__in=ticket_ids, status=RunStatus.ACKNOWLEDGED)
    for ticket_id, state in rows.values_list("ticket_id", "state"):
        if state.get("acknowledged_at"):
            found[ticket_id].append(datetime.fromisoformat(state["acknowledged_at"]))
    return {ticket_id: max(instants) for ticket_id, instants in found.items()}
