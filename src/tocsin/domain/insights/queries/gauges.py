"""What stands open right now, for gauges: a handful of small counts in one statement. Drills and tests are in none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.domain.insights.queries.metrics_rows import rows_of

SOON = timedelta(hours=1)

# Each part reads the few rows that are open, by the partial indexes that the desk and the engine read them by.
_NOW = """
WITH active AS (
    SELECT e.type, r.status FROM escalation_run r
    JOIN escalation_escalation e ON e.id = r.escalation_id JOIN tickets_ticket t ON t.id = r.ticket_id
    WHERE r.status NOT IN ('resolved', 'cancelled', 'expired', 'de_escalated') AND NOT t.is_drill
),
open AS (SELECT id, priority FROM tickets_ticket WHERE status NOT IN ('resolved', 'closed') AND NOT is_drill)
SELECT 'tickets', priority::text, count(*) FROM open GROUP BY 2
UNION ALL SELECT 'escalations', type, count(*) FROM active GROUP BY 2
UNION ALL SELECT 'unacknowledged', type, count(*) FROM active
    WHERE status IN ('climbing', 'exhausted') GROUP BY 2
UNION ALL SELECT 'breached', c.kind, count(DISTINCT c.ticket_id) FROM sla_clock c JOIN open ON open.id = c.ticket_id
    WHERE c.stopped_at IS NULL AND c.breached_at IS NOT NULL GROUP BY 2
UNION ALL SELECT 'promises', CASE WHEN p.due_at < %(now)s THEN 'overdue' WHEN p.due_at < %(soon)s THEN 'soon' ELSE 'later' END,
    count(*) FROM stakeholders_promise p WHERE p.state = 'open' GROUP BY 2
UNION ALL SELECT 'promises', 'broken', count(*) FROM stakeholders_promise p JOIN open ON open.id = p.ticket_id
    WHERE p.state = 'broken' AND p.done_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """One count: what of, of which kind, how many."""

    what: str
    kind: str
    count: int


def standing(now: datetime) -> list[Standing]:
    """Return what stands open at `now` (UTC). Kinds without any are left out."""
    return [Standing(*row) for row in rows_of(_NOW, {"now": now, "soon": now + SOON})]
