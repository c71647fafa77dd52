"""Bad ratings that are being made good."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tocsin.domain.calendars.logic.business import BusinessCalendar
from tocsin.domain.calendars.queries import always, business_calendar
from tocsin.domain.feedback import rules
from tocsin.domain.feedback.enums import RecoveryState
from tocsin.domain.feedback.models import Recovery
from tocsin.domain.people.models import User
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound

SHOWN = ("ticket__organisation", "ticket__requester", "ticket__team", "ticket__service", "owner", "rating", "closed_by")


def recoveries(user: User) -> QuerySet[Recovery]:
    """Return the recoveries that a person may see: those who lead all, others what they own."""
    rows = Recovery.objects.select_related(*SHOWN).filter(ticket__is_drill=False)
    if rules.may_read_feedback.test(user):
        return rows
    return rows.filter(owner=user) if user.is_active else rows.none()


def access_recovery(user: User, recovery_id: UUID) -> Recovery:
    """Return one recovery. Raises NotFound if absent or not for this person."""
    found = recoveries(user).filter(pk=recovery_id).first()
    if found is None:
        raise NotFound("recovery_not_found", "There is no such recovery, or you may not see it.")
    return found


def standing(user: User, now: datetime) -> dict[str, int]:
    """Return how many recoveries are in each state, and of the open ones how many are `late`."""
    rows = recoveries(user).order_by()
    found = {state.value: 0 for state in RecoveryState} | dict(rows.values_list("state").annotate(Count("pk")))
    found["late"] = rows.filter(Q(callback_at__lte=now) | Q(missed_at__isnull=False), state=RecoveryState.OPEN).count()
    return found


def open_of(user: User) -> QuerySet[Recovery]:
    """Return the calls that this person still owes, to be counted."""
    return Recovery.objects.filter(owner=user, state=RecoveryState.OPEN)


def recoveries_of(ticket: Ticket) -> list[Recovery]:
    """Return a ticket's recoveries, the latest first."""
    return list(Recovery.objects.select_related("owner", "rating").filter(ticket=ticket).order_by("-opened_at"))


def next_recovery_due() -> datetime | None:
    """Return when the next reminder or missed call is due (UTC), or was."""
    return Recovery.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


def calendar_for(ticket: Ticket) -> BusinessCalendar:
    """Return the business hours that were promised to a ticket's customer; around the clock where nothing was.

    The calendar of its own clocks, else of the closest agreement: customer and service, customer, service, all.
    """
    clock = Clock.objects.filter(ticket=ticket).order_by("-started_at", "-pk").first()
    if clock is not None:
        return business_calendar(clock.calendar_id)
    ours = Q(organisation=ticket.organisation_id) | Q(organisation=None)
    agreed = Agreement.objects.filter(ours, Q(service=ticket.service_id) | Q(service=None))
    closest = min(agreed, key=lambda one: (one.organisation_id is None, one.service_id is None), default=None)
    return business_calendar(closest.calendar_id) if closest else always()
