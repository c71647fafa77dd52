"""What somebody must know, and how they stand with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.domain.people.models import Membership, Service, Team, User
from tocsin.domain.training.enums import Proof, State
from tocsin.domain.training.logic.coverage import concerned
from tocsin.domain.training.logic.validity import Asked, Learnt, Standing, standing
from tocsin.domain.training.models import Attempt, Completion, Course, Requirement

URGENCY = {"overdue": 0, "renew": 1, "todo": 2, "soon": 3, "waiting": 4, "done": 5}


@dataclass(frozen=True, slots=True)
class Duty:
    """A course that somebody must know or has passed. `services`: for which; empty: asked of nobody, taken freely."""

    course: Course
    standing: Standing
    services: tuple[str, ...]
    completion: Completion | None


@dataclass(frozen=True, slots=True)
class Ladders:
    """How teams stand to each other: where work climbs to, and who is on which line."""

    above: dict[UUID, UUID | None]
    lines: dict[str, list[UUID]]

    def concerned(self, service: Service | None, team: Team) -> bool:
        """Say whether a team has to do with a service (None: all its work)."""
        owner = service.team_id if service else None
        return concerned(self.above, owner, team.pk, self.lines.get(team.line, ()))


def ladders() -> Ladders:
    """Return how teams stand to each other; one query."""
    above: dict[UUID, UUID | None] = {}
    lines: dict[str, list[UUID]] = defaultdict(list)
    for pk, over, line in Team.objects.values_list("pk", "escalates_to", "line"):
        above[pk] = over
        lines[line].append(pk)
    return Ladders(above, lines)


def asked_of_teams(teams: Iterable[Team]) -> dict[UUID, list[Requirement]]:
    """Return {team: what its line must know of the services it has to do with}; two queries."""
    stand = ladders()
    rows = Requirement.objects.select_related("service", "course").filter(course__state=State.PUBLISHED)
    every = list(rows.order_by("service__name", "course__title"))
    return {
        team.pk: [one for one in every if one.line == team.line and stand.concerned(one.service, team)]
        for team in teams
    }


def duties_of(user: User, now: datetime) -> list[Duty]:
    """Return what this person must know and what they have passed, the most urgent first."""
    return duties_of_many([user], now)[user.pk]


def duties_of_many(users: Collection[User], now: datetime) -> dict[UUID, list[Duty]]:
    """Return `duties_of` for many people; a constant number of queries."""
    ids = [one.pk for one in users]
    teams: dict[UUID, list[Team]] = defaultdict(list)
    for member in Membership.objects.filter(user__in=ids).select_related("team"):
        teams[member.user_id].append(member.team)
    asked = asked_of_teams({team.pk: team for found in teams.values() for team in found}.values())
    latest: dict[tuple[UUID, UUID], Completion] = {}
    rows = Completion.objects.filter(person__in=ids).exclude(state__in=[Proof.REPLACED, Proof.REFUSED])
    for one in rows.select_related("course", "attempt").order_by("passed_at"):
        latest[one.person_id, one.course_id] = _better(latest.get((one.person_id, one.course_id)), one)
    found: dict[UUID, list[Duty]] = {}
    for user in users:
        mine = {one.pk: one for team in teams[user.pk] for one in asked[team.pk]}
        found[user.pk] = _duties(user, list(mine.values()), latest, now)
    return found


def _better(present: Completion | None, other: Completion) -> Completion:
    """Return the one that counts; what waits for sign-off does not hide what is valid still."""
    if present is not None and present.state == Proof.VALID and other.state != Proof.VALID:
        return present
    return other


def _duties(
    user: User, asked: list[Requirement], latest: dict[tuple[UUID, UUID], Completion], now: datetime
) -> list[Duty]:
    courses: dict[UUID, Course] = {}
    of: dict[UUID, list[Requirement]] = defaultdict(list)
    for one in asked:
        courses[one.course_id] = one.course
        of[one.course_id].append(one)
    for (person, course_id), completion in latest.items():
        if person == user.pk:
            courses.setdefault(course_id, completion.course)
    rows = []
    for pk, course in courses.items():
        held = latest.get((user.pk, pk))
        if not of[pk] and held is not None and held.state == Proof.EXPIRED:
            continue  # nobody asks for it any more
        names = tuple(sorted({one.service.name if one.service else "" for one in of[pk]}))
        rows.append(Duty(course, _standing(user, course, of[pk], held, now), names, held))
    return sorted(rows, key=lambda one: (URGENCY[one.standing.what], str(one.standing.due_at or ""), one.course.title))


def _standing(
    user: User, course: Course, asked: list[Requirement], completion: Completion | None, now: datetime
) -> Standing:
    since = min((one.made_at for one in asked), default=now)
    if user.joined_at is not None:
        since = max(since, user.joined_at)
    within = timedelta(days=min((one.within_days for one in asked), default=30))
    learnt = Learnt(
        state=completion.state, version=completion.version, valid_until=completion.valid_until
    ) if completion else Learnt()  # fmt: skip
    needed = Asked(
        counts_from=course.counts_from if asked else 0, since=since, within=within, renewal_since=course.renewal_since
    )
    return standing(learnt, needed, now)


def past_attempts(user: User, limit: int = 30) -> list[Attempt]:
    """Return a person's own attempts, newest first."""
    return list(Attempt.objects.filter(person=user).select_related("course").order_by("-at")[:limit])


def next_training_due() -> datetime | None:
    """Return when the next reminder or expiry is due (UTC), None if nothing waits."""
    rows = Completion.objects.filter(due_at__isnull=False).order_by("due_at")
    return rows.values_list("due_at", flat=True).first()


def services_of(team: Team) -> list[Service]:
    """Return the services that a team has to do with, by name; those it owns first."""
    stand = ladders()
    rows = [one for one in Service.objects.order_by("name") if stand.concerned(one, team)]
    return sorted(rows, key=lambda one: (one.team_id != team.pk, one.name))
