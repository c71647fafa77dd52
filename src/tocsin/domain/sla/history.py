"""From rows to the facts that clocks fold over, for many tickets with a constant number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from tocsin.domain.sla.enums import OnChange
from tocsin.domain.sla.logic.clock import Fact, Terms
from tocsin.domain.sla.models import AgreedDate, Agreement
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Change, Message, Ticket

FOLDED = ("status", "priority", "team", "service", "organisation")
_SPOKEN = {MessageKind.REPLY: "reply", MessageKind.CUSTOMER: "customer"}  # a note does nothing


def terms_of(agreement: Agreement) -> Terms:
    """Return an agreement's content. Its targets should be prefetched."""
    targets = {
        (target.kind, target.priority, str(target.team_id) if target.team_id else ""): target.seconds
        for target in agreement.targets.all()
    }
    return Terms(targets, frozenset(agreement.pause_statuses), agreement.on_change == OnChange.RESTART)


def histories(tickets: Sequence[Ticket]) -> dict[UUID, list[Fact]]:
    """Return {ticket: its facts in order of time}, the opening first; what was written together keeps its order."""
    ids = [ticket.pk for ticket in tickets]
    changes: dict[UUID, list[tuple[object, ...]]] = defaultdict(list)
    rows = Change.objects.filter(ticket_id__in=ids, field__in=FOLDED).order_by("ticket_id", "at", "id")
    for ticket_id, at, field, before, after in rows.values_list("ticket_id", "at", "field", "before", "after"):
        changes[ticket_id].append((at, field, before, after))
    later: dict[UUID, list[Fact]] = defaultdict(list)
    said = Message.objects.filter(ticket_id__in=ids, kind__in=list(_SPOKEN)).order_by("at", "id")
    for ticket_id, at, kind in said.values_list("ticket_id", "at", "kind"):
        later[ticket_id].append(Fact(at, _SPOKEN[kind]))
    agreed = AgreedDate.objects.filter(ticket_id__in=ids).order_by("at", "id")
    for ticket_id, at, kind, due in agreed.values_list("ticket_id", "at", "kind", "due_at"):
        later[ticket_id].append(Fact(at, "agreed", kind, due))
    return {ticket.pk: _history(ticket, changes[ticket.pk], later[ticket.pk]) for ticket in tickets}


def _history(ticket: Ticket, changes: list[tuple[object, ...]], later: list[Fact]) -> list[Fact]:
    first: dict[str, str] = {}
    facts: list[Fact] = []
    for at, field, before, after in changes:
        if field not in first:
            # The row that the opening itself wrote has no "before": it tells the value from the beginning.
            is_opening = not before and field in ("status", "priority")
            first[str(field)] = str(after if is_opening else before)
            if is_opening:
                continue
        if field in ("service", "organisation"):
            if before:
                facts.append(Fact(max(at, ticket.opened_at), "agreement"))  # type: ignore[type-var]  # at is a datetime
        else:
            facts.append(Fact(max(at, ticket.opened_at), str(field), str(after)))  # type: ignore[type-var]  # as above
    opened = Fact(
        ticket.opened_at, "opened", status=first.get("status", ticket.status),
        priority=int(first.get("priority", ticket.priority)),
        team=first.get("team", str(ticket.team_id) if ticket.team_id else ""),
    )  # fmt: skip
    rest = sorted(facts + [f for f in later if f.at >= ticket.opened_at], key=lambda fact: fact.at)
    return [opened, *rest]
