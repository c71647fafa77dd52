"""Finding status pages and what belongs to them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q

from tocsin.domain.people.models import User
from tocsin.domain.status import links, rules
from tocsin.domain.status.enums import Audience, IncidentState, Subscription
from tocsin.domain.status.models import Affected, Component, Incident, StatusPage, Subscriber, Update
from tocsin.domain.status.models.pages import ENDED
from tocsin.kernel.errors import NotFound

NO_PAGE = (
    "There is no status page here for everybody. If it is your company's, sign in first; if you have a link, check it."
)


def access_page(user: User | AnonymousUser, word: str) -> StatusPage:
    """Return the page that an address word opens for this person. Raises NotFound for everybody else alike."""
    slug, _, key = word.partition("--")
    page = StatusPage.objects.select_related("organisation", "owner").filter(slug=slug).first()
    if page is None:
        raise NotFound("status_page_not_found", NO_PAGE)
    if page.audience == Audience.PUBLIC and not key:
        return page
    if page.audience == Audience.LINK and links.opens(page, key):
        return page
    if not key and isinstance(user, User) and rules.may_read_page.test(user, page):
        return page
    raise NotFound("status_page_not_found", NO_PAGE)


def pages_for(user: User) -> list[StatusPage]:
    """Return the pages that somebody may read by their sign-in, their own organisation's first, with `open_incidents`.

    A page behind a secret link is not among them: whoever has the link has it from us.
    """
    live = ~Q(incidents__state__in=[*ENDED, IncidentState.SCHEDULED]) & Q(incidents__isnull=False)
    found = (
        StatusPage.objects.exclude(audience=Audience.LINK)
        .select_related("organisation", "owner")
        .annotate(open_incidents=Count("incidents", filter=live, distinct=True))
    )
    readable = [page for page in found if rules.may_read_page.test(user, page)]
    return sorted(readable, key=lambda page: (page.audience != Audience.ORGANISATION, page.name))


def page_by_slug(slug: str) -> StatusPage:
    """Return a page for those who tell. Raises NotFound."""
    page = StatusPage.objects.select_related("organisation", "owner").filter(slug=slug).first()
    if page is None:
        raise NotFound("status_page_not_found", "There is no such status page.")
    return page


def access_incident(page: StatusPage, incident_id: UUID) -> Incident:
    """Return an incident of a page. Raises NotFound."""
    found = Incident.objects.select_related("page", "ticket", "made_by").filter(page=page, pk=incident_id).first()
    if found is None:
        raise NotFound("incident_not_found", "There is no such incident on this page.")
    return found


def pages() -> list[StatusPage]:
    """Return every page by name, with `open_incidents` and `readers` (confirmed subscribers)."""
    live = ~Q(incidents__state__in=[*ENDED, IncidentState.SCHEDULED]) & Q(incidents__isnull=False)
    counted = StatusPage.objects.select_related("organisation", "owner").annotate(
        open_incidents=Count("incidents", filter=live, distinct=True)
    )
    told = dict(
        Subscriber.objects.filter(state=Subscription.CONFIRMED).values_list("page").annotate(n=Count("pk")).order_by()
    )
    found: list[StatusPage] = list(counted)
    for page in found:
        page.readers = told.get(page.pk, 0)  # type: ignore[attr-defined]  # for the list only
    return found


def pages_with_service(service_id: UUID | None) -> list[StatusPage]:
    """Return pages, those with a component of the service first."""
    every = list(StatusPage.objects.all())
    if service_id is None:
        return every
    first = set(Component.objects.filter(service=service_id).values_list("page_id", flat=True))
    return sorted(every, key=lambda page: (page.pk not in first, page.name))


def component_choices(page: StatusPage) -> list[Component]:
    """Return the components of a page as readers see them: by group, place, name."""
    return list(page.components.select_related("service"))


def affected_names(incident: Incident) -> list[str]:
    """Return the names of what an incident affects."""
    return list(
        incident.affected.order_by("component__group", "component__position").values_list("component__name", flat=True)
    )


def affected_by(incident: Incident | None) -> list[Affected]:
    """Return what an incident makes of which component, as readers see them ordered; nothing of none."""
    if incident is None:
        return []
    found = incident.affected.select_related("component")
    return list(found.order_by("component__group", "component__position", "component__name"))


def incidents_of_ticket(ticket_ids: Iterable[UUID]) -> list[Incident]:
    """Return what customers were told about tickets, newest first."""
    return list(Incident.objects.select_related("page").filter(ticket__in=ticket_ids).order_by("-starts_at"))


def update_told(update_id: UUID) -> Update:
    """Return an update with its incident and page."""
    return Update.objects.select_related("incident__page").get(pk=update_id)


def subscriber(subscriber_id: UUID | None) -> Subscriber | None:
    """Return a subscriber with the page, None if forgotten."""
    return Subscriber.objects.select_related("page").filter(pk=subscriber_id).first() if subscriber_id else None


def subscriber_count(page: StatusPage) -> int:
    """Return how many addresses are written to."""
    return page.subscribers.filter(state=Subscription.CONFIRMED).count()


def confirmed(page: StatusPage) -> list[tuple[UUID, str, str]]:
    """Return (subscriber, address, language) of who is written to, in the order in which they confirmed."""
    found = page.subscribers.filter(state=Subscription.CONFIRMED).order_by("confirmed_at", "pk")
    return list(found.values_list("pk", "address", "language"))


def next_switch() -> datetime | None:
    """Return when the next maintenance switches."""
    due = Incident.objects.filter(due_at__isnull=False).order_by("due_at")
    return due.values_list("due_at", flat=True).first()
