"""What the house does not know yet: searches without a result, and kinds of tickets without an article."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from tocsin.domain.knowledge.models import Miss

WINDOW = timedelta(days=90)
FEWEST = 3  # tickets that make a cluster


@dataclass(frozen=True, slots=True)
class Gap:
    """Words that were searched for in vain."""

    words: str
    times: int
    people: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tickets of one service and category; `covered`: on how many an article was used."""

    service: str
    category: str
    slug: str
    tickets: int
    covered: int
    escalated: int
    service_id: UUID | None = None


def gaps(now: datetime, *, limit: int = 30) -> list[Gap]:
    """Return the searches of the last 90 days that found nothing, most wanted first."""
    counted: dict[str, list[Miss]] = {}
    for miss in Miss.objects.filter(at__gte=now - WINDOW).order_by("-at")[:5000]:
        counted.setdefault(" ".join(miss.words.lower().split()), []).append(miss)
    rows = [Gap(words, len(misses), len({m.by_id for m in misses}), misses[0].at) for words, misses in counted.items()]
    return sorted(rows, key=lambda gap: (-gap.people, -gap.times, gap.words))[:limit]


_CLUSTERS = """
SELECT coalesce(s.name, ''), t.category, coalesce(s.slug, ''), count(*) AS tickets,
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM knowledge_use u WHERE u.ticket_id = t.id)) AS covered,
       count(*) FILTER (WHERE t.handovers > 0) AS passed_on, s.id
FROM tickets_ticket t LEFT JOIN people_service s ON s.id = t.service_id
WHERE NOT t.is_drill AND t.opened_at >= %(since)s AND (t.category <> '' OR t.service_id IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM knowledge_article a WHERE a.state = 'published'
                  AND (a.service_id = t.service_id OR (t.service_id IS NULL AND t.category <> ''))
                  AND (t.category = '' OR EXISTS (SELECT 1 FROM knowledge_category c
                       WHERE c.id = a.category_id AND lower(c.name) = lower(t.category))
                       OR (a.category_id IS NULL AND position(lower(t.category) IN lower(a.title)) > 0)))
GROUP BY 1, 2, 3, s.id HAVING count(*) >= %(fewest)s ORDER BY tickets DESC LIMIT %(limit)s
"""


def clusters_without_article(now: datetime, *, limit: int = 30) -> list[Cluster]:
    """Return services and categories with tickets of the last 90 days for which nothing is published, largest first.

    An article without a category covers those that its title names.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLUSTERS, {"since": now - WINDOW, "fewest": FEWEST, "limit": limit})
        return [Cluster(*row) for row in cursor.fetchall()]
