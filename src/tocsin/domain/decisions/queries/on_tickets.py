"""Decisions as they stand on one ticket, for one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from tocsin.domain.decisions.enums import Holder, RequestState
from tocsin.domain.decisions.logic import rights
from tocsin.domain.decisions.logic.rights import Case, Entry, Right, Standing, Verdict
from tocsin.domain.decisions.models import Decision, Lesson, Request, Taken
from tocsin.domain.decisions.queries.catalogue import all_decisions, entry_of, standing_of
from tocsin.domain.decisions.rules import is_asked, is_open_request
from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.escalation.ticket_views import ticket_views
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_see_ticket
from tocsin.kernel.errors import NotFound

STAFF = (Role.AGENT, Role.LEAD, Role.ESCALATION_MANAGER, Role.PROBLEM_MANAGER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """One decision that may be taken on a ticket, and how far its viewer may go alone."""

    decision: Decision
    entry: Entry
    verdict: Verdict

    @property
    def limit(self) -> str:
        """How far the viewer may go alone, in words; empty without a limit or a right."""
        right = self.verdict.right
        return rights.limit_of(right, self.entry) if right is not None else ""


def rights_on(ticket: Ticket, user: User, now: datetime) -> list[Mine]:
    """Return every decision that may be taken on this ticket now, those that `user` may take alone first."""
    view = ticket_views([ticket.pk], now)[ticket.pk]
    standing = standing_of(user)
    found = []
    for decision in all_decisions():
        entry = entry_of(decision)
        if not rights.why_not_here(entry, case_of(ticket, decision, view, now)):
            found.append(Mine(decision=decision, entry=entry, verdict=rights.judge(entry, standing)))
    return sorted(found, key=lambda one: (not one.verdict.allowed, one.decision.name))


def choice_of(found: Iterable[Mine], slug: str) -> Mine | None:
    """Return the one of that slug."""
    return next((one for one in found if one.decision.slug == slug), None)


def case_of(ticket: Ticket, decision: Decision, view: TicketView, now: datetime) -> Case:
    """Return the ticket as the rights of a decision see it. A condition that fails on it does not hold."""
    holds = conditions.holds(decision.condition, view)
    return Case(service=ticket.service_id, customer=ticket.organisation_id, holds=holds, on=now.date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a decision beyond somebody's limit is offered to, and by which right they may."""

    people: tuple[User, ...]
    as_who: str
    evidence: tuple[str, ...]  # who stands in for whom


def will_be_asked(entry: Entry, amount: Decimal | None, ticket: Ticket, asker: User, now: datetime) -> Asked | None:
    """Return the lowest who may, their deputies in their place; None if the catalogue knows nobody who may.

    Among those of one rung the nearest is asked: the lead of the ticket's team, then the asker's managers upwards,
    then the team's escalation manager; failing them all of the rung.
    """
    near = _near(ticket, asker)
    for rung in rights.ladder(entry, amount):
        holders = [user for user in _holders(rung) if user.pk != asker.pk]
        chosen = rights.nearest([user.pk for user in holders], near)
        answers = people.answerable_many(chosen, now)
        reached = {
            who.pk: who for who, _ in answers.values() if who is not None and who.pk != asker.pk and is_staff.test(who)
        }
        if reached:
            said = tuple(word for _, evidence in answers.values() for word in evidence)
            names = " or ".join(right.name for right in rung)
            return Asked(people=tuple(reached.values()), as_who=names[:300], evidence=said)
    return None


def _near(ticket: Ticket, asker: User) -> list[UUID]:
    team = ticket.team
    first = [team.lead_id] if team is not None else []
    last = [team.escalation_manager_id] if team is not None else []
    managers = [one.pk for one in people.manager_chain(asker.pk)]
    return [pk for pk in [*first, *managers, *last] if pk is not None]


def _holders(rung: Iterable[Right]) -> list[User]:
    """Return the active staff who hold one of these rights, by name."""
    wanted = Q()
    for right in rung:
        wanted |= {
            Holder.LINE: Q(teams__line=right.key),
            Holder.ROLE: Q(role=right.key),
            Holder.SKILL: Q(skills__name=right.key),
            Holder.TEAM: Q(teams__slug=right.key),
        }[Holder(right.holder)]
    return list(User.objects.filter(wanted, is_active=True, role__in=STAFF).distinct().order_by("name"))


def taken_on(ticket_id: UUID) -> list[Taken]:
    """Return what was decided on a ticket, newest first."""
    rows = Taken.objects.filter(ticket=ticket_id).select_related("decision", "by", "approved_by", "team", "ticket")
    return list(rows.order_by("-at"))


def open_requests(ticket_id: UUID) -> list[Request]:
    """Return what waits for an answer on a ticket, oldest first."""
    return list(_requests().filter(ticket=ticket_id, state=RequestState.ASKED).order_by("asked_at"))


def requests_waiting_for(user: User) -> list[Request]:
    """Return what waits for an answer of this person, the most pressing first."""
    return list(_requests().filter(asked_of=user, state=RequestState.ASKED).order_by("due_at"))


def waiting_for(user: User) -> QuerySet[Request]:
    """Return the requests that wait for this person's answer, to be counted."""
    return Request.objects.filter(asked_of=user, state=RequestState.ASKED)


def access_request(user: User, request_id: UUID) -> Request:
    """Return a request on a ticket that `user` works on. Raises NotFound."""
    found = _requests().filter(pk=request_id).first()
    if found is None or not is_staff.test(user) or not may_see_ticket.test(user, found.ticket):
        raise NotFound("request_not_found", "There is no such request, or you may not see it.")
    return found


def may_answer(request: Request, user: User) -> bool:
    """Tell whether somebody may answer: they were asked, or their own right reaches; never who asks."""
    if not is_open_request.test(user, request) or user.pk == request.asked_by_id or not is_staff.test(user):
        return False
    return bool(is_asked.test(user, request)) or own_right(request, standing_of(user)) is not None


def own_right(request: Request, standing: Standing) -> Right | None:
    """Return somebody's own right if it reaches what is asked for."""
    verdict = rights.judge(entry_of(request.decision), standing, request.amount)
    return verdict.right if verdict.allowed else None


def next_request_due() -> datetime | None:
    """Return when the next request runs out."""
    return Request.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


def learnt_on(ticket_id: UUID) -> Lesson | None:
    """Return the last that came back from an expert on a ticket."""
    return Lesson.objects.filter(escalation__ticket=ticket_id).select_related("to").order_by("-at").first()


def _requests() -> QuerySet[Request]:
    return Request.objects.select_related("decision", "ticket__team", "asked_by", "answered_by").prefetch_related(
        "asked_of"
    )
