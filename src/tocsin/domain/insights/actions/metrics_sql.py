"""The SQL that turns a batch of tickets into rows of facts. %(ids)s: uuid[] of tickets."""

ENDED = "('resolved', 'closed')"

# Which tickets changed since they were counted: every act on one makes its journal longer. The journal's length is the
# only memory, so that acts that were written in one order and committed in another cannot be lost.
STALE = """
SELECT t.id FROM tickets_ticket t
LEFT JOIN journal_stream s ON s.name = 'ticket:' || t.id
LEFT JOIN insights_ticketfact f ON f.ticket_id = t.id
WHERE NOT t.is_drill AND f.seen IS DISTINCT FROM coalesce(s.length, 0)
ORDER BY t.id LIMIT %(limit)s
"""

# The same among those that the newest entries of the journal are of: what a quiet minute costs does not grow with the desk.
RECENT = """
SELECT t.id FROM (
    SELECT DISTINCT stream FROM (SELECT stream FROM journal_entry ORDER BY id DESC LIMIT %(newest)s) e
    WHERE stream LIKE 'ticket:%%'
) moved
JOIN tickets_ticket t ON t.id = substr(moved.stream, 8)::uuid
JOIN journal_stream s ON s.name = moved.stream
LEFT JOIN insights_ticketfact f ON f.ticket_id = t.id
WHERE NOT t.is_drill AND f.seen IS DISTINCT FROM s.length
ORDER BY t.id LIMIT %(limit)s
"""

ALL = "SELECT t.id FROM tickets_ticket t WHERE NOT t.is_drill AND t.id > %(after)s ORDER BY t.id LIMIT %(limit)s"

# A ticket that was removed, or turned out to carry a test, leaves its facts behind.
ORPHANS = """
DELETE FROM {table} f WHERE NOT EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = f.ticket_id AND NOT t.is_drill)
"""
TABLES = ("insights_clockfact", "insights_hopfact", "insights_escalationfact", "insights_ticketfact")

FORGET = "DELETE FROM {table} WHERE ticket_id = ANY(%(ids)s)"

CHANGES = """changes AS MATERIALIZED (
    SELECT ticket_id, id, at, field, before, after FROM tickets_change
    WHERE ticket_id = ANY(%(ids)s) AND field IN ('status', 'team', 'line')
),
"""

PATHS = """moves AS (
    SELECT ticket_id, id, at, field, after,
        -- An act writes the team first and then, where it differs, the line: that is the line of the stay.
        CASE WHEN lead(field) OVER w = 'line' AND lead(at) OVER w = at THEN lead(after) OVER w
            ELSE (array_agg(after) FILTER (WHERE field = 'line') OVER (w ROWS UNBOUNDED PRECEDING))
                [count(*) FILTER (WHERE field = 'line') OVER (w ROWS UNBOUNDED PRECEDING)] END AS line
    FROM changes WHERE field IN ('team', 'line') WINDOW w AS (PARTITION BY ticket_id ORDER BY at, id)
),
stays AS (
    SELECT ticket_id, id, at, after AS team, line, lag(after) OVER (PARTITION BY ticket_id ORDER BY at, id) AS before
    FROM moves WHERE field = 'team' AND after <> ''
),
paths AS (
    SELECT ticket_id, at, team, line, lag(team) OVER w AS team_1, lag(team, 2) OVER w AS team_2,
        lag(line) OVER w AS line_1, lag(line, 2) OVER w AS line_2
    FROM stays WHERE before IS DISTINCT FROM team WINDOW w AS (PARTITION BY ticket_id ORDER BY at, id)
),
"""

TICKETS = f"""
WITH {CHANGES}statuses AS (
    SELECT ticket_id,
        min(at) FILTER (WHERE after IN {ENDED} AND before NOT IN {ENDED}) AS first_resolved_at,
        min(at) FILTER (WHERE before IN {ENDED} AND after NOT IN {ENDED}) AS first_reopened_at,
        count(*) FILTER (WHERE before IN {ENDED} AND after NOT IN {ENDED}) AS reopens
    FROM changes WHERE field = 'status' GROUP BY ticket_id
),
{PATHS}teams AS (
    SELECT ticket_id, count(*) - 1 AS handovers, coalesce(bool_or(team = team_2), false) AS ping_pong,
        coalesce(bool_or(team = team_2 AND line = line_1 AND line = line_2), false) AS same_line
    FROM paths GROUP BY ticket_id
),
climbs AS (
    SELECT ticket_id, at, id, after AS line, lag(after) OVER (PARTITION BY ticket_id ORDER BY at, id) AS before
    FROM changes WHERE field = 'line' AND after <> ''
),
lines AS (
    SELECT ticket_id, (array_agg(line ORDER BY at, id))[1] AS first, max(line COLLATE "C") AS highest,
        (array_agg(line ORDER BY at DESC, id DESC))[1] AS last,
        coalesce(bool_or(line COLLATE "C" < before COLLATE "C"), false) AS came_back
    FROM climbs GROUP BY ticket_id
),
said AS (
    SELECT m.ticket_id, count(*) AS replies, min(m.at) FILTER (WHERE m.at >= t.opened_at) AS first_at
    FROM tickets_message m JOIN tickets_ticket t ON t.id = m.ticket_id
    WHERE m.ticket_id = ANY(%(ids)s) AND m.kind = 'reply' GROUP BY m.ticket_id
),
escalated AS (
    SELECT ticket_id, count(*) AS many FROM escalation_escalation WHERE ticket_id = ANY(%(ids)s) GROUP BY ticket_id
),
articles AS (
    SELECT ticket_id, count(*) AS many FROM knowledge_use WHERE ticket_id = ANY(%(ids)s) GROUP BY ticket_id
),
calendars AS (
    SELECT DISTINCT ON (ticket_id) ticket_id, calendar_id FROM sla_clock WHERE ticket_id = ANY(%(ids)s)
    ORDER BY ticket_id, kind <> 'resolution', kind, sequence
)
INSERT INTO insights_ticketfact (
    ticket_id, seen, open, opened_at, first_resolved_at, resolved_at, first_reopened_at, service_id, team_id,
    organisation_id, line, category, channel, priority, calendar_id, first_line, highest_line, came_back, handovers,
    ping_pongs, team_handovers, team_ping_pong, same_line_ping_pong, reopens, escalations, replies, articles,
    first_response_at, response_elapsed, resolve_elapsed
)
SELECT t.id, coalesce(%(seen)s::jsonb ->> t.id::text, '0')::bigint, t.status NOT IN {ENDED}, t.opened_at,
    coalesce(statuses.first_resolved_at, ended.at), ended.at, statuses.first_reopened_at, t.service_id, t.team_id,
    t.organisation_id, coalesce(lines.last, people_team.line, ''), t.category, t.channel, t.priority,
    calendars.calendar_id, coalesce(lines.first, ''), coalesce(lines.highest, ''), coalesce(lines.came_back, false),
    t.handovers, t.ping_pongs, coalesce(teams.handovers, 0), coalesce(teams.ping_pong, false),
    coalesce(teams.same_line, false), coalesce(statuses.reopens, 0), coalesce(escalated.many, 0),
    coalesce(said.replies, 0), coalesce(articles.many, 0), said.first_at,
    extract(epoch FROM said.first_at - t.opened_at)::float8, extract(epoch FROM ended.at - t.opened_at)::float8
FROM tickets_ticket t
CROSS JOIN LATERAL (SELECT CASE WHEN t.status IN {ENDED} THEN coalesce(t.resolved_at, t.closed_at) END AS at) ended
LEFT JOIN people_team ON people_team.id = t.team_id
LEFT JOIN statuses ON statuses.ticket_id = t.id
LEFT JOIN teams ON teams.ticket_id = t.id
LEFT JOIN lines ON lines.ticket_id = t.id
LEFT JOIN said ON said.ticket_id = t.id
LEFT JOIN escalated ON escalated.ticket_id = t.id
LEFT JOIN articles ON articles.ticket_id = t.id
LEFT JOIN calendars ON calendars.ticket_id = t.id
WHERE t.id = ANY(%(ids)s) AND NOT t.is_drill
"""  # noqa: S608 - pieces of this module

ESCALATIONS = """
WITH answered AS (
    SELECT data ->> 'escalation' AS escalation, min(at) AS at FROM journal_entry
    WHERE stream = ANY(%(streams)s) AND kind IN ('run.acknowledged', 'run.acknowledged_partly') GROUP BY 1
)
INSERT INTO insights_escalationfact (
    escalation_id, ticket_id, opened_at, type, reason, direction, level, from_line, configuration_item, for_decision,
    avoidable, acknowledged_at, acknowledge_elapsed
)
SELECT e.id, e.ticket_id, e.opened_at, e.type, e.reason, e.direction,
    coalesce((SELECT max(f.level) FROM escalation_run r JOIN escalation_firing f ON f.run_id = r.id
        WHERE r.escalation_id = e.id), 0),
    coalesce((SELECT c.after FROM tickets_change c WHERE c.ticket_id = e.ticket_id AND c.field = 'line'
        AND c.at <= e.opened_at ORDER BY c.at DESC, c.id DESC LIMIT 1), ''),
    t.configuration_item,
    EXISTS (SELECT 1 FROM decisions_fordecision d WHERE d.escalation_id = e.id),
    EXISTS (SELECT 1 FROM decisions_fordecision d WHERE d.escalation_id = e.id AND d.sufficed),
    answered.at, extract(epoch FROM answered.at - e.opened_at)::float8
FROM escalation_escalation e
JOIN tickets_ticket t ON t.id = e.ticket_id AND NOT t.is_drill
LEFT JOIN answered ON answered.escalation = e.id::text
WHERE e.ticket_id = ANY(%(ids)s)
"""

HOPS = f"""
WITH {CHANGES}{PATHS.rstrip().rstrip(",")}
INSERT INTO insights_hopfact (ticket_id, at, from_team, to_team, from_line, to_line)
SELECT p.ticket_id, p.at, p.team_1::uuid, p.team::uuid, coalesce(p.line_1, ''), coalesce(p.line, '')
FROM paths p JOIN tickets_ticket t ON t.id = p.ticket_id AND NOT t.is_drill WHERE p.team_1 IS NOT NULL
"""  # noqa: S608 - pieces of this module

CLOCKS = """
INSERT INTO insights_clockfact (clock_id, ticket_id, kind, met, decided_at)
SELECT c.id, c.ticket_id, c.kind, c.breached_at IS NULL, coalesce(c.breached_at, c.stopped_at)
FROM sla_clock c JOIN tickets_ticket t ON t.id = c.ticket_id AND NOT t.is_drill
WHERE c.ticket_id = ANY(%(ids)s) AND (c.breached_at IS NOT NULL OR (c.state = 'met' AND c.stopped_at IS NOT NULL))
"""

# Lengths that a calendar has to be asked about; round the clock, business time is elapsed time.
LENGTHS = """
SELECT 'ticket', ticket_id, calendar_id, opened_at, first_response_at, resolved_at FROM insights_ticketfact
WHERE ticket_id = ANY(%(ids)s) AND coalesce(first_response_at, resolved_at) IS NOT NULL
UNION ALL
SELECT 'escalation', e.escalation_id, t.calendar_id, e.opened_at, e.acknowledged_at, NULL FROM insights_escalationfact e
JOIN insights_ticketfact t ON t.ticket_id = e.ticket_id
WHERE e.ticket_id = ANY(%(ids)s) AND e.acknowledged_at IS NOT NULL
"""

BUSINESS = {
    "ticket": (
        "UPDATE insights_ticketfact f SET response_business = n.first, resolve_business = n.second "
        "FROM json_to_recordset(%s::json) AS n(id uuid, first float8, second float8) WHERE f.ticket_id = n.id"
    ),
    "escalation": (
        "UPDATE insights_escalationfact f SET acknowledge_business = n.first "
        "FROM json_to_recordset(%s::json) AS n(id uuid, first float8, second float8) WHERE f.escalation_id = n.id"
    ),
}
