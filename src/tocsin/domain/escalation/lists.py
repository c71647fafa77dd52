"""Lists of escalations for programs, as far as a person may see them."""

from django.db.models import QuerySet

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.tickets.queries import visible_to
from tocsin.domain.tickets.rules import may_see_internals


def escalations_for(
    user: User, *, state: str = "", policy: str = "", type: str = "", ticket: int | None = None  # noqa: A002 - the field's name
) -> QuerySet[Escalation]:  # fmt: skip
    """Return escalations with ticket, policy, run and owner, in no order yet; empty filters are none.

    None at all for customers, whatever tickets they see: who is paged is the house's business. No drills.
    """
    rows = Escalation.objects.select_related("ticket", "policy", "run__version", "owner")
    if not may_see_internals.test(user):
        return rows.none()
    rows = rows.filter(ticket__in=visible_to(user))
    if state:
        rows = rows.filter(state=EscalationState(state))
    if policy:
        rows = rows.filter(policy__slug=policy)
    if type:
        rows = rows.filter(type=type)
    return rows if ticket is None else rows.filter(ticket__number=ticket)
