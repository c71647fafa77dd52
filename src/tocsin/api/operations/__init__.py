"""Every operation, by the headings of the reference."""

from ninja import Router

from tocsin.api.operations import (
    backtests,
    commands,
    conversation,
    decisions,
    escalations,
    feedback,
    house,
    knowledge,
    listening,
    metrics,
    policies,
    problems,
    promises,
    reviews,
    risk,
    schedules,
    shifts,
    status,
    swarms,
    tickets,
)

ROUTERS: dict[str, Router] = {
    "Tickets": tickets.router,
    "On a ticket": conversation.router,
    "Promises and updates": promises.router,
    "Listening": listening.router,
    "Escalations": escalations.router,
    "Decision rights": decisions.router,
    "Swarms": swarms.router,
    "Command": commands.router,
    "Feedback": feedback.router,
    "On call": schedules.router,
    "Shift handover": shifts.router,
    "Knowledge and training": knowledge.router,
    "Policies": policies.router,
    "Back-tests": backtests.router,
    "Problems": problems.router,
    "Risk": risk.router,
    "Reviews": reviews.router,
    "Figures": metrics.router,
    "People": house.router,
    "Customers told": status.router,
}
