"""A past in which something came more often lately."""

from datetime import datetime, timedelta
from typing import Any

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket


def live_through(
    desk: Any, *, weeks: int = 16, usual: int = 2, lately: int = 9, last: int = 4, until: datetime | None = None, **fields: Any
) -> list[Ticket]:  # fmt: skip
    """Open so many tickets in each of `weeks` weeks up to yesterday, oldest first, `lately` in the `last` ones."""
    end = (until or desk.now) - timedelta(days=1)
    given = {"subject": "VPN drops", "service": desk.service, "category": "vpn", "team": desk.team} | fields
    made = []
    for week in range(weeks, 0, -1):
        many = lately if week <= last else usual
        for number in range(many):
            at = end - timedelta(days=7 * week - 1 - number % 6, hours=number)
            made.append(tickets.open_ticket(requester=desk.requester, by=None, now=at, **given))
    return made


def escalate(desk: Any, found: list[Ticket]) -> None:
    """Escalate tickets an hour after each was opened, and resolve them an hour later."""
    for one in found:
        escalation.escalate(
            ticket_id=one.pk, policy="quick", by=desk.agent, now=one.opened_at + timedelta(hours=1), tried="x"
        )
        tickets.resolve(ticket_id=one.pk, by=desk.agent, now=one.opened_at + timedelta(hours=2))
