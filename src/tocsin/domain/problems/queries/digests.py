"""The facts of a team's month, and the digests that were made of them. Months are UTC months."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import Team
from tocsin.domain.problems.enums import ProposalState, VerdictWord
from tocsin.domain.problems.logic.digest import FORM
from tocsin.domain.problems.logic.lifecycle import ENDED
from tocsin.domain.problems.models import Cause, Digest, Measure, Problem, Proposal
from tocsin.domain.problems.queries.reading import problems
from tocsin.domain.problems.queries.sayings import values_of
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound

FEW = 5


def month_before(day: date) -> date:
    """Return the first day of the month before that of `day`."""
    return date(day.year - 1, 12, 1) if day.month == 1 else date(day.year, day.month - 1, 1)


def month_after(day: date) -> date:
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)


def facts_of(team: Team, month: date) -> dict[str, Any]:
    """Return a team's month: of tickets that are the team's now, and of the problems behind them."""
    start, end = _instant(month), _instant(month_after(month))
    mine = Ticket.objects.filter(team=team, is_drill=False)
    escalated = Escalation.objects.filter(ticket__in=mine, opened_at__gte=start, opened_at__lt=end)
    before = Escalation.objects.filter(
        ticket__in=mine, opened_at__gte=_instant(month_before(month)), opened_at__lt=start
    )
    touched = problems(which="all").filter(affected__ticket__team=team)
    causes = Cause.objects.filter(ticket__in=mine, at__gte=start, at__lt=end)
    return {
        "tickets": mine.filter(opened_at__gte=start, opened_at__lt=end).count(),
        "escalations": escalated.count(),
        "escalations_before": before.count(),
        "escalated_tickets": escalated.filter(ticket__opened_at__gte=start).values("ticket").distinct().count(),
        "form": FORM, "reasons": _counted(escalated, "reason"),
        "services": _counted(escalated.filter(ticket__service__isnull=False), "ticket__service__name"),
        "causes": _counted(causes, "category"),
        "problems": [
            (one.reference, one.title, one.state)
            for one in touched.filter(updated_at__gte=start, updated_at__lt=end).order_by("number")[:FEW]
        ],
        "measures": [
            {"title": one.title, "verdict": one.verdict, "figures": one.figures, "horizon": one.horizon}
            for one in Measure.objects.filter(
                Q(problem__affected__ticket__team=team), withdrawn_at__isnull=True, judged_on__gte=month,
            ).exclude(verdict=VerdictWord.TOO_EARLY).order_by("made_at").distinct()[:FEW]
        ],
        **_waiting(team),
    }  # fmt: skip


def _waiting(team: Team) -> dict[str, Any]:
    mine = Problem.objects.filter(affected__ticket__team=team).exclude(state__in=ENDED).distinct()
    asked = Proposal.objects.filter(state=ProposalState.PROPOSED, tickets__team=team).distinct().order_by("p")
    waiting = problems().filter(affected__ticket__team=team, workaround="", open_tickets__gt=0)
    return {
        "proposals": [values_of(one) for one in asked[:FEW]],
        "unowned": [(one.reference, one.title) for one in mine.filter(owner__isnull=True).order_by("number")[:FEW]],
        "waiting": [(one.reference, one.title, one.open_tickets) for one in waiting.order_by("number")[:FEW]],
    }


def _counted(rows: QuerySet[Any], field: str) -> list[tuple[str, int]]:
    counted = rows.order_by().values_list(field).annotate(count=Count("pk"))
    return sorted(((value, count) for value, count in counted), key=lambda one: (-one[1], one[0]))[:FEW]


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def digests(team: UUID | None = None) -> list[Digest]:
    """Return digests, the latest month first."""
    found = Digest.objects.select_related("team").order_by("-month", "team__name")
    return list((found.filter(team=team) if team else found)[:200])


def access_digest(slug: str, month: date) -> Digest:
    """Return a team's digest of a month. Raises NotFound."""
    found = Digest.objects.select_related("team").filter(team__slug=slug, month=month).first()
    if found is None:
        raise NotFound("digest_not_found", "There is no such digest. They are made on the first of each month.")
    return found
