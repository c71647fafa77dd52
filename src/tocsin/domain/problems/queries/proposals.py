"""Reading what the detector proposes."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from tocsin.domain.people.models import User
from tocsin.domain.problems import rules
from tocsin.domain.problems.enums import ProposalState
from tocsin.domain.problems.logic.series import WEEK, Days, parsed, weekly
from tocsin.domain.problems.models import Proposal
from tocsin.domain.problems.queries.series import begun, series_of
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound

CHART_WEEKS = 26


def proposals(state: str = ProposalState.PROPOSED) -> QuerySet[Proposal]:
    """Return proposals in a state, the surest first (decided ones: the latest first)."""
    found = (
        Proposal.objects.filter(state=state).select_related("problem", "decided_by").annotate(count=Count("tickets"))
    )
    return found.order_by("p", "-ratio") if state == ProposalState.PROPOSED else found.order_by("-looked_at")


def proposal_count() -> int:
    return Proposal.objects.filter(state=ProposalState.PROPOSED).count()


def access_proposal(user: User, proposal_id: UUID) -> Proposal:
    """Return a proposal. Raises NotFound if absent or not for this person."""
    found = Proposal.objects.select_related("problem", "decided_by").filter(pk=proposal_id).first()
    if found is None or not rules.may_see_problems.test(user):
        raise NotFound("proposal_not_found", "There is no such proposal, or you may not see it.")
    return found


def evidence_of(proposal: Proposal, limit: int = 100) -> list[Ticket]:
    """Return the tickets of a proposal's window, the latest first."""
    return list(proposal.tickets.select_related("organisation", "owner", "service").order_by("-opened_at")[:limit])


def weeks_of(proposal: Proposal) -> Days:
    """Return the weekly counts of a proposal's series, ending with its window."""
    start = proposal.last_day - timedelta(days=CHART_WEEKS * WEEK - 1)
    first = begun()
    if first is not None and first > start:
        start += timedelta(days=((first - start).days // WEEK) * WEEK)
    return weekly(series_of(parsed(proposal.series), start, proposal.last_day))
