"""Named reads of tickets. What a person may not see is not in any answer that takes a person."""

from tocsin.domain.tickets.queries.access import (
    SHOWN,
    access_ticket,
    home_team,
    people_who_may_own,
    priority_cells,
    ticket_of,
    visible_to,
)
from tocsin.domain.tickets.queries.queue import (
    SORTS,
    QueueFilters,
    QueuePage,
    counts,
    filtered,
    handovers_waiting_for,
    next_handover_due,
    open_handover,
    queue,
)
from tocsin.domain.tickets.queries.story import (
    TimelineItem,
    access_handover,
    handovers_of,
    history,
    later_message,
    links_of,
    messages_of,
    timeline,
)

__all__ = [
    "SHOWN",
    "SORTS",
    "QueueFilters",
    "QueuePage",
    "TimelineItem",
    "access_handover",
    "access_ticket",
    "counts",
    "filtered",
    "handovers_of",
    "handovers_waiting_for",
    "history",
    "home_team",
    "later_message",
    "links_of",
    "messages_of",
    "next_handover_due",
    "open_handover",
    "people_who_may_own",
    "priority_cells",
    "queue",
    "ticket_of",
    "timeline",
    "visible_to",
]
