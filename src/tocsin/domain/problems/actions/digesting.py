"""The monthly digest: made once for each team and month, and told to those who lead the team."""

from datetime import UTC, date, datetime

from django.db import transaction

from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Team, User
from tocsin.domain.problems.logic.digest import text_of
from tocsin.domain.problems.logic.words import month_of
from tocsin.domain.problems.models import Digest
from tocsin.domain.problems.queries.digests import facts_of, month_before
from tocsin.kernel.ids import new_id


def make_digests(*, now: datetime, month: date | None = None) -> int:
    """Make the digests of a month (the last whole one, unless told) that are not made yet; return how many."""
    asked = (month or month_before(now.astimezone(UTC).date())).replace(day=1)
    return sum(_make(team, asked, now) for team in Team.objects.order_by("name"))


@transaction.atomic
def _make(team: Team, month: date, now: datetime) -> bool:
    Team.objects.select_for_update().get(pk=team.pk)
    if Digest.objects.filter(team=team, month=month).exists():
        return False
    facts = facts_of(team, month)
    if not facts["tickets"] and not facts["escalations"]:
        return False
    Digest.objects.create(id=new_id(), team=team, month=month, facts=facts, text=text_of(facts), made_at=now)
    people = User.objects.in_bulk([pk for pk in (team.lead_id, team.escalation_manager_id) if pk is not None])
    pages = [
        PageRequest(
            user_id=pk,
            purpose="notice",
            urgency=Urgency.NORMAL,
            subject=month_of(team.name, month, person.language),
            body=text_of(facts, person.language),
        )
        for pk, person in sorted(people.items())
    ]
    enqueue(pages=pages, now=now)
    return True
