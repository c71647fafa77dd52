"""From names, a skill and teams to the people who would be asked at an instant, with the evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tocsin.domain.notify import queries as notify
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import Team, User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.swarms.logic.inviting import Wanted, once_each

type _Named = tuple[UUID, str, str, Team | None]  # who, by which way, why in words, for which team


@dataclass(frozen=True, slots=True)
class Asked:
    """Who would be asked now: each person once, and what came to nothing, in words."""

    people: list[Wanted]
    vacant: list[str] = field(default_factory=list)


def resolve(
    *, persons: Sequence[User], skill: str, teams: Sequence[Team], besides: Collection[UUID], now: datetime
) -> Asked:
    """Return who would be asked at `now`: deputies stand in, the absent of a team or skill are left out.

    For a team it is whoever is on call for it; where nobody is, all its members. A constant number of queries for
    each kind.
    """
    vacant: list[str] = []
    wanted: list[_Named] = [(one.pk, "person", "asked for by name", None) for one in persons]
    wanted += _on_call(teams, now, vacant)
    if skill:
        skilled = people.skilled_in(skill)
        wanted += [(one.pk, "skill", f"knows {skill}", None) for one in skilled]
        if not skilled:
            vacant.append(f"Nobody who is active knows {skill}.")
    return Asked(once_each(_answering(wanted, now), besides), vacant)


def _on_call(teams: Sequence[Team], now: datetime, vacant: list[str]) -> list[_Named]:
    rows = oncall.schedules_of_teams([team.pk for team in teams]) if teams else []
    on = oncall.who_is_on_now([row.slug for row in rows], now) if rows else {}
    members = people.members_of_teams([team.pk for team in teams]) if teams else {}
    found: list[_Named] = []
    for team in teams:
        slugs = [row.slug for row in rows if row.team_id == team.pk and row.slug in on]
        duty = [(pk, f"on call for {team.name}") for slug in slugs for pk, _ in on[slug].people]
        if not duty:
            duty = [(one.pk, f"in {team.name}, where nobody is on call") for one in members[team.pk]]
        if not duty:
            vacant.append(f"Nobody active is in {team.name}.")
        found += [(pk, "team", why, team) for pk, why in duty]
    return found


def _answering(wanted: Sequence[_Named], now: datetime) -> list[Wanted]:
    """Put deputies in the place of those who are away, and say who can be reached."""
    answering = people.answerable_many([pk for pk, *_ in wanted], now)
    standing = {person.pk for person, _ in answering.values() if person is not None}
    reachable, away = notify.reachable(standing), oncall.away_at(now)
    found = []
    for pk, through, why, team in wanted:
        person, evidence = answering[pk]
        if person is None or not is_staff.test(person) or (person.pk in away and through != "person"):
            continue
        words = why if person.pk == pk else f"{why}; {'; '.join(evidence)}"
        found.append(
            Wanted(person.pk, person.name, through, words[:300], team.pk if team else None, person.pk in reachable)
        )
    return found
