"""Status pages on which a ticket's update can be told too: which, what it becomes there, and who is written to."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from tocsin.domain.status.enums import Audience, ComponentState, IncidentKind, Subscription
from tocsin.domain.status.logic.incidents import ENDED, next_states
from tocsin.domain.status.models import Component, Incident, StatusPage, Subscriber
from tocsin.domain.tickets.enums import Priority
from tocsin.domain.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Outlet:
    """One page. `incident`: what is open there of this ticket, whose next word an update is; None: it would open one.

    `affected`: components and what a new incident makes of them (those that name the ticket's service).
    """

    page: StatusPage
    incident: Incident | None
    affected: list[tuple[Component, str]]
    readers: int  # confirmed subscribers

    @property
    def states(self) -> tuple[str, ...]:
        """How far an update may say it is."""
        if self.incident is not None:
            return next_states(self.incident.kind, self.incident.state)
        return tuple(state for state in next_states(IncidentKind.INCIDENT, "investigating") if state not in ENDED)


def outlets_of(ticket: Ticket) -> list[Outlet]:
    """Return the pages that may be told of a ticket, those that know of it or of its service first. Four statements.

    A page of another customer is never among them, unless this ticket was told there already.
    """
    incidents = {
        one.page_id: one
        for one in Incident.objects.filter(ticket=ticket, kind=IncidentKind.INCIDENT)
        .exclude(state__in=ENDED)
        .order_by("starts_at")
    }
    mine = Q(pk__in=incidents) | ~Q(audience=Audience.ORGANISATION)
    if ticket.organisation_id:
        mine |= Q(audience=Audience.ORGANISATION, organisation=ticket.organisation_id)
    pages = list(StatusPage.objects.filter(mine).order_by("name"))
    if not pages:
        return []
    parts = _parts(ticket, pages)
    counted = Subscriber.objects.filter(page__in=pages, state=Subscription.CONFIRMED).values_list("page")
    readers = dict(counted.annotate(n=Count("pk")).order_by())
    made = ComponentState.MAJOR if ticket.priority == Priority.CRITICAL else ComponentState.PARTIAL
    found = [
        Outlet(
            page=page, incident=incidents.get(page.pk), readers=readers.get(page.pk, 0),
            affected=[(part, str(made)) for part in parts.get(page.pk, [])],
        )
        for page in pages
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.incident is None, not one.affected))


def _parts(ticket: Ticket, pages: list[StatusPage]) -> dict[UUID, list[Component]]:
    found: dict[UUID, list[Component]] = {}
    if ticket.service_id is not None:
        for part in Component.objects.filter(page__in=pages, service=ticket.service_id):
            found.setdefault(part.page_id, []).append(part)
    return found
