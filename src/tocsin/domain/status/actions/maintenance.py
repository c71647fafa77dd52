"""Maintenance switches by itself: due rows of the ticker."""

from datetime import datetime

from django.db import transaction

from tocsin.domain.status.actions.recording import locked_page, tell_journal
from tocsin.domain.status.actions.telling import after, move, say
from tocsin.domain.status.enums import IncidentState
from tocsin.domain.status.logic.incidents import switch
from tocsin.domain.status.models import Incident

WORDS = {
    IncidentState.UNDER_WAY: "The maintenance has begun.",
    IncidentState.COMPLETED: "The maintenance is completed.",
}


def switch_due(*, now: datetime, limit: int) -> int:
    """Switch what is due, one transaction each; return how many were taken. Rows that others hold are passed over."""
    return sum(_switch_next(now) for _ in range(limit))


@transaction.atomic
def _switch_next(now: datetime) -> bool:
    """The row is claimed first and its page locked after it: nobody who holds a page waits for one of its incidents."""
    due = Incident.objects.select_for_update(of=("self",), skip_locked=True).filter(due_at__lte=now).order_by("due_at")
    incident = due.first()
    if incident is None or incident.ends_at is None:
        return False
    page = locked_page(incident.page_id)
    incident.refresh_from_db()
    state = switch(incident.state, incident.starts_at, incident.ends_at, now)
    if state == incident.state:
        return False
    move(incident, state, now)
    say(incident, state, WORDS[IncidentState(state)], None, now, notify=True)
    after(page, incident, now)
    tell_journal(page, "status.maintenance_switched", None, now, incident=str(incident.pk), state=state)
    return True
