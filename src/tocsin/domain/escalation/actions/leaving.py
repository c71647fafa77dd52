"""Somebody leaves: what they hold is passed on and they are deactivated, in one transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation import queries
from tocsin.domain.notify import actions as notify
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed


@transaction.atomic
def leave(*, user_id: UUID, successor: User | None, by: User, now: datetime) -> int:
    """Give a person's open tickets to `successor` (None: back to their queues), deactivate the person, and call off
    what they were still to be sent. Returns how many tickets moved.

    Raises NotAllowed for others than administrators, Conflict for the last administrator.
    """
    if not is_administrator.test(by):
        raise NotAllowed("not_allowed", "Only administrators can do this. Ask one of them.")
    if successor is not None and successor.pk == user_id:
        problem = "Choose somebody else: they are leaving."
        raise InvalidInput("own_successor", problem, {"successor": problem})
    # In order of id, which is the order in which all who lock several tickets lock them.
    open_tickets = list(
        Ticket.objects.select_for_update(of=("self",))
        .filter(owner=user_id, status__in=OPEN_STATUSES)
        .order_by("pk")
        .values_list("pk", "team")
    )
    teams = Ticket.objects.select_related("team").in_bulk([pk for pk, _ in open_tickets])
    for pk, _ in open_tickets:
        tickets.assign(ticket_id=pk, owner=successor, team=teams[pk].team, by=by, now=now)
    gone = people.deactivate(user_id=user_id, by=by, now=now)
    for run in queries.open_runs_for(gone):
        notify.withdraw_user(run=run.pk, user_id=user_id, now=now, reason="left")
    return len(open_tickets)
