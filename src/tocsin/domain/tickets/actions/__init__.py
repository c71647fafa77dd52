"""Everything that can be done to tickets. Each act is one transaction that locks the ticket's row first.

With `by` the person's rights are checked (NotFound for what they may not see, NotAllowed for what
they may not do); with None it is a machine's act, journalled as `actor` or "system".
`expected_updated_at` makes an act conditional: Conflict if the ticket was changed since.
"""

from tocsin.domain.tickets.actions.details import change_details, set_impact_urgency, set_priority_cell
from tocsin.domain.tickets.actions.drilling import open_drill_ticket
from tocsin.domain.tickets.actions.handovers import (
    answer_handover,
    expire_handovers,
    offer_handover,
    withdraw_handover,
)
from tocsin.domain.tickets.actions.links import link
from tocsin.domain.tickets.actions.messages import add_message, remark
from tocsin.domain.tickets.actions.opening import open_ticket
from tocsin.domain.tickets.actions.ownership import assign, take
from tocsin.domain.tickets.actions.rating import rate
from tocsin.domain.tickets.actions.status import close, reopen, resolve, set_status

__all__ = [
    "add_message",
    "answer_handover",
    "assign",
    "change_details",
    "close",
    "expire_handovers",
    "link",
    "offer_handover",
    "open_drill_ticket",
    "open_ticket",
    "rate",
    "remark",
    "reopen",
    "resolve",
    "set_impact_urgency",
    "set_priority_cell",
    "set_status",
    "take",
    "withdraw_handover",
]
