"""Opening problems, writing on them, and saying which tickets they caused."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import Service, User
from tocsin.domain.problems import rules
from tocsin.domain.problems.actions.recording import actor_of, demand, lock, next_number, tell, text
from tocsin.domain.problems.enums import ProblemState
from tocsin.domain.problems.logic.lifecycle import ENDED
from tocsin.domain.problems.models import Affected, Cause, Problem
from tocsin.domain.tickets.enums import LinkKind
from tocsin.domain.tickets.events import TicketLinked
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

LONGEST = 100_000
WORKERS = "Problems are worked on by those who work on tickets."
RUNNERS = "This is done by problem managers, leads, escalation managers and the problem's owner. Ask one of them."


@transaction.atomic
def open_problem(
    *, title: str, by: User | None, now: datetime, tickets: Collection[UUID] = (), description: str = "",
    service: Service | None = None, category: str = "", configuration_item: str = "", owner: User | None = None,
    state: str = "", series: str = "", is_demo: bool = False,
) -> Problem:  # fmt: skip
    """Open a problem with the tickets it caused. Without `state`, those who run problems open it, others a candidate.

    Raises NotAllowed for whoever does not work on tickets, InvalidInput without a title.
    """
    demand(by, rules.may_work_on_problems, None, WORKERS)
    usual = ProblemState.OPEN if by is None or rules.may_decide_on_proposals.test(by) else ProblemState.CANDIDATE
    made = Problem.objects.create(
        id=new_id(), number=next_number(), title=text("title", title, 200, required=True),
        description=text("description", description, LONGEST), state=state or usual, owner=owner, service=service,
        category=category.strip()[:120], configuration_item=configuration_item.strip()[:120], series=series,
        opened_at=now, updated_at=now, opened_by=actor_of(by), is_demo=is_demo,
    )  # fmt: skip
    tell(made, "problem.opened", by, now, state=made.state)
    if tickets:
        _link(made, tickets, by, now)
    return made


@transaction.atomic
def open_from_escalation(
    *, escalation_id: UUID, title: str, by: User | None, now: datetime, cause: str = ""
) -> Problem:
    """Say that an escalation shows a problem: a candidate with its ticket and with those caused by the same ticket.

    Returns the problem that the ticket stands on already, if there is an unfinished one. For closing an escalation
    and for reviews; `cause` is what was found out there.
    """
    found = Escalation.objects.select_related("ticket__service").filter(pk=escalation_id).first()
    if found is None:
        raise NotFound("escalation_not_found", "There is no such escalation.")
    ticket = found.ticket
    present = Problem.objects.filter(affected__ticket=ticket).exclude(state__in=ENDED).order_by("opened_at").first()
    if present is not None:
        return present
    made = open_problem(
        title=title, by=by, now=now, tickets=[ticket.pk], service=ticket.service, category=ticket.category,
        configuration_item=ticket.configuration_item,
    )  # fmt: skip
    if cause:
        made.cause = text("cause", cause, LONGEST)
        made.save(update_fields=["cause"])
    return made


@transaction.atomic
def note_cause(*, ticket_id: UUID, category: str, now: datetime) -> Cause:
    """Keep what category of cause a ticket's escalation had, so that repeats of causes are found."""
    cleaned = text("category", category, 80, required=True)
    made, _ = Cause.objects.update_or_create(ticket_id=ticket_id, defaults={"category": cleaned, "at": now})
    return made


@transaction.atomic
def change_problem(
    *, problem_id: UUID, by: User | None, now: datetime, expected: datetime | None = None, **fields: Any
) -> Problem:
    """Write on a problem: title, description, service, category, configuration_item, owner, cause, workaround, change,
    change_url. Fields that are not given stay. Raises Conflict if it was changed since `expected`.
    """
    found = lock(problem_id)
    demand(by, rules.may_work_on_problems, None, WORKERS)
    if expected is not None and expected != found.updated_at:
        message = f"{found.reference} was changed while you were writing. Look at what is new, then save again."
        raise Conflict("problem_changed", message)
    changed = []
    for name, value in fields.items():
        if name not in _WRITTEN:
            raise InvalidInput("unknown_field", f"A problem has no {name}.", {name: "There is no such field."})
        limit = _WRITTEN[name]
        cleaned = text(name, value, limit, required=name == "title") if limit else value
        if name == "change_url":
            _check_url(cleaned)
        if getattr(found, name) != cleaned:
            setattr(found, name, cleaned)
            changed.append(name)
    if changed:
        found.updated_at = now
        found.save()
        tell(found, "problem.changed", by, now, fields=sorted(changed))
    return found


# {field: longest text; 0: no text}
_WRITTEN = {
    "title": 200, "description": LONGEST, "category": 120, "configuration_item": 120, "cause": LONGEST, "workaround": LONGEST,
    "change": 120, "change_url": 500, "service": 0, "owner": 0,
}  # fmt: skip


def _check_url(value: str) -> None:
    if not value:
        return
    try:
        URLValidator(schemes=["http", "https"])(value)
    except ValidationError:
        problem = "Give a whole web address, beginning with https://."
        raise InvalidInput("bad_url", problem, {"change_url": problem}) from None


@transaction.atomic
def link_tickets(*, problem_id: UUID, ticket_ids: Collection[UUID], by: User | None, now: datetime) -> int:
    """Say that a problem caused these tickets; return how many are new. Raises Conflict if it was merged into another."""
    found = lock(problem_id)
    demand(by, rules.may_work_on_problems, None, WORKERS)
    if found.merged_into_id is not None:
        raise Conflict("problem_merged", f"{found.reference} was merged into another. Link the tickets there.")
    return _link(found, ticket_ids, by, now)


def _link(problem: Problem, ticket_ids: Collection[UUID], by: User | None, now: datetime) -> int:
    """Link tickets, and those that are said to be caused by one of them."""
    wanted = set(Ticket.objects.filter(pk__in=ticket_ids, is_drill=False).values_list("pk", flat=True))
    if len(wanted) < len(set(ticket_ids)):
        raise NotFound("ticket_not_found", "There is no such ticket, or you may not see it.")
    caused = Ticket.objects.filter(links_out__kind=LinkKind.PROBLEM, links_out__to_ticket__in=wanted, is_drill=False)
    wanted |= set(caused.values_list("pk", flat=True))
    wanted -= set(Affected.objects.filter(problem=problem, ticket__in=wanted).values_list("ticket_id", flat=True))
    if not wanted:
        return 0
    actor = actor_of(by)
    Affected.objects.bulk_create(
        [Affected(problem=problem, ticket_id=pk, at=now, by=actor) for pk in sorted(wanted)], ignore_conflicts=True
    )
    problem.updated_at = now
    problem.save(update_fields=["updated_at"])
    tell(problem, "problem.tickets_linked", by, now, tickets=wanted, said="problem.linked", count=len(wanted))
    return len(wanted)


@transaction.atomic
def unlink_ticket(*, problem_id: UUID, ticket_id: UUID, by: User, now: datetime) -> None:
    """Say that a problem did not cause this ticket after all."""
    found = lock(problem_id)
    demand(by, rules.may_work_on_problems, None, WORKERS)
    gone, _ = Affected.objects.filter(problem=found, ticket=ticket_id).delete()
    if gone:
        found.updated_at = now
        found.save(update_fields=["updated_at"])
        tell(
            found,
            "problem.ticket_unlinked",
            by,
            now,
            tickets=[ticket_id],
            said="problem.unlinked",
            ticket=str(ticket_id),
        )


def on_ticket_linked(event: TicketLinked) -> None:
    """A ticket that is "caused by" one on a problem stands on that problem too."""
    if event.kind != LinkKind.PROBLEM:
        return
    active = Problem.objects.filter(affected__ticket=event.to_ticket_id).exclude(state__in=ENDED)
    for pk in sorted(active.values_list("pk", flat=True)):
        _link(lock(pk), [event.ticket_id], None, event.at)
