"""Named reads of integrations, events and alerts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.alerts.enums import AlertState, EventState
from tocsin.intake.alerts.models import Alert, Event, Integration
from tocsin.intake.alerts.rules import may_set_up_integrations
from tocsin.kernel.errors import NotFound

LATE = (EventState.UNREADABLE, EventState.FAILED)  # what waits for a person
WITHOUT_BODY = [field.name for field in Event._meta.fields if field.name != "body"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one integration does."""

    last_at: datetime | None  # the last event
    lately: int  # events within a day
    waiting: int
    late: int  # not understood, or failed
    firing: int  # alerts


def integrations() -> list[Integration]:
    """Return all, by name."""
    return list(Integration.objects.select_related("service", "team", "organisation", "storm_ticket").order_by("name"))


def standings(now: datetime) -> dict[UUID, Standing]:
    """Return how each integration does, with two queries however many there are."""
    day = now - timedelta(days=1)
    counts = Event.objects.values("integration").annotate(
        last=Max("received_at"), lately=Count("pk", filter=Q(received_at__gt=day)),
        waiting=Count("pk", filter=Q(state=EventState.STORED)), late=Count("pk", filter=Q(state__in=LATE)),
    )  # fmt: skip
    firing = dict(Alert.objects.filter(state=AlertState.FIRING).values_list("integration").annotate(Count("pk")))
    found = {
        row["integration"]: Standing(
            last_at=row["last"], lately=row["lately"], waiting=row["waiting"], late=row["late"],
            firing=firing.get(row["integration"], 0),
        )
        for row in counts
    }  # fmt: skip
    nothing = Standing(last_at=None, lately=0, waiting=0, late=0, firing=0)
    return {pk: found.get(pk, nothing) for pk in Integration.objects.values_list("pk", flat=True)}


def access_integration(user: User, integration_id: UUID) -> Integration:
    """Return one. Raises NotFound if absent or not for this person."""
    rows = Integration.objects.select_related("service", "team", "organisation", "storm_ticket")
    found = rows.filter(pk=integration_id).first()
    if found is None or not may_set_up_integrations.test(user):
        raise NotFound("integration_not_found", "There is no such integration.")
    return found


def integration_named(name: str) -> Integration:
    """Return one by its name or id. Raises NotFound."""
    try:
        by_id = Q(pk=UUID(name))
    except ValueError:
        by_id = Q(pk=None)
    found = Integration.objects.filter(Q(name__iexact=name) | by_id).first()
    if found is None:
        raise NotFound(
            "integration_not_found", f"There is no integration {name}. `tocsin integration list` shows them."
        )
    return found


def events_of(integration_id: UUID, *, only: str = "", before: int | None = None, limit: int = 50) -> list[Event]:
    """Return events of an integration without their bodies, newest first; `only` "late", or a state."""
    rows = Event.objects.only(*WITHOUT_BODY).filter(integration=integration_id)
    if only == "late":
        rows = rows.filter(state__in=LATE)
    elif only in EventState.values:
        rows = rows.filter(state=only)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def access_event(user: User, event_id: int) -> Event:
    """Return one event with its body. Raises NotFound if absent or not for this person."""
    found = Event.objects.select_related("integration").filter(pk=event_id).first()
    if found is None or not may_set_up_integrations.test(user):
        raise NotFound("event_not_found", "There is no such event, or it is not kept any more.")
    return found


def late_events(user: User) -> int:
    """Return how many events wait for a person; 0 for whom they do not concern."""
    return Event.objects.filter(state__in=LATE).count() if may_set_up_integrations.test(user) else 0


def alerts_of(integration_id: UUID, *, limit: int = 50) -> list[Alert]:
    """Return the alerts that fire, the latest first."""
    rows = Alert.objects.select_related("ticket").filter(integration=integration_id, state=AlertState.FIRING)
    return list(rows.order_by("-last_at")[:limit])


def alerts_on(ticket: Ticket) -> QuerySet[Alert]:
    """Return the alerts that are on a ticket: firing ones first, then by when they began."""
    return Alert.objects.select_related("integration").filter(ticket=ticket).order_by("-state", "first_at")


def next_due() -> datetime | None:
    """Return when the earliest stored event is to be looked at, or was; None if none waits."""
    found: datetime | None = Event.objects.filter(state=EventState.STORED).aggregate(due=Min("due_at"))["due"]
    return found
