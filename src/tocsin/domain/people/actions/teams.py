"""Teams: lines, leads, members, and where work climbs to."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.actions.checking import SYSTEM, actor_of, choice, demand, short_name, tell, words
from tocsin.domain.people.enums import Line
from tocsin.domain.people.models import Membership, Team, User
from tocsin.domain.people.rules import is_staff, may_administer_people, may_manage_team
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

FIELDS = frozenset({"name", "line", "lead", "escalation_manager", "escalates_to"})
MANAGERS_ONLY = "Only the team's lead, an escalation manager or an administrator can change a team."


@transaction.atomic
def create_team(
    *,
    name: str,
    slug: str,
    line: str = Line.L1,
    by: User | None,
    now: datetime,
    lead: User | None = None,
    escalation_manager: User | None = None,
    escalates_to: Team | None = None,
    members: Iterable[User] = (),
    is_demo: bool = False,
    actor: str | None = None,
) -> Team:
    """Add a team on a line. Raises Conflict if its name is taken, InvalidInput for people who do not work here."""
    demand(by, may_administer_people, "Only administrators can add teams. Ask one of them.")
    team = Team(
        id=new_id(),
        name=words("name", name, limit=120),
        slug=short_name(slug),
        line=choice("line", line, Line.values),
        lead=_worker("lead", lead),
        escalation_manager=_worker("escalation_manager", escalation_manager),
        escalates_to=escalates_to,
        is_demo=is_demo,
    )
    for field in ("name", "slug"):
        if Team.objects.filter(**{f"{field}__iexact": getattr(team, field)}).exists():
            problem = f"There is a team {getattr(team, field)!r} already."
            raise Conflict("team_exists", f"{problem} Choose another {field}.", {field: problem})
    team.save(force_insert=True)
    told = {"team": team.pk, "slug": team.slug, "line": team.line}
    tell(SYSTEM, "team.created", actor_of(by, actor), now, told)
    people = list(members)
    if people:
        set_members(team_id=team.pk, members=people, by=by, now=now, actor=actor)
    return team


@transaction.atomic
def edit_team(*, team_id: UUID, by: User | None, now: datetime, actor: str | None = None, **fields: Any) -> Team:
    """Change name, line, lead, escalation_manager or escalates_to (rows or None).

    Raises InvalidInput for other fields and where work would climb in a circle. All teams are
    locked, in order of id, so that two who change their ways up at once cannot make one together.
    """
    teams = {team.pk: team for team in Team.objects.select_for_update(of=("self",)).order_by("pk")}
    team = _found(teams.get(team_id))
    demand(by, may_manage_team, MANAGERS_ONLY, team)
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        problem = f"Choose among {', '.join(sorted(FIELDS))}."
        message = f"{', '.join(unknown)} cannot be changed here. {problem}"
        raise InvalidInput("bad_field", message, dict.fromkeys(unknown, problem))
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: words("name", value, limit=120),
        "line": lambda value: choice("line", value, Line.values),
        "lead": lambda value: _worker("lead", value),
        "escalation_manager": lambda value: _worker("escalation_manager", value),
        "escalates_to": lambda value: _possible_next(team, value, teams),
    }
    changed = {name: checks[name](value) for name, value in fields.items()}
    changed = {name: value for name, value in changed.items() if getattr(team, name) != value}
    if not changed:
        return team
    for name, value in changed.items():
        setattr(team, name, value)
    team.save(update_fields=sorted(changed))
    told = {name: value.pk if isinstance(value, User | Team) else value for name, value in changed.items()}
    tell(SYSTEM, "team.edited", actor_of(by, actor), now, {"team": team.pk, **told})
    return team


@transaction.atomic
def set_members(
    *, team_id: UUID, members: Iterable[User], by: User | None, now: datetime, actor: str | None = None
) -> list[User]:
    """Make exactly these people the team's members, and return them. Raises InvalidInput for a stranger."""
    team = _found(Team.objects.select_for_update(of=("self",)).filter(pk=team_id).first())
    demand(by, may_manage_team, MANAGERS_ONLY, team)
    wanted = {user.pk: user for user in members}
    present = set(Membership.objects.filter(team=team).values_list("user", flat=True))
    added = [wanted[pk] for pk in sorted(wanted.keys() - present)]
    gone = sorted(present - wanted.keys())
    for user in added:
        _worker("members", user)
    if added or gone:
        Membership.objects.filter(team=team, user__in=gone).delete()
        Membership.objects.bulk_create([Membership(team=team, user=user) for user in added])
        told = {"team": team.pk, "added": [str(user.pk) for user in added], "removed": [str(pk) for pk in gone]}
        tell(SYSTEM, "team.members_changed", actor_of(by, actor), now, told)
    return list(wanted.values())


@transaction.atomic
def set_teams(*, user: User, teams: Iterable[Team], by: User | None, now: datetime, actor: str | None = None) -> None:
    """Make exactly these the teams a person is in. Raises what set_members raises."""
    wanted = {team.pk for team in teams}
    present = set(Membership.objects.filter(user=user).values_list("team", flat=True))
    for pk in sorted(wanted ^ present):
        others = list(User.objects.filter(teams=pk).exclude(pk=user.pk).order_by("name"))
        members = [*others, user] if pk in wanted else others
        set_members(team_id=pk, members=members, by=by, now=now, actor=actor)


def _found(team: Team | None) -> Team:
    if team is None:
        raise NotFound("team_not_found", "There is no such team.")
    return team


def _worker(field: str, user: User | None) -> User | None:
    """Return the person if they are active and work here (or None). Raises InvalidInput."""
    if user is not None and not is_staff.test(user):
        problem = f"{user.name} is not an active member of staff."
        raise InvalidInput("not_staff", f"{problem} Choose somebody who is.", {field: problem})
    return user


def _possible_next(team: Team, above: Team | None, teams: dict[UUID, Team]) -> Team | None:
    # The locked rows are what is true; the caller's row may be older.
    step, seen = teams.get(above.pk) if above else None, {team.pk}
    while step is not None:
        if step.pk in seen:
            problem = f"Work from {team.name} would come back to {team.name}."
            raise InvalidInput("escalation_circle", f"{problem} Choose another team.", {"escalates_to": problem})
        seen.add(step.pk)
        step = teams.get(step.escalates_to_id) if step.escalates_to_id else None
    return above
