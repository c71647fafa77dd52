"""Agreements and dates agreed by hand."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.validators import slug_re
from django.db import transaction

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.calendars.queries import CalendarError, business_calendar
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.sla.actions.recomputing import recompute
from tocsin.domain.sla.enums import OnChange, TargetKind
from tocsin.domain.sla.models import AgreedDate, Agreement, Clock, Target
from tocsin.domain.tickets.enums import Priority, Status
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_work_on_ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

PAUSING = (Status.WAITING_CUSTOMER, Status.WAITING_VENDOR, Status.WAITING_CHANGE)

LONGEST = timedelta(days=3653)  # ten years: of business time for a target, of the calendar's for an agreed date

type TargetLine = tuple[str, int, Team | None, int]  # kind, priority, team, business seconds


def agree_due(*, clock_id: UUID, due_at: datetime | None, by: User, now: datetime) -> None:
    """Agree on a date for a clock, or (None) clear it. It sticks through recomputations until cleared (SEMANTICS 2)."""
    with transaction.atomic():
        clock = Clock.objects.filter(pk=clock_id).first()
        if clock is None:
            raise NotFound("clock_not_found", "There is no such clock.")
        ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=clock.ticket_id)
        clock.refresh_from_db()
        if not may_work_on_ticket.test(by, ticket):
            raise NotAllowed("not_allowed", "Only those who work on the ticket may agree on a date.")
        if clock.stopped_at is not None:
            raise Conflict("clock_stopped", "The clock has stopped; there is nothing to agree on.")
        if due_at is not None and due_at <= now:
            remedy = "Agree on a date that lies ahead."
            raise InvalidInput("agreed_date", remedy, {"due_at": remedy})
        if due_at is not None and due_at > now + LONGEST:
            remedy = "Agree on a date within ten years. Check the year."
            raise InvalidInput("agreed_date", remedy, {"due_at": remedy})
        actor = f"person:{by.pk}"
        AgreedDate.objects.create(ticket=ticket, kind=clock.kind, due_at=due_at, at=now, by=actor)
        recompute(ticket_ids=[ticket.pk], now=now, actor=actor)


def save_agreement(
    *,
    slug: str,
    name: str,
    calendar: Calendar,
    targets: Iterable[TargetLine],
    organisation: Organisation | None = None,
    service: Service | None = None,
    pause_statuses: Iterable[str] = PAUSING,
    on_change: str = OnChange.KEEP,
    actor: str,
    now: datetime,
    is_demo: bool = False,
) -> Agreement:
    """Create an agreement or replace its content. One that is in use is edited as the `edit` of `apply_agreement`.

    That moves its running clocks, on confirmation. Raises InvalidInput naming the field and the remedy.
    """
    lines = list(targets)
    pauses = sorted(set(pause_statuses))
    _check_names(slug, name)
    _check(lines, pauses, on_change)
    with transaction.atomic():
        _check_reached(lines, calendar, now)
        _check_unique(slug, name, organisation, service)
        known = Agreement.objects.filter(slug=slug).first()
        before = _content(known) if known else None
        fields = {
            "name": name, "calendar": calendar, "organisation": organisation, "service": service,
            "pause_statuses": pauses, "on_change": on_change, "is_demo": is_demo,
        }  # fmt: skip
        agreement, made = Agreement.objects.update_or_create(slug=slug, defaults=fields)
        agreement.targets.all().delete()
        Target.objects.bulk_create(
            Target(agreement=agreement, kind=kind, priority=priority, team=team, seconds=seconds)
            for kind, priority, team, seconds in lines
        )
        kind = "agreement.created" if made else "agreement.changed"
        data = {"agreement": slug, "before": before, "after": _content(agreement)}
        record(stream="system", kind=kind, actor=actor, at=now, data=data)
        return agreement


def _content(agreement: Agreement) -> dict[str, Any]:
    """Return what the journal keeps of an agreement."""
    targets = agreement.targets.select_related("team").order_by("kind", "priority", "team__slug")
    return {
        "name": agreement.name,
        "calendar": str(agreement.calendar_id),
        "organisation": str(agreement.organisation_id or ""),
        "service": str(agreement.service_id or ""),
        "pause_statuses": agreement.pause_statuses,
        "on_change": str(agreement.on_change),
        "targets": [[t.kind, t.priority, t.team.slug if t.team else "", t.seconds] for t in targets],
    }


def _check_names(slug: str, name: str) -> None:
    fields: dict[str, str] = {}
    if len(slug) > 80 or not slug_re.fullmatch(slug):
        fields["slug"] = "Write at most 80 letters, digits, hyphens and underscores."
    if not name.strip() or len(name) > 120 or "\x00" in name:
        fields["name"] = "Give the agreement a name of at most 120 characters."
    if fields:
        raise InvalidInput("agreement", " ".join(fields.values()), fields)


def _check_reached(lines: list[TargetLine], calendar: Calendar, now: datetime) -> None:
    """Refuse targets that the calendar's few hours do not reach; every ticket they apply to would fail on them."""
    longest = max((seconds for *_, seconds in lines), default=0)
    try:
        business_calendar(calendar).add_business_time(now, longest)
    except CalendarError as error:
        number = max(range(len(lines)), key=lambda n: lines[n][3])
        remedy = f"The calendar “{calendar.name}” has too few hours for a target as long as this. Check both."
        raise InvalidInput("agreement", remedy, {f"targets[{number}]": remedy}) from error


def _check_unique(slug: str, name: str, organisation: Organisation | None, service: Service | None) -> None:
    others = Agreement.objects.exclude(slug=slug)
    fields: dict[str, str] = {}
    if others.filter(name=name).exists():
        fields["name"] = f"Another agreement is called “{name}”. Choose another name."
    same = others.filter(organisation=organisation, service=service).first()
    if same is not None:
        fields["organisation"] = f"“{same.name}” is for the same customer and service. Edit it, or choose others."
    if fields:
        raise InvalidInput("agreement", " ".join(fields.values()), fields)


def _check(lines: list[TargetLine], pauses: list[str], on_change: str) -> None:
    fields: dict[str, str] = {}
    seen: set[tuple[str, int, UUID | None]] = set()
    for number, (kind, priority, team, seconds) in enumerate(lines):
        where = f"targets[{number}]"
        if kind not in TargetKind.values:
            fields[where] = f"“{kind}” is not one of {', '.join(TargetKind.values)}."
        elif priority not in Priority.values:
            fields[where] = "A priority is 1 to 4."
        elif not 0 < seconds <= LONGEST.total_seconds():
            fields[where] = "A target lasts longer than nothing and ten years at most. Check the unit."
        elif (team is not None) != (kind == TargetKind.INTERNAL):
            fields[where] = "An internal target names its team, and no other target does."
        elif (kind, priority, team.pk if team else None) in seen:
            fields[where] = "There is a target for this kind, priority and team already. Keep one of them."
        seen.add((kind, priority, team.pk if team else None))
    if unknown := [status for status in pauses if status not in PAUSING]:
        fields["pause_statuses"] = f"{', '.join(unknown)} cannot pause; choose among {', '.join(PAUSING)}."
    if on_change not in OnChange.values:
        fields["on_change"] = f"Choose {' or '.join(OnChange.values)}."
    if fields:
        raise InvalidInput("agreement", "The agreement cannot be kept like this.", fields)
