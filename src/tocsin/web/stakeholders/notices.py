"""What the ticket page says of promises and updates above its ladders, and as the next thing that happens."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import queries
from tocsin.domain.stakeholders.enums import Audience
from tocsin.domain.stakeholders.models import UpdateClock
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_work_on_ticket
from tocsin.web.desk.notices import Button, Notice, SheetLink


def told_notices(ticket: Ticket, user: User, clocks: Sequence[UpdateClock]) -> list[Notice]:
    """Return the banners: audiences that wait in vain, and the closing update that is offered."""
    found: list[Notice] = []
    works = may_work_on_ticket.test(user, ticket)
    address = reverse("ticket_update", args=[ticket.number])
    late = [clock for clock in clocks if clock.missed_at is not None]
    if late:
        who = ", ".join(str(Audience(clock.audience).label) for clock in late)
        links = (SheetLink("Send an update", address),) if works else ()
        found.append(
            Notice(css="is-breached", icon="breach", title="Update overdue.", text=f"{who}: promised by", at=late[0].missed_at, links=links)
        )  # fmt: skip
    live = queries.live_communications(ticket.pk)
    if live and works and all(one.state == "closing" for one in live):
        forms = (Button("Not needed", reverse("ticket_no_closing", args=[ticket.number])),)
        text = "Those who were told of it do not know yet that it is over."
        link = (SheetLink("Write the closing update", address),)
        found.append(
            Notice(css="is-accent", icon="mail", title="The escalation is over.", text=text, forms=forms, links=link)
        )
    return found


def coming(ticket: Ticket, clocks: Sequence[UpdateClock]) -> list[tuple[datetime, str]]:
    """Return what is owed next on a ticket, in words: an update (by its `clocks`), a promise."""
    found = [
        (clock.due_at, f"Next update: {Audience(clock.audience).label}") for clock in clocks if clock.due_at is not None
    ]
    return found + [(one.due_at, f"Promised: {one.what}") for one in queries.open_on(ticket.pk)[:1]]
