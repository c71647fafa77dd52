"""Reading problems: lists, one problem with its impact, what stands on a ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, F, Max, Q, QuerySet, Sum

from tocsin.domain.desk.models import TimeSpent
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.problems import rules
from tocsin.domain.problems.enums import ProblemState
from tocsin.domain.problems.logic.lifecycle import ENDED
from tocsin.domain.problems.models import Affected, Hypothesis, Measure, Problem, Push
from tocsin.domain.tickets.models import OPEN_STATUSES, Rating, Ticket
from tocsin.kernel.errors import NotFound

PAGE = 200
SHOWN = ("owner", "service", "article", "merged_into")


@dataclass(frozen=True, slots=True)
class Impact:
    """What a problem costs, from its linked tickets."""

    tickets: int
    open_tickets: int
    escalations: int
    customers: int
    hours_open: float  # all tickets together, elapsed, until they were resolved
    hours_worked: float  # as logged on them
    rating: float | None  # mean of what requesters gave, 1 to 5
    ratings: int
    last_at: datetime | None  # the youngest ticket


def access_problem(user: User, number: int) -> Problem:
    """Return a problem. Raises NotFound if absent or not for this person."""
    found = Problem.objects.select_related(*SHOWN).filter(number=number).first()
    if found is None or not rules.may_see_problems.test(user):
        raise NotFound("problem_not_found", f"There is no problem P-{number}, or you may not see it.")
    return found


def problem_of(problem_id: UUID) -> Problem:
    """Return a problem by id, for machines. Raises NotFound."""
    found = Problem.objects.select_related(*SHOWN).filter(pk=problem_id).first()
    if found is None:
        raise NotFound("problem_not_found", "There is no such problem.")
    return found


def problems(*, which: str = "", text: str = "", owner: User | None = None) -> QuerySet[Any]:
    """Return problems with counts of their tickets. `which`: a state, "ended", "all", otherwise those at work."""
    found = Problem.objects.select_related(*SHOWN)
    if which in ProblemState.values:
        found = found.filter(state=which)
    elif which == "ended":
        found = found.filter(state__in=ENDED)
    elif which != "all":
        found = found.exclude(state__in=ENDED)
    if owner is not None:
        found = found.filter(owner=owner)
    if text:
        found = found.filter(_about(text))
    return found.annotate(
        tickets=Count("affected", distinct=True),
        open_tickets=Count("affected", filter=Q(affected__ticket__status__in=OPEN_STATUSES), distinct=True),
        customers=Count("affected__ticket__organisation", distinct=True),
        last_at=Max("affected__ticket__opened_at"),
    )


def _about(text: str) -> Q:
    number = text.upper().removeprefix("P-")
    if number.isascii() and number.isdigit() and len(number) < 16:
        return Q(number=int(number))
    about = Q()
    for word in text.split()[:8]:
        about &= Q(title__icontains=word) | Q(description__icontains=word) | Q(workaround__icontains=word)
    return about


def in_order(found: QuerySet[Any], limit: int = PAGE) -> list[Problem]:
    """Return those that hurt most first: open tickets, then all tickets, then the latest change."""
    return list(found.order_by("-open_tickets", "-tickets", "-updated_at")[:limit])


def state_counts() -> dict[str, int]:
    rows = Problem.objects.order_by().values_list("state").annotate(count=Count("pk"))
    return dict(rows)


def impact_of(problem: Problem) -> Impact:
    """Return what a problem costs. Four queries."""
    mine = Ticket.objects.filter(problems__problem=problem)
    sums = mine.aggregate(
        tickets=Count("pk"), open_tickets=Count("pk", filter=Q(status__in=OPEN_STATUSES)),
        customers=Count("organisation", distinct=True), last_at=Max("opened_at"),
        open_for=Sum(F("resolved_at") - F("opened_at"), filter=Q(resolved_at__gte=F("opened_at"))),
    )  # fmt: skip
    worked = TimeSpent.objects.filter(ticket__in=mine).aggregate(sum=Sum("minutes"))["sum"] or 0
    rated = Rating.objects.filter(ticket__in=mine).aggregate(mean=Avg("score"), count=Count("pk"))
    hours = sums["open_for"].total_seconds() / 3600 if sums["open_for"] else 0.0
    return Impact(
        tickets=sums["tickets"], open_tickets=sums["open_tickets"], customers=sums["customers"], last_at=sums["last_at"],
        escalations=Escalation.objects.filter(ticket__in=mine).count(), hours_open=hours, hours_worked=worked / 60,
        rating=rated["mean"], ratings=rated["count"],
    )  # fmt: skip


def tickets_of(problem: Problem, limit: int = PAGE) -> list[Ticket]:
    """Return a problem's tickets: those that are open first, then the youngest."""
    mine = Ticket.objects.filter(problems__problem=problem).select_related("organisation", "owner", "requester")
    return list(mine.annotate(ended=Q(status__in=["resolved", "closed"])).order_by("ended", "-opened_at")[:limit])


def waiting_for_workaround(problem_id: UUID, body: str) -> list[Ticket]:
    """Return the linked open tickets on which this text was not sent yet."""
    had = Push.objects.filter(problem=problem_id, body=body, taken_back_at__isnull=True).values("tickets")
    mine = Ticket.objects.filter(problems__problem=problem_id, status__in=OPEN_STATUSES, is_drill=False)
    return list(mine.exclude(pk__in=had).select_related("requester", "organisation", "owner").order_by("number"))


def hypotheses_of(problem: Problem) -> list[Hypothesis]:
    return list(problem.hypotheses.select_related("by", "judged_by").order_by("at"))


def measures_of(problem: Problem) -> list[Measure]:
    return list(problem.measures.select_related("owner").order_by("starts_on", "made_at"))


def measures(*, running: bool = True) -> QuerySet[Measure]:
    """Return measures with their problems, the latest first."""
    found = Measure.objects.select_related("problem", "owner")
    return found.filter(withdrawn_at__isnull=True) if running else found


def access_measure(user: User, problem: Problem, measure_id: UUID) -> Measure:
    """Return a measure of a problem. Raises NotFound."""
    found = Measure.objects.filter(problem=problem, pk=measure_id).first()
    if found is None or not rules.may_see_problems.test(user):
        raise NotFound("measure_not_found", "There is no such measure.")
    return found


def access_hypothesis(problem: Problem, hypothesis_id: UUID) -> Hypothesis:
    """Return a hypothesis of a problem. Raises NotFound."""
    found = Hypothesis.objects.filter(problem=problem, pk=hypothesis_id).first()
    if found is None:
        raise NotFound("hypothesis_not_found", "There is no such hypothesis.")
    return found


def access_push(problem: Problem, push_id: UUID) -> Push:
    """Return a push of a problem. Raises NotFound."""
    found = Push.objects.filter(problem=problem, pk=push_id).first()
    if found is None:
        raise NotFound("push_not_found", "There is no such message.")
    return found


def pushes_of(problem: Problem) -> list[Push]:
    """Return the workarounds that were sent, the latest first, with counts."""
    return list(problem.pushes.select_related("by").annotate(count=Count("tickets")).order_by("-at")[:20])


def problems_of(ticket_id: UUID) -> list[Problem]:
    """Return the problems a ticket stands on, unfinished ones first."""
    found = Problem.objects.filter(affected__ticket=ticket_id, merged_into__isnull=True).select_related(*SHOWN)
    return list(found.annotate(ended=Q(state__in=ENDED)).order_by("ended", "-updated_at"))


def problems_by_ticket(ticket_ids: Collection[UUID]) -> dict[UUID, list[Problem]]:
    """Return {ticket: its unfinished problems}: for lists. One query."""
    rows = Affected.objects.filter(ticket__in=ticket_ids).exclude(problem__state__in=ENDED).select_related("problem")
    found: dict[UUID, list[Problem]] = {}
    for row in rows:
        found.setdefault(row.ticket_id, []).append(row.problem)
    return found


def likely_problems(ticket: Ticket, limit: int = 3) -> list[Problem]:
    """Return unfinished problems that this ticket might belong to: of the same item, or service and category."""
    alike = Q()
    if ticket.configuration_item:
        alike |= Q(configuration_item=ticket.configuration_item)
    if ticket.service_id and ticket.category:
        alike |= Q(service=ticket.service_id, category=ticket.category)
    if not alike:
        return []
    found = Problem.objects.filter(alike).exclude(state__in=ENDED).exclude(affected__ticket=ticket.pk)
    return list(found.select_related(*SHOWN).order_by("-updated_at")[:limit])


def active_choices() -> list[tuple[UUID, str]]:
    """Return unfinished problems for pickers: (id, "P-12 title"), the latest first."""
    rows = Problem.objects.exclude(state__in=ENDED).order_by("-updated_at")[:500]
    return [(one.pk, f"{one.reference} {one.title}") for one in rows]
