"""The record of promises: of a ticket, a person, a team, a customer."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tocsin.domain.people.models import Organisation, Team, User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.stakeholders.enums import PromisedTo, PromiseState
from tocsin.domain.stakeholders.logic.promising import Figures
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.domain.tickets.rules import may_see_internals, may_see_ticket
from tocsin.kernel.errors import NotFound

SHOWN = ("ticket", "to_person", "by", "organisation", "renegotiates")
PERIOD = timedelta(days=90)  # that kept and broken are counted over


@dataclass(frozen=True, slots=True)
class Ledger:
    """Promises, those still to be kept first, with the figures of all that came to their time in the last 90 days."""

    promises: list[Promise]
    figures: Figures
    more: int


def promises_on(ticket: Ticket, user: User) -> list[Promise]:
    """Return a ticket's promises as `user` may see them: open ones by their due time, then the latest ended.

    People of a customer see what was promised to the customer.
    """
    found = Promise.objects.filter(ticket=ticket).select_related(*SHOWN)
    if not may_see_internals.test(user, ticket):
        found = found.filter(to_kind=PromisedTo.CUSTOMER)
    return sorted(found, key=_standing)


def _standing(promise: Promise) -> tuple[int, float]:
    if promise.state == PromiseState.OPEN:
        return 0, promise.due_at.timestamp()
    return 1, -(promise.settled_at or promise.due_at).timestamp()


def access_promise(user: User, promise_id: UUID) -> Promise:
    """Return a promise on a ticket that `user` may see. Raises NotFound."""
    found = (
        Promise.objects.select_related(*SHOWN, "ticket__requester", "ticket__organisation")
        .filter(pk=promise_id)
        .first()
    )
    if found is None or not may_see_ticket.test(user, found.ticket):
        raise NotFound("promise_not_found", "There is no such promise, or you may not see it.")
    if found.to_kind == PromisedTo.INTERNAL and not may_see_internals.test(user, found.ticket):
        raise NotFound("promise_not_found", "There is no such promise, or you may not see it.")
    return found


def ledger(
    user: User, now: datetime, *, by: User | None = None, team: Team | None = None,
    organisation: Organisation | None = None, state: str = "", limit: int = 200,
) -> Ledger:  # fmt: skip
    """Return promises on tickets that `user` may see: of a person, a team's tickets, a customer; in one state."""
    found = _visible(user)
    if by is not None:
        found = found.filter(by=by)
    if team is not None:
        found = found.filter(ticket__team=team)
    if organisation is not None:
        found = found.filter(organisation=organisation)
    figures = figures_of(found, now)
    shown = found.filter(state=state) if state in PromiseState.values else found
    order = "due_at" if state == PromiseState.OPEN else "-due_at"
    rows = list(shown.select_related(*SHOWN).order_by(order, "pk")[: limit + 1])
    return Ledger(rows[:limit], figures, max(len(rows) - limit, 0))


def _visible(user: User) -> QuerySet[Promise]:
    if is_staff.test(user):
        return Promise.objects.filter(ticket__is_drill=False)
    found = Promise.objects.filter(ticket__in=visible_to(user))
    return found if user.organisation_id is None else found.filter(to_kind=PromisedTo.CUSTOMER)


def figures_of(promises: QuerySet[Promise], now: datetime) -> Figures:
    """Return kept and broken of those that came to their time in the last 90 days, and all that are open."""
    recent = promises.filter(Q(state=PromiseState.OPEN) | Q(settled_at__gte=now - PERIOD))
    counted = dict(recent.order_by().values_list("state").annotate(n=Count("pk")))
    return Figures(**{state: counted.get(state, 0) for state in PromiseState.values})


def open_count(user: User) -> int:
    """Return how many promises `user` still has to keep."""
    return Promise.objects.filter(by=user, state=PromiseState.OPEN).count()


def open_on(ticket_id: UUID) -> list[Promise]:
    """Return what is still to be kept on a ticket, the next due first."""
    found = Promise.objects.filter(ticket_id=ticket_id, state=PromiseState.OPEN).select_related(*SHOWN)
    return list(found.order_by("due_at"))


def next_promise_due() -> datetime | None:
    """Return when the engine looks at the next promise (UTC), or None."""
    found = Promise.objects.filter(next_at__isnull=False).order_by("next_at")
    return found.values_list("next_at", flat=True).first()


def promises_for_customer(ticket: Ticket) -> list[Promise]:
    """Return what was promised to a ticket's customer, as the portal shows it: no more than twenty, the open first."""
    found = Promise.objects.filter(ticket=ticket, to_kind=PromisedTo.CUSTOMER).exclude(
        state__in=[PromiseState.RENEGOTIATED, PromiseState.CANCELLED]
    )
    return sorted(found.select_related("by", "renegotiates"), key=_standing)[:20]


def open_on_many(ticket_ids: Collection[UUID]) -> dict[UUID, list[Promise]]:
    """Return {ticket: what is still to be kept on it, the next due first}; one query, however many they are."""
    found: dict[UUID, list[Promise]] = defaultdict(list)
    rows = Promise.objects.filter(ticket__in=list(ticket_ids), state=PromiseState.OPEN).select_related(*SHOWN)
    for one in rows.order_by("due_at"):
        found[one.ticket_id].append(one)
    return dict(found)


def broken_by_customer(customer_ids: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Return {customer: promises to them broken in the last 90 days}."""
    broken = Promise.objects.filter(
        organisation__in=list(customer_ids), state=PromiseState.BROKEN, to_kind=PromisedTo.CUSTOMER,
        settled_at__gte=now - PERIOD,
    )  # fmt: skip
    counted = broken.order_by().values_list("organisation").annotate(n=Count("pk"))
    return {customer: n for customer, n in counted if customer is not None}
