"""Every operation, by the headings of the reference."""

from ninja import Router

from tocsin.api.operations import conversation, escalations, house, policies, promises, schedules, tickets

ROUTERS: dict[str, Router] = {
    "Tickets": tickets.router,
    "On a ticket": conversation.router,
    "Promises and updates": promises.router,
    "Escalations": escalations.router,
    "On call": schedules.router,
    "Policies": policies.router,
    "People": house.router,
}
