"""Series as they are counted: read from the tallies, or (by words) from the tickets' subjects. Days are UTC days."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from tocsin.domain.escalation.enums import Reason
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import Organisation, Service
from tocsin.domain.problems.logic.likeness import words_of
from tocsin.domain.problems.logic.series import TICKETS, Days, Key, daily, parsed
from tocsin.domain.problems.models import Progress, Tally
from tocsin.domain.tickets.models import Ticket

TEXTS = 20_000  # the youngest subjects that are compared with each other
FIELDS = {
    "service": "service__slug",
    "item": "configuration_item",
    "customer": "organisation_id",
    "category": "category",
    "cause": "cause__category",
}


def progress() -> Progress:
    """Return how far the detector has counted."""
    return Progress.objects.filter(pk=1).first() or Progress(pk=1)


def begun() -> date | None:
    """Return the first day that anything was counted on."""
    return Tally.objects.filter(key="").order_by("day").values_list("day", flat=True).first()


def every_series(first: date, last: date) -> dict[Key, Days]:
    """Return all series that have a count between two days, as daily counts."""
    counts: dict[tuple[str, str], dict[date, int]] = {}
    rows = Tally.objects.filter(day__gte=first, day__lte=last).exclude(key="").values_list("of", "key", "day", "count")
    for of, key, day, count in rows.iterator(chunk_size=10_000):
        counts.setdefault((of, key), {})[day] = count
    return {parsed(f"{of}&{key}"): daily(days, first, last) for (of, key), days in counts.items()}


def total(of: str, first: date, last: date) -> Days:
    """Return all tickets (or all escalated ones) a day."""
    rows = Tally.objects.filter(of=of, key="", day__gte=first, day__lte=last).values_list("day", "count")
    return daily(dict(rows), first, last)


def series_of(key: Key, first: date, last: date) -> Days:
    """Return one series as daily counts: from the tallies, or counted now where it is found by words or not tallied."""
    text = key.text.partition("&")[2]
    if "text" not in key.kinds:
        rows = Tally.objects.filter(of=key.of, key=text, day__gte=first, day__lte=last).values_list("day", "count")
        return daily(dict(rows), first, last)
    counts: dict[date, int] = {}
    for _, at in matching(key, first, last):
        counts[at.date()] = counts.get(at.date(), 0) + 1
    return daily(counts, first, last)


def matching(key: Key, first: date, last: date) -> list[tuple[UUID, datetime]]:
    """Return the tickets a series counts between two days, with the time that counts, newest first."""
    start = datetime.combine(first, time(), UTC)
    end = datetime.combine(last + timedelta(days=1), time(), UTC)
    found = _counted(key.of).filter(counts_at__gte=start, counts_at__lt=end)
    wanted: set[str] = set()
    for kind, value in zip(key.kinds, key.values, strict=True):
        if kind == "text":
            wanted |= set(words_of(value))
        elif kind == "reason":
            found = found.filter(first_reason=value)
        else:
            found = found.filter(**{FIELDS[kind]: value})
    rows = found.order_by("-counts_at").values_list("pk", "counts_at", "subject")
    return [(pk, at.astimezone(UTC)) for pk, at, subject in rows if not wanted or wanted <= set(words_of(subject))]


def _counted(of: str) -> QuerySet[Any]:
    escalated = Escalation.objects.filter(ticket=OuterRef("pk")).order_by("opened_at", "pk")
    every = Ticket.objects.filter(is_drill=False).annotate(first_reason=Subquery(escalated.values("reason")[:1]))
    if of == TICKETS:
        return every.annotate(counts_at=F("opened_at"))
    return every.annotate(counts_at=Min("escalations__opened_at")).filter(counts_at__isnull=False)


def subjects(first: date) -> list[tuple[UUID, date, str, date | None]]:
    """Return (ticket, day opened, subject, day first escalated) of the youngest tickets, oldest first."""
    start = datetime.combine(first, time(), UTC)
    rows = (
        Ticket.objects.filter(is_drill=False, opened_at__gte=start)
        .annotate(escalated_at=Min("escalations__opened_at"))
        .order_by("-opened_at")
        .values_list("pk", "opened_at", "subject", "escalated_at")[:TEXTS]
    )
    return [
        (pk, at.astimezone(UTC).date(), subject, escalated.astimezone(UTC).date() if escalated else None)
        for pk, at, subject, escalated in reversed(rows)
    ]


def names_of(key: Key) -> list[str]:
    """Return a key's values as people say them."""
    return [_name(kind, value) for kind, value in zip(key.kinds, key.values, strict=True)]


def _name(kind: str, value: str) -> str:
    if kind == "service":
        return Service.objects.filter(slug=value).values_list("name", flat=True).first() or value
    if kind == "customer":
        with suppress(ValueError):
            return Organisation.objects.filter(pk=UUID(value)).values_list("name", flat=True).first() or value
    if kind == "reason":
        return str(dict(Reason.choices).get(value, value)).lower()
    return value


def offered_series(*, since: date, limit: int = 300) -> list[tuple[str, list[str], int]]:
    """Return series that a measure could lower, the most frequent first: (key, names, count since `since`)."""
    counted: dict[tuple[str, str], int] = {}
    rows = Tally.objects.filter(day__gte=since).exclude(key="").values_list("of", "key", "count")
    for of, key, count in rows.iterator(chunk_size=10_000):
        counted[of, key] = counted.get((of, key), 0) + count
    most = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:limit]
    keys = [(parsed(f"{of}&{key}"), count) for (of, key), count in most]
    said = _many_names(key for key, _ in keys)
    return [
        (key.text, [said.get(pair, pair[1]) for pair in zip(key.kinds, key.values, strict=True)], n) for key, n in keys
    ]


def _many_names(keys: Iterable[Key]) -> dict[tuple[str, str], str]:
    pairs = {pair for key in keys for pair in zip(key.kinds, key.values, strict=True)}
    of: dict[str, list[str]] = {}
    for kind, value in pairs:
        of.setdefault(kind, []).append(value)
    said = {("service", slug): name for slug, name in
            Service.objects.filter(slug__in=of.get("service", [])).values_list("slug", "name")}  # fmt: skip
    ids = of.get("customer", [])
    said |= {
        ("customer", str(pk)): name for pk, name in Organisation.objects.filter(pk__in=ids).values_list("pk", "name")
    }
    said |= {("reason", value): _name("reason", value) for value in of.get("reason", [])}
    return said


def linked_already(ticket_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these tickets that stand on a problem."""
    return set(Ticket.objects.filter(pk__in=ticket_ids, problems__isnull=False).values_list("pk", flat=True))


def tickets_in_order(ticket_ids: Sequence[UUID], limit: int = 200) -> list[Ticket]:
    """Return tickets with what a list shows, newest first."""
    found = Ticket.objects.filter(pk__in=ticket_ids).select_related("organisation", "service", "owner")
    return list(found.order_by("-opened_at")[:limit])
