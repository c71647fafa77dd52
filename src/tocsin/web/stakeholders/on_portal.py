"""What a customer sees of promises and of the next update, in plain words."""

from typing import Any

from tocsin.domain.stakeholders import queries
from tocsin.domain.tickets.models import Ticket


def on_portal(found: Ticket) -> dict[str, Any]:
    """Return what the request's page shows."""
    return {"promises": queries.promises_for_customer(found), "customer_waits": queries.customer_waits_until(found)}
