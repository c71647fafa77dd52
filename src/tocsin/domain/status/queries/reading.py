"""A status page as its readers see it. A constant number of queries, however long its history is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from tocsin.domain.status.enums import ComponentState, IncidentKind, IncidentState
from tocsin.domain.status.logic.incidents import ENDED, worst
from tocsin.domain.status.logic.uptime import DAYS, Uptime, uptime
from tocsin.domain.status.models import Affected, Component, ComponentChange, Incident, StatusPage, Update

RECENT = timedelta(days=14)
MOST_TOLD = 200
HEADLINES = {
    "operational": "Everything works",
    "maintenance": "Maintenance is under way",
    "degraded": "Some things are slow or limited",
    "partial": "Some things do not work",
    "major": "There is a major outage",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One component and its days."""

    component: Component
    uptime: Uptime


@dataclass(frozen=True, slots=True)
class Group:
    """Components under one heading ("" where they have none)."""

    name: str
    state: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Told:
    """An incident with its words, newest first, and what it affects."""

    incident: Incident
    updates: list[Update]
    affected: list[Affected]

    @property
    def ended(self) -> bool:
        return self.incident.state in ENDED


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole page."""

    page: StatusPage
    state: str
    groups: list[Group]
    now_open: list[Told]
    planned: list[Told]
    days: list[tuple[date, list[Told]]]  # the last fortnight, newest day first, days without anything included

    @property
    def open_since(self) -> date | None:
        """The day on which what is open now began, the first of them, in the page's zone."""
        zone = ZoneInfo(self.page.zone)
        return min((one.incident.starts_at.astimezone(zone).date() for one in self.now_open), default=None)

    @property
    def headline(self) -> str:
        return HEADLINES[self.state]

    @property
    def state_label(self) -> str:
        return str(ComponentState(self.state).label)


def reading(page: StatusPage, now: datetime) -> Reading:
    """Return what readers of a page see at `now`."""
    components = list(page.components.all())
    lines = [Line(one, days) for one, days in zip(components, _uptimes(page, components, now), strict=True)]
    groups = [
        Group(name, worst(line.component.state for line in mine), mine)
        for name, mine in ((name, list(rows)) for name, rows in groupby(lines, key=lambda line: line.component.group))
    ]
    recent = told(page.incidents.filter(starts_at__gte=now - RECENT) | page.incidents.exclude(state__in=ENDED))
    zone = ZoneInfo(page.zone)
    by_day: dict[date, list[Told]] = defaultdict(list)
    for one in recent:
        if one.ended:
            by_day[one.incident.starts_at.astimezone(zone).date()].append(one)
    today = now.astimezone(zone).date()
    return Reading(
        page=page,
        state=worst(one.state for one in components),
        groups=groups,
        now_open=[one for one in recent if not one.ended and one.incident.state != IncidentState.SCHEDULED],
        planned=sorted(
            (one for one in recent if one.incident.state == IncidentState.SCHEDULED),
            key=lambda one: one.incident.starts_at,
        ),
        days=[(today - timedelta(days=back), by_day[today - timedelta(days=back)]) for back in range(RECENT.days)],
    )


def history(page: StatusPage, before: datetime | None = None) -> list[Told]:
    """Return what readers were told, newest first; `before`: what began earlier than that."""
    rows = page.incidents.exclude(kind=IncidentKind.MAINTENANCE, state=IncidentState.SCHEDULED)
    if before is not None:
        rows = rows.filter(starts_at__lt=before)
    return told(rows.order_by("-starts_at")[:50])


def told(incidents: Iterable[Incident]) -> list[Told]:
    """Return incidents with their words, newest first. Three queries."""
    rows = sorted(incidents, key=lambda one: one.starts_at, reverse=True)[:MOST_TOLD]
    if not rows:
        return []
    ids = [one.pk for one in rows]
    updates: dict[UUID, list[Update]] = defaultdict(list)
    for update in Update.objects.filter(incident__in=ids).order_by("-at"):
        updates[update.incident_id].append(update)
    affected: dict[UUID, list[Affected]] = defaultdict(list)
    for one in Affected.objects.select_related("component").filter(incident__in=ids).order_by("component__position"):
        affected[one.incident_id].append(one)
    return [Told(one, updates[one.pk], affected[one.pk]) for one in rows]


def _plain(changes: QuerySet[ComponentChange]) -> Iterable[tuple[UUID, datetime, str]]:
    # Plain rows: a page of twenty components that change often has thousands of them within 90 days.
    return changes.values_list("component_id", "at", "state")


def _uptimes(page: StatusPage, components: Sequence[Component], now: datetime) -> list[Uptime]:
    changes: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    ids = [one.pk for one in components]
    since = now - timedelta(days=DAYS + 2)
    # What a component was at the beginning of the days stands in its last change before them.
    last = ComponentChange.objects.filter(component__in=ids, at__lt=since).order_by("component_id", "-at", "-id")
    recent = ComponentChange.objects.filter(component__in=ids, at__gte=since).order_by("at", "id")
    for component, at, state in chain(_plain(last.distinct("component_id")), _plain(recent)):
        changes[component].append((at, state))
    return [uptime(changes[one.pk], began=one.made_at, now=now, zone=page.zone) for one in components]
