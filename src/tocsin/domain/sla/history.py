"""From rows to the facts that clocks fold over, for many tickets with a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from tocsin.domain.sla.enums import OnChange
from tocsin.domain.sla.logic.clock import Fact, Terms
from tocsin.domain.sla.models import AgreedDate, Agreement
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.models import Change, Message, Ticket

FOLDED = ("status", "priority", "team", "service", "organisation")
_SPOKEN: dict[str, str] = {MessageKind.REPLY: "reply", MessageKind.CUSTOMER: "customer"}  # a note does nothing
_ENDED = (Status.RESOLVED, Status.CLOSED)

# Facts of one instant were written in one act, in tables that do not know each other's order: a reply sent
# with the resolving comes before it (it answered), the customer's words come after the reopening they caused.
_CHANGED, _REPLIED, _ENDING, _WROTE, _AGREED = range(5)


class Changed(Protocol):
    """A change of one of the ticket's fields. What clocks do not look at may be among those that are told."""

    @property
    def at(self) -> datetime: ...
    @property
    def field(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


class _Changed(NamedTuple):
    at: datetime
    field: str
    before: str
    after: str


type _Placed = tuple[int, Fact]


def terms_of(agreement: Agreement) -> Terms:
    """Return an agreement's content. Its targets should be prefetched."""
    targets = {
        (target.kind, target.priority, str(target.team_id) if target.team_id else ""): target.seconds
        for target in agreement.targets.all()
    }
    return Terms(targets, frozenset(agreement.pause_statuses), agreement.on_change == OnChange.RESTART)


def agreement_among(
    among: Sequence[Agreement], organisation_id: UUID | None, service_id: UUID | None
) -> Agreement | None:
    """Return what applies: of this customer and service, else customer, else service, else the default, else None."""
    best: tuple[int, Agreement] | None = None
    for agreement in among:
        if agreement.organisation_id not in (None, organisation_id):
            continue
        if agreement.service_id not in (None, service_id):
            continue
        weight = 2 * (agreement.organisation_id is not None) + (agreement.service_id is not None)
        if best is None or weight > best[0]:
            best = weight, agreement
    return best[1] if best else None


def histories(tickets: Sequence[Ticket], among: Sequence[Agreement]) -> dict[UUID, list[Fact]]:
    """Return {ticket: its facts in order of time}, the opening first. `among`: every agreement that may apply."""
    ids = [ticket.pk for ticket in tickets]
    rows = Change.objects.filter(ticket_id__in=ids, field__in=FOLDED).order_by("ticket_id", "at", "id")
    said = Message.objects.filter(ticket_id__in=ids, kind__in=list(_SPOKEN)).order_by("at", "id")
    agreed = AgreedDate.objects.filter(ticket_id__in=ids).order_by("at", "id")
    changes: dict[UUID, list[_Changed]] = defaultdict(list)
    for ticket_id, at, name, before, after in rows.values_list("ticket_id", "at", "field", "before", "after"):
        changes[ticket_id].append(_Changed(at, name, before, after))
    spoken: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    for ticket_id, at, kind in said.values_list("ticket_id", "at", "kind"):
        spoken[ticket_id].append((at, kind))
    dates: dict[UUID, list[tuple[datetime, str, datetime | None]]] = defaultdict(list)
    for ticket_id, at, kind, due in agreed.values_list("ticket_id", "at", "kind", "due_at"):
        dates[ticket_id].append((at, kind, due))
    return {pk: history_of(it, changes[pk], spoken[pk], dates[pk], among) for it in tickets for pk in [it.pk]}


def history_of(
    ticket: Ticket, changes: Sequence[Changed], said: Iterable[tuple[datetime, str]],
    agreed: Iterable[tuple[datetime, str, datetime | None]], among: Sequence[Agreement],
) -> list[Fact]:  # fmt: skip
    """Return the facts of one ticket from rows that were read already, each kind in order of time.

    `said`: (at, kind) of messages; `agreed`: (at, kind of clock, due) of dates by hand.
    """
    others = [
        (_REPLIED if kind == MessageKind.REPLY else _WROTE, Fact(at, _SPOKEN[kind]))
        for at, kind in said
        if kind in _SPOKEN
    ]
    others += [(_AGREED, Fact(at, "agreed", kind, due)) for at, kind, due in agreed]
    return _history(ticket, [change for change in changes if change.field in FOLDED], others, among)


def opening_of(ticket: Ticket) -> Fact:
    """Return the whole history of a ticket that was opened at this moment."""
    return Fact(
        ticket.opened_at, "opened", status=ticket.status, priority=int(ticket.priority), team=_text(ticket.team_id)
    )


def _history(
    ticket: Ticket, changes: Sequence[Changed], others: list[_Placed], among: Sequence[Agreement]
) -> list[Fact]:
    first: dict[str, str] = {}
    later: list[Changed] = []
    for change in changes:
        if change.field not in first:
            # What the opening itself wrote has no "before"; it tells the value from the beginning.
            opening = not change.before and change.at <= ticket.opened_at
            first[change.field] = change.after if opening else change.before
            if opening:
                continue
        later.append(change)
    opened = Fact(
        ticket.opened_at, "opened", status=first.get("status") or ticket.status,
        priority=int(first.get("priority") or ticket.priority), team=first.get("team", _text(ticket.team_id)),
    )  # fmt: skip
    scope = {name: first.get(name, _text(getattr(ticket, f"{name}_id"))) for name in ("organisation", "service")}
    placed = _placed(later, ticket.opened_at, scope, among)
    placed += [(place, fact) for place, fact in others if fact.at >= ticket.opened_at]
    placed.sort(key=lambda one: (one[1].at, one[0]))
    return [opened, *(fact for _, fact in placed)]


def _placed(
    changes: Sequence[Changed], opened_at: datetime, scope: dict[str, str], among: Sequence[Agreement]
) -> list[_Placed]:
    """Return changes as facts, in their order. Another customer or service counts if another agreement applies."""
    found: list[_Placed] = []
    instant, place = opened_at, _CHANGED
    for change in changes:
        at = max(change.at, opened_at)
        if at != instant:
            instant, place = at, _CHANGED
        if change.field == "status" and change.after in _ENDED and change.before not in _ENDED:
            place = _ENDING
        if change.field in scope:
            before = _applies(among, scope)
            scope[change.field] = change.after
            if _applies(among, scope) != before:
                found.append((place, Fact(at, "agreement")))
        else:
            found.append((place, Fact(at, change.field, change.after)))
    return found


def _applies(among: Sequence[Agreement], scope: dict[str, str]) -> UUID | None:
    organisation, service = (UUID(scope[name]) if scope[name] else None for name in ("organisation", "service"))
    found = agreement_among(among, organisation, service)
    return found.pk if found else None


def _text(key: UUID | None) -> str:
    return str(key) if key else ""
