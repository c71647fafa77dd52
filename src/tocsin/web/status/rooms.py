"""What promises, signals and subscriptions have to say on the account page and the briefing (see seams.py)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string

from tocsin.domain.listening import queries as listening
from tocsin.domain.people import queries as people
from tocsin.domain.stakeholders import queries as stakeholders
from tocsin.domain.stakeholders.enums import PromiseState
from tocsin.domain.tickets.rules import may_see_internals
from tocsin.web.access import now, viewer

SHOWN = 8


def broken(request: HttpRequest, customers: Collection[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    """Count the promises to each customer that were broken lately."""
    found = stakeholders.broken_by_customer(customers, now(request))
    return {customer: {"promises_broken": n} for customer, n in found.items()}


def displeased(request: HttpRequest, customers: Collection[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    """Count each customer's messages that sound strongly displeased."""
    found = listening.strong_by_customer(customers, now(request))
    return {customer: {"low_signals": n} for customer, n in found.items()}


def promises(request: HttpRequest, customer_id: UUID) -> str:
    """Show what is still owed to a customer, and how promises to them were kept."""
    customer = people.organisation(customer_id)
    found = stakeholders.ledger(
        viewer(request), now(request), organisation=customer, state=PromiseState.OPEN, limit=SHOWN
    )
    return render_to_string("status/room_promises.html", {"ledger": found, "customer": customer}, request)


def course(request: HttpRequest, customer_id: UUID) -> str:
    """Show how a customer's messages sound over the weeks."""
    found = listening.course_of(viewer(request), customer_id, now(request))
    return render_to_string("status/room_signals.html", {"course": found}, request) if found else ""


def following(request: HttpRequest, escalation_id: UUID) -> str:
    """Offer to follow an escalation; say who waits in vain for an update, inside the house."""
    user = viewer(request)
    subscription = stakeholders.subscription_to_escalation(user, [escalation_id]).get(escalation_id)
    plan = stakeholders.next_updates([escalation_id]).get(escalation_id) if may_see_internals.test(user) else None
    waiting = plan if plan is not None and plan.missed else None
    context = {"subscription": subscription, "next_update": waiting, "escalation_id": escalation_id}
    return render_to_string("status/room_following.html", context, request)
