"""Who could take a ticket, with what each carries already: for reassigning from the hot board."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people.models import Team, User
from tocsin.domain.people.queries import members_of_teams
from tocsin.domain.people.queries import teams as every_team
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.domain.tickets.queries import people_who_may_own

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person, or a team's queue. `key`: person:<id> or team:<slug>."""

    key: str
    name: str
    tickets: int
    escalations: int
    on_call: bool = False
    away: bool = False
    same_team: bool = False
    holds: bool = False  # it lies there already
    person: User | None = None
    team: Team | None = None


def candidates(ticket: Ticket, now: datetime) -> tuple[list[Candidate], list[Candidate]]:
    """Return (people, teams): those on call and of the ticket's team first, then those who carry least."""
    open_now = Ticket.objects.filter(status__in=OPEN_STATUSES, is_drill=False).order_by()
    owned = Counter(dict(open_now.exclude(owner=None).values_list("owner").annotate(Count("pk"))))
    lying = Counter(dict(open_now.exclude(team=None).values_list("team").annotate(Count("pk"))))
    escalated = Escalation.objects.filter(state=EscalationState.OPEN)
    by_owner = Counter(escalated.values_list("ticket__owner", flat=True))
    by_team = Counter(escalated.values_list("ticket__team", flat=True))
    on = {pk for schedule in oncall.who_is_on_now(None, now).values() for pk, _ in schedule.people}
    away = oncall.away_at(now)
    team_id = ticket.team_id
    mates = {one.pk for one in members_of_teams([team_id])[team_id]} if team_id else set()
    people = [
        Candidate(
            f"person:{one.pk}", one.name, owned[one.pk], by_owner[one.pk], one.pk in on, one.pk in away, one.pk in mates,
            one.pk == ticket.owner_id, person=one,
        )
        for one in people_who_may_own()
    ]  # fmt: skip
    teams = [
        Candidate(
            f"team:{one.slug}", one.name, lying[one.pk], by_team[one.pk], same_team=one.pk == team_id,
            holds=one.pk == team_id and ticket.owner_id is None, team=one,
        )
        for one in every_team()
    ]  # fmt: skip
    people.sort(key=lambda one: (one.away, not one.on_call, not one.same_team, one.tickets, one.name))
    return people[:SHOWN], teams
