"""Status pages and what they tell; account escalations."""

from tocsin.domain.status.models.accounts import AccountEscalation, AccountTicket, AccountUpdate
from tocsin.domain.status.models.pages import (
    Affected,
    Component,
    ComponentChange,
    Incident,
    StatusPage,
    Subscriber,
    Update,
)

__all__ = [
    "AccountEscalation",
    "AccountTicket",
    "AccountUpdate",
    "Affected",
    "Component",
    "ComponentChange",
    "Incident",
    "StatusPage",
    "Subscriber",
    "Update",
]
