"""How well a team knows its services, and where only one does."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.people.models import Service, Skill, Team, User
from tocsin.domain.people.queries import members_of_team
from tocsin.domain.training.enums import State
from tocsin.domain.training.logic.coverage import Cell, singles
from tocsin.domain.training.models import Course
from tocsin.domain.training.queries.duties import asked_of_teams, duties_of_many, services_of


@dataclass(frozen=True, slots=True)
class Row:
    """One member; `cells` in the order of the services, None where nothing is asked."""

    person: User
    cells: list[Cell | None]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that at most one member knows. `only` None: nobody does. `course`: what would mend it."""

    what: str
    kind: str  # service or skill
    only: User | None
    course: Course | None
    others: list[User]  # who could learn it


@dataclass(frozen=True, slots=True)
class Coverage:
    """The table and what it shows."""

    services: list[tuple[Service | None, int, int]]  # with how many members know it whole, of how many
    rows: list[Row]
    gaps: list[Gap]
    unasked: list[Service]  # nobody has said what the line must know of them

    @property
    def whole(self) -> int:
        """How many services everybody in the team knows."""
        return sum(knowing == of for _, knowing, of in self.services)


def coverage(team: Team, now: datetime) -> Coverage:
    """Return how a team stands: for each service and member, how much of what is asked of their line they know now.

    A constant number of queries.
    """
    people = members_of_team(team.pk)
    asked = asked_of_teams([team])[team.pk]
    courses: dict[UUID | None, dict[UUID, Course]] = defaultdict(dict)
    named: dict[UUID | None, Service | None] = {}
    for one in asked:
        courses[one.service_id][one.course_id] = one.course
        named[one.service_id] = one.service
    known: dict[UUID, set[UUID]] = {
        pk: {duty.course.pk for duty in duties if duty.standing.counts}
        for pk, duties in duties_of_many(people, now).items()
    }
    keys = sorted(named, key=lambda pk: ((service := named[pk]) and service.name) or "")
    rows = [Row(one, [_cell(courses[key], known[one.pk]) for key in keys]) for one in people]
    columns = [
        (named[key], sum(cell is not None and cell.whole for cell in (row.cells[n] for row in rows)), len(rows))
        for n, key in enumerate(keys)
    ]
    gaps = _of_services(people, keys, named, courses, known) + _of_skills(people)
    return Coverage(columns, rows, gaps, [one for one in services_of(team) if one.pk not in named])


def _cell(courses: dict[UUID, Course], known: set[UUID]) -> Cell | None:
    return Cell(len(known & courses.keys()), len(courses)) if courses else None


def _of_services(
    people: list[User], keys: list[UUID | None], named: dict[UUID | None, Service | None],
    courses: dict[UUID | None, dict[UUID, Course]], known: dict[UUID, set[UUID]],
) -> list[Gap]:  # fmt: skip
    by_key = {str(one.pk): one for one in people}
    holders = {str(key): [str(one.pk) for one in people if courses[key].keys() <= known[one.pk]] for key in keys}
    found = []
    for single in singles(holders, list(by_key)):
        key = next(one for one in keys if str(one) == single.what)
        service = named[key]
        only = by_key.get(single.only)
        others = [one for one in people if one != only]
        missing = [course for course in courses[key].values() if any(course.pk not in known[one.pk] for one in others)]
        course = missing[0] if missing else None
        found.append(Gap(service.name if service else "The whole work", "service", only, course, others))
    return found


def _of_skills(people: list[User]) -> list[Gap]:
    """Return the skills that exactly one member has: nobody misses a skill that nobody in the team has."""
    by_key = {str(one.pk): one for one in people}
    holders: dict[str, list[str]] = defaultdict(list)
    rows = Skill.objects.filter(people__in=people).values_list("name", "people").distinct()
    for name, person in rows:
        if str(person) in by_key:
            holders[name].append(str(person))
    teaching: dict[str, Course] = {}
    taught = Course.objects.filter(state=State.PUBLISHED, skills__name__in=list(holders))
    for course in taught.prefetch_related("skills").order_by("title"):
        for skill in course.skills.all():
            teaching.setdefault(skill.name, course)
    return [
        Gap(one.what, "skill", by_key[one.only], teaching.get(one.what), [p for p in people if str(p.pk) != one.only])
        for one in singles(holders, list(by_key))
        if one.only
    ]
