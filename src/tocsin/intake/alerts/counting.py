"""How often monitoring tells of one ticket: kept, and held against the policies that count it (SEMANTICS 3)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tocsin.domain.escalation import actions as escalation
from tocsin.intake.alerts.models import Telling

MOST = 1_000  # the highest count that a policy can name


def count(*, tickets: Sequence[UUID | None], actor: str, at: datetime) -> None:
    """Keep that an alert of each of these tickets was told, and judge them. In the event's transaction.

    `at` is when the event came in, not when it is taken in: what has waited during an outage is no burst.
    """
    told = [pk for pk in tickets if pk is not None]
    if not told:
        return
    Telling.objects.bulk_create([Telling(ticket_id=pk, at=at) for pk in told])
    window = escalation.alert_window()
    if not window:
        return
    for pk in sorted(set(told)):
        lately = Telling.objects.filter(ticket=pk, at__gt=at - window, at__lte=at).order_by("-at")
        times = list(lately.values_list("at", flat=True)[:MOST])
        escalation.judge_alerts(ticket_id=pk, told=times, actor=actor, now=at)
