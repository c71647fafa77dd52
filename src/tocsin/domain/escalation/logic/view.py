"""The typed view of a ticket that conditions (CEL) see (SEMANTICS 3)."""

from typing import NamedTuple


class TicketView(NamedTuple):
    """One ticket at one instant. Texts are empty where nothing is set; ages are whole minutes of wall time.

    Field names are the variables of a condition: `ticket.priority <= 2 && ticket.service == "Payroll"`.
    """

    number: int = 0
    subject: str = ""
    status: str = "new"
    priority: int = 3  # 1 gravest .. 4
    impact: int = 2  # 1 high .. 3 low
    urgency: int = 2
    category: str = ""
    channel: str = ""
    configuration_item: str = ""
    service: str = ""  # name
    team: str = ""  # slug
    line: str = ""  # L1, L2, L3, management
    owner: str = ""  # e-mail
    has_owner: bool = False
    organisation: str = ""  # name
    requester: str = ""  # e-mail
    handovers: int = 0
    ping_pongs: int = 0
    reopens: int = 0
    messages: int = 0
    customer_messages: int = 0
    links: int = 0
    age_minutes: int = 0
    idle_minutes: int = 0  # since the last public reply, or since opening
    open_escalations: int = 0
    is_open: bool = True
