"""Counting: each day that tickets changed on is counted anew, by everything that tickets can have in common.

A day is a UTC day: of a ticket's opening, or of its first escalation. So the cost of a look is that of what changed
since the last one, however long the history is.
"""

from datetime import date, datetime, timedelta

from django.db import connection, transaction

from tocsin.domain.problems.models import Progress, Tally
from tocsin.domain.tickets.events import TicketsImported

# A transaction may commit a little after the time it wrote: what changed shortly before the last look is looked at again.
OVERLAP = timedelta(minutes=15)

_VALUE = "replace(replace(replace({0}, '%%', '%%25'), '&', '%%26'), '=', '%%3D')"


def _pair(kind: str, column: str) -> str:
    return f"'{kind}=' || {_VALUE.format(column)}"


# {kind: SQL of its value}; empty strings count as nothing. Long values are cut where the tally's key would overflow.
_COLUMNS = {
    "service": "x.service",
    "item": "left(x.item, 60)",
    "customer": "x.customer",
    "category": "left(x.category, 60)",
    "reason": "x.reason",
    "cause": "x.cause",
}
_ONE = [(_pair(kind, column), column) for kind, column in _COLUMNS.items()]
_TWO = [
    (f"{_pair(one, _COLUMNS[one])} || '&' || {_pair(two, _COLUMNS[two])}", f"{_COLUMNS[one]} || {_COLUMNS[two]}")
    for one, two in (("service", "category"), ("customer", "service"), ("service", "reason"))
]
_KEYS = ", ".join(["('')", *(f"(CASE WHEN {value} <> '' THEN {key} END)" for key, value in [*_ONE, *_TWO])])
_COUNT = f"""
INSERT INTO problems_tally (of, key, day, count)
SELECT %(of)s, k.key, x.day, count(*) FROM (
    SELECT ({{day}} AT TIME ZONE 'UTC')::date AS day, s.slug AS service, nullif(t.configuration_item, '') AS item,
        t.organisation_id::text AS customer, nullif(t.category, '') AS category, e.reason, c.category AS cause
    FROM tickets_ticket t
    LEFT JOIN people_service s ON s.id = t.service_id
    LEFT JOIN problems_cause c ON c.ticket_id = t.id
    LEFT JOIN LATERAL (
        SELECT reason, opened_at FROM escalation_escalation WHERE ticket_id = t.id ORDER BY opened_at, id LIMIT 1
    ) e ON true
    WHERE NOT t.is_drill AND ({{day}} AT TIME ZONE 'UTC')::date = ANY(%(days)s)
) x, LATERAL (VALUES {_KEYS}) AS k(key)
WHERE k.key IS NOT NULL GROUP BY k.key, x.day
"""  # noqa: S608 - put together from the constants above
_DAY = {"tickets": "t.opened_at", "escalations": "e.opened_at"}
_TOUCHED = """
SELECT DISTINCT (t.opened_at AT TIME ZONE 'UTC')::date FROM tickets_ticket t
LEFT JOIN problems_cause c ON c.ticket_id = t.id WHERE t.updated_at >= %(since)s OR c.at >= %(since)s
UNION SELECT DISTINCT (e.opened_at AT TIME ZONE 'UTC')::date FROM escalation_escalation e
JOIN tickets_ticket t ON t.id = e.ticket_id LEFT JOIN problems_cause c ON c.ticket_id = t.id
WHERE e.opened_at >= %(since)s OR t.updated_at >= %(since)s OR c.at >= %(since)s
"""
_EVERY = """
SELECT DISTINCT (opened_at AT TIME ZONE 'UTC')::date FROM tickets_ticket
UNION SELECT DISTINCT (opened_at AT TIME ZONE 'UTC')::date FROM escalation_escalation
"""


@transaction.atomic
def tally(*, now: datetime, anew: bool = False) -> int:
    """Count the days that changed since the last time (or, `anew`, all of history); return how many days.

    Two who count at once wait for each other.
    """
    Progress.objects.get_or_create(pk=1)
    mark = Progress.objects.select_for_update().get(pk=1)
    since = None if anew else mark.counted_until
    if since is None:
        Tally.objects.all().delete()
    days = _touched(since)
    with connection.cursor() as cursor:
        if days:
            cursor.execute("DELETE FROM problems_tally WHERE day = ANY(%s)", [days])
            for of, day in _DAY.items():
                cursor.execute(_COUNT.format(day=day), {"of": of, "days": days})
    mark.counted_until = now
    mark.save(update_fields=["counted_until"])
    return len(days)


def _touched(since: datetime | None) -> list[date]:
    with connection.cursor() as cursor:
        if since is None:
            cursor.execute(_EVERY)
        else:
            cursor.execute(_TOUCHED, {"since": since - OVERLAP})
        return sorted(day for (day,) in cursor.fetchall())


def on_tickets_imported(_event: TicketsImported) -> None:
    """Histories came in: at the next look all of it is counted anew."""
    Progress.objects.update(counted_until=None)
