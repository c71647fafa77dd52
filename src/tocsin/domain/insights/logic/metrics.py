"""Every metric, defined once: what it means in words, and how SQL counts it (SEMANTICS 9). Pure text.

A metric stands on a source (rows of one kind, at one time of theirs). `of` says which of these rows count at all
(their number is n); a share counts those that are also a `hit`; lengths of time take `elapsed` or `business`, in
seconds. In the SQL, t is the ticket's row of facts and x the source's own row.
"""

from dataclasses import dataclass
from typing import Literal

REOPEN_DAYS = 7  # a resolution that held so long was one
REPEAT_DAYS = 30
REVIEW_DAYS = 14

type Kind = Literal["count", "share", "mean", "time"]
type Better = Literal["high", "low", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Rows of one kind. `at` is the time by which they fall into a period; `ticket` the id that leads to their ticket."""

    key: str
    rows: str  # FROM clause
    at: str
    when: str  # in words: "opened", so that a period can be named
    one: str  # what a row is, in the plural
    now: bool = False  # what is so now, whatever the period
    escalations: bool = False  # its rows are escalations, which can be told apart by type and reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. `definition` stands beside the figure wherever it is shown."""

    key: str
    name: str
    definition: str
    kind: Kind
    better: Better
    source: str
    of: str = "true"
    hit: str = "false"
    elapsed: str = ""
    business: str = ""
    group: str = ""  # heading under which pages list it

    @property
    def misses(self) -> bool:
        """Whether the rows worth looking at are those that are no hit."""
        return self.better == "high"


_TICKETS = "insights_ticketfact t"
# Facts of escalations, clocks and moves come and go with those of their ticket, so this never loses a row of theirs; and
# where a question asks nothing of the ticket, the database can leave the join out.
_THEIRS = "LEFT JOIN insights_ticketfact t ON t.ticket_id = x.ticket_id"
# A review is counted with the ticket of its first escalation.
_OF_REVIEW = (
    "JOIN LATERAL (SELECT e.ticket_id FROM reviews_review_escalations l JOIN escalation_escalation e "
    "ON e.id = l.escalation_id WHERE l.review_id = {review} ORDER BY e.opened_at, e.id LIMIT 1) r ON true "
    "JOIN insights_ticketfact t ON t.ticket_id = r.ticket_id"
)
SOURCES = {
    source.key: source
    for source in (
        Source(key="opened", rows=_TICKETS, at="t.opened_at", when="opened", one="tickets"),
        Source(key="resolved", rows=_TICKETS, at="t.first_resolved_at", when="first resolved", one="tickets"),
        Source(key="open", rows=_TICKETS, at="t.opened_at", when="open now", one="tickets", now=True),
        Source(key="standing", rows=_TICKETS, at="t.resolved_at", when="resolved", one="tickets"),
        Source(
            key="escalations", rows=f"insights_escalationfact x {_THEIRS}", at="x.opened_at", when="opened",
            one="escalations", escalations=True,
        ),
        Source(
            key="repeats",
            rows=(
                "(SELECT e.*, coalesce(e.opened_at - lag(e.opened_at) OVER (PARTITION BY o.organisation_id, o.service_id "  # noqa: S608 - one constant
                f"ORDER BY e.opened_at, e.escalation_id) <= interval '{REPEAT_DAYS} days' AND o.organisation_id IS NOT NULL "
                "AND o.service_id IS NOT NULL, false) OR coalesce(e.configuration_item <> '' AND e.opened_at - "
                "lag(e.opened_at) OVER (PARTITION BY e.configuration_item ORDER BY e.opened_at, e.escalation_id) "
                f"<= interval '{REPEAT_DAYS} days', false) AS again FROM insights_escalationfact e "
                "JOIN insights_ticketfact o ON o.ticket_id = e.ticket_id WHERE e.opened_at < %(end)s "
                f"AND e.opened_at >= %(start_at)s - interval '{REPEAT_DAYS} days') x {_THEIRS}"
            ),
            at="x.opened_at", when="opened", one="escalations", escalations=True,
        ),
        Source(
            key="clocks", rows=f"insights_clockfact x {_THEIRS}", at="x.decided_at", when="met or breached", one="clocks",
        ),
        Source(key="moves", rows=f"insights_hopfact x {_THEIRS}", at="x.at", when="made", one="moves"),
        Source(
            key="handovers", rows="tickets_handover x JOIN insights_ticketfact t ON t.ticket_id = x.ticket_id",
            at="x.offered_at", when="offered", one="offers of a handover",
        ),
        Source(
            key="ratings", rows="tickets_rating x JOIN insights_ticketfact t ON t.ticket_id = x.ticket_id",
            at="x.given_at", when="given", one="ratings",
        ),
        Source(
            key="asks",
            rows="feedback_ask x JOIN insights_ticketfact t ON t.ticket_id = x.ticket_id AND x.kind = 'csat'",
            at="x.asked_at", when="asked", one="questions",
        ),
        Source(
            key="promises", rows="stakeholders_promise x JOIN insights_ticketfact t ON t.ticket_id = x.ticket_id",
            at="x.due_at", when="due", one="promises",
        ),
        Source(
            key="closings",
            rows="reviews_closing x JOIN escalation_escalation e ON e.id = x.escalation_id "
            "JOIN insights_ticketfact t ON t.ticket_id = e.ticket_id",
            at="x.ended_at", when="ended", one="escalations",
        ),
        Source(
            key="reviews", rows=f"reviews_review x {_OF_REVIEW.format(review='x.id')}", at="x.opened_at", when="opened",
            one="reviews",
        ),
        Source(
            # Noon UTC of the last day in time: the same day in nearly every zone.
            key="actions", rows=f"reviews_correctiveaction x {_OF_REVIEW.format(review='x.review_id')}",
            at="((x.due_on + time '12:00') AT TIME ZONE 'UTC')", when="due", one="corrective actions",
        ),
    )
}  # fmt: skip

# First contact: the shared part of the strict and the broad rate.
_HELD = (
    "t.handovers = 0 AND t.escalations = 0 AND (t.first_reopened_at IS NULL "
    f"OR t.first_reopened_at > t.first_resolved_at + interval '{REOPEN_DAYS} days')"
)
_SIGNED = "SELECT min(s.at) FROM reviews_signoff s WHERE s.review_id = x.id"
_SLA = "the calendar of its SLA; round the clock where it has none"


def _attainment(kind: str, name: str, what: str) -> Metric:
    return Metric(
        key=f"sla_{kind}", name=name, group="Promises", kind="share", better="high", source="clocks",
        of=f"x.kind = '{kind}'", hit="x.met",
        definition=f"Share of {what} clocks that were met among those met or breached in the period. A breached clock "
        "counts at its breach, whenever the work was done; pauses are taken off, as the agreement says.",
    )  # fmt: skip


METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            key="opened", name="Tickets opened", group="Volume", kind="count", better="neither", source="opened", hit="true",
            definition="Tickets opened in the period. Tests and drills are in no figure.",
        ),
        Metric(
            key="resolved", name="Tickets resolved", group="Volume", kind="count", better="neither", source="resolved",
            hit="true", definition="Tickets that were resolved (or closed) for the first time in the period.",
        ),
        Metric(
            key="backlog", name="Open tickets", group="Volume", kind="count", better="low", source="open", of="t.open",
            hit="true", elapsed="extract(epoch FROM %(now)s - t.opened_at)::float8",
            definition="Tickets that are open now, whatever the period: neither resolved nor closed.",
        ),
        Metric(
            key="fcr_strict", name="First contact resolution, strict", group="First line", kind="share", better="high",
            source="resolved", hit=f"{_HELD} AND t.replies <= 1",
            definition="Share of the tickets first resolved in the period that took no handover, no escalation, no reopening "
            f"within {REOPEN_DAYS} days, and at most one public reply (one exchange, or one call). Those resolved less "
            f"than {REOPEN_DAYS} days ago count as they stand.",
        ),
        Metric(
            key="fcr_broad", name="First contact resolution, broad", group="First line", kind="share", better="high",
            source="resolved", hit=_HELD,
            definition="Share of the tickets first resolved in the period that took no handover, no escalation and no "
            f"reopening within {REOPEN_DAYS} days, however many replies it took.",
        ),
        Metric(
            key="reopened", name="Reopened", group="First line", kind="share", better="low", source="opened",
            hit="t.reopens > 0",
            definition="Share of the tickets opened in the period that came back at least once after they were resolved or "
            "closed.",
        ),
        Metric(
            key="deflection", name="Resolved with an article", group="First line", kind="share", better="high",
            source="resolved", hit="t.articles > 0",
            definition="Share of the tickets first resolved in the period on which an article was inserted, attached or "
            "followed. What an article spared before a ticket was opened is not in it.",
        ),
        Metric(
            key="escalation_rate", name="Escalation rate", group="Escalations", kind="share", better="low", source="opened",
            hit="t.escalations > 0",
            definition="Share of the tickets opened in the period that were escalated at least once.",
        ),
        Metric(
            key="escalations", name="Escalations", group="Escalations", kind="count", better="neither",
            source="escalations", hit="true", definition="Escalations opened in the period; one ticket may carry several.",
        ),
        Metric(
            key="avoidable", name="Avoidable escalations", group="Escalations", kind="share", better="low",
            source="escalations", of="x.for_decision", hit="x.avoidable",
            definition="Among escalations of the period that were for a decision, the share in which the escalator's own "
            "right to decide would have done.",
        ),
        Metric(
            key="repeats", name="Repeated escalations", group="Escalations", kind="share", better="low",
            source="repeats", hit="x.again",
            definition=f"Share of the escalations opened in the period that came within {REPEAT_DAYS} days of another for "
            "the same customer and service, or for the same configuration item.",
        ),
        Metric(
            key="left_first_line", name="Left the first line", group="Escalations", kind="share", better="low",
            source="opened", of="t.first_line = 'L1'", hit="t.highest_line <> 'L1'",
            definition="Share of the tickets opened in the period on the first line that reached a higher one.",
        ),
        Metric(
            key="came_back", name="Came back down", group="Escalations", kind="share", better="low", source="opened",
            hit="t.came_back",
            definition="Share of the tickets opened in the period that went back to a lower line at least once.",
        ),
        Metric(
            key="handovers", name="Handovers a ticket", group="Ownership", kind="mean", better="low", source="opened",
            elapsed="t.handovers", hit="t.handovers > 0",
            definition="Moves from one team to another, or within a team from one owner to another, for each ticket opened "
            "in the period. Lying in a queue in between counts nothing.",
        ),
        Metric(
            key="team_handovers", name="Team handovers a ticket", group="Ownership", kind="mean", better="low",
            source="opened", elapsed="t.team_handovers", hit="t.team_handovers > 0",
            definition="Moves from one team to another, for each ticket opened in the period.",
        ),
        Metric(
            key="moves", name="Moves between teams", group="Ownership", kind="count", better="low", source="moves",
            hit="true", definition="Moves of tickets from one team to another that were made in the period.",
        ),
        Metric(
            key="ping_pong", name="Ping-pong between teams", group="Ownership", kind="share", better="low", source="opened",
            hit="t.team_ping_pong",
            definition="Share of the tickets opened in the period that went from a team to another and straight back (A-B-A).",
        ),
        Metric(
            key="ping_pong_line", name="Ping-pong on one line", group="Ownership", kind="share", better="low",
            source="opened", hit="t.same_line_ping_pong",
            definition="Share of the tickets opened in the period with an A-B-A in which all three stays were on one line.",
        ),
        Metric(
            key="time_acknowledge", name="Time to acknowledge", group="Times", kind="time", better="low",
            source="escalations", of="x.acknowledged_at IS NOT NULL", elapsed="x.acknowledge_elapsed",
            business="x.acknowledge_business",
            definition="From the opening of an escalation to its first acknowledgement. What nobody acknowledged is not in "
            f"it. Business time: {_SLA}.",
        ),
        Metric(
            key="time_accept", name="Time to accept", group="Times", kind="time", better="low", source="handovers",
            of="x.state = 'accepted'", elapsed="extract(epoch FROM x.answered_at - x.offered_at)::float8",
            definition="From the offer of a handover to its acceptance; offers that were declined, withdrawn or ran out are "
            "not in it. Elapsed time only.",
        ),
        Metric(
            key="time_response", name="Time to first response", group="Times", kind="time", better="low", source="opened",
            of="t.first_response_at IS NOT NULL", elapsed="t.response_elapsed", business="t.response_business",
            definition="From the opening of a ticket to its first public reply. Tickets without one are not in it. "
            f"Business time: {_SLA}.",
        ),
        Metric(
            key="time_resolve", name="Time to resolve", group="Times", kind="time", better="low", source="standing",
            elapsed="t.resolve_elapsed", business="t.resolve_business",
            definition="From the opening of a ticket to the resolution that stands; waiting for the customer is not taken "
            f"off (SLA attainment does that). Business time: {_SLA}.",
        ),
        _attainment("first_response", "First response in time", "first response"),
        _attainment("next_response", "Next response in time", "next response"),
        _attainment("next_update", "Next update in time", "next update"),
        _attainment("resolution", "Resolved in time", "resolution"),
        _attainment("internal", "Internal targets in time", "internal (OLA)"),
        Metric(
            key="promises_kept", name="Promises kept", group="Promises", kind="share", better="high", source="promises",
            of="x.state IN ('kept', 'broken')", hit="x.state = 'kept'",
            definition="Share of the promises due in the period that were kept in time, among those kept or broken. "
            "Renegotiated before their time or called off, they are in neither.",
        ),
        Metric(
            key="avoidable_closed", name="Avoidable, as closed", group="Learning", kind="share", better="low", source="closings",
            of="x.filled_at IS NOT NULL", hit="x.avoidable_by <> 'no'",
            definition="Share of the escalations that ended in the period of which their closing says that something would "
            "have made them unnecessary: knowledge, training, a decision right, monitoring, communication. Closings that "
            "nobody has filled in are not in it.",
        ),
        Metric(
            key="reviews_in_time", name="Reviews signed off in time", group="Learning", kind="share", better="high",
            source="reviews",
            of=f"({_SIGNED}) IS NOT NULL OR x.opened_at <= %(now)s - interval '{REVIEW_DAYS} days'",
            hit=f"coalesce(({_SIGNED}) <= x.opened_at + interval '{REVIEW_DAYS} days', false)",
            definition=f"Share of the reviews opened in the period that were signed off for the first time within {REVIEW_DAYS} "
            "days. Younger ones that are not signed off yet are not in it.",
        ),
        Metric(
            key="actions_in_time", name="Corrective actions in time", group="Learning", kind="share", better="high",
            source="actions",
            of="x.state <> 'dropped' AND (x.ended_at IS NOT NULL OR x.due_on < (%(now)s AT TIME ZONE %(zone)s)::date)",
            hit="coalesce((x.ended_at AT TIME ZONE (SELECT u.zone FROM people_user u WHERE u.id = x.owner_id))::date "
            "<= x.due_on, false)",
            definition="Share of the corrective actions due in the period that were done by their day, where their owner is, "
            "among those that were done or whose day has passed. Dropped ones are not in it.",
        ),
        Metric(
            key="csat", name="Customer satisfaction", group="Customers", kind="share", better="high", source="ratings",
            hit="x.score >= 4",
            definition="Share of 4 and 5 of 5 among the ratings given in the period.",
        ),
        Metric(
            key="csat_response", name="Answered the question", group="Customers", kind="share", better="high",
            source="asks", of="x.asked_at IS NOT NULL", hit="x.answered_at IS NOT NULL",
            definition="Share of those asked by mail in the period who answered.",
        ),
    )
}  # fmt: skip

# {dimension: (SQL of its value, its name)}. The last two are of escalations: elsewhere they mean "has one such".
DIMENSIONS: dict[str, tuple[str, str]] = {
    "service": ("t.service_id", "Service"),
    "team": ("t.team_id", "Team"),
    "line": ("t.line", "Line"),
    "customer": ("t.organisation_id", "Customer"),
    "category": ("t.category", "Category"),
    "channel": ("t.channel", "Channel"),
    "priority": ("t.priority", "Priority"),
    "cause": ("coalesce((SELECT c.category FROM problems_cause c WHERE c.ticket_id = t.ticket_id), '')", "Cause"),
    "type": ("x.type", "Type of escalation"),
    "reason": ("x.reason", "Reason of escalation"),
}
OF_ESCALATIONS = ("type", "reason")
# Of ids, {dimension: (table, the word in an address)}.
IDS = {
    "service": ("people_service", "slug"),
    "team": ("people_team", "slug"),
    "customer": ("people_organisation", "id::text"),
}
NONE = "none"  # the value of a dimension that is empty
DAY, HOUR, MINUTE = 86_400, 3_600, 60
# Upper ends (seconds, excluded) of the bars of a histogram, each with its name; the last is open.
LENGTHS = (
    (15 * MINUTE, "under 15 m"), (HOUR, "15 to 60 m"), (4 * HOUR, "1 to 4 h"), (8 * HOUR, "4 to 8 h"),
    (DAY, "8 to 24 h"), (3 * DAY, "1 to 3 d"), (7 * DAY, "3 to 7 d"), (14 * DAY, "1 to 2 w"), (0, "over 2 w"),
)  # fmt: skip
AGES = (
    (DAY, "under a day"), (3 * DAY, "1 to 3 days"), (7 * DAY, "3 to 7 days"), (14 * DAY, "1 to 2 weeks"),
    (28 * DAY, "2 to 4 weeks"), (0, "over 4 weeks"),
)  # fmt: skip


def is_known_by(metric: Metric, dimension: str) -> bool:
    """Tell whether a metric is known by a dimension of escalations: if it counts them, or how often there are such."""
    return dimension in OF_ESCALATIONS and (SOURCES[metric.source].escalations or is_rate_by(metric, dimension))


def is_rate_by(metric: Metric, dimension: str) -> bool:
    """Tell whether the groups of a metric are shares of all its tickets, each with its own part: escalations by reason."""
    return metric.key == "escalation_rate" and dimension in OF_ESCALATIONS


def groups_for(metric: Metric) -> list[str]:
    """Return the dimensions by which a metric can be broken down."""
    return [key for key in DIMENSIONS if key not in OF_ESCALATIONS or is_known_by(metric, key)]
