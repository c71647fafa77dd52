"""Every operation, by the headings of the reference."""

from ninja import Router

from tocsin.api.operations import conversation, escalations, house, policies, problems, schedules, tickets

ROUTERS: dict[str, Router] = {
    "Tickets": tickets.router,
    "On a ticket": conversation.router,
    "Escalations": escalations.router,
    "On call": schedules.router,
    "Policies": policies.router,
    "Problems": problems.router,
    "People": house.router,
}
