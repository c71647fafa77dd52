"""Named reads of people, teams and services. Those named `..._many` need a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tocsin.domain.people.logic import deputies as logic
from tocsin.domain.people.models import Deputy, Membership, Organisation, Service, Skill, Team, User
from tocsin.domain.people.rules import may_see_people
from tocsin.kernel.errors import NotFound

LONGEST_CHAIN = 10


def find_person(email: str) -> User | None:
    """Return the person with this address, in whatever case it is written; None if there is none."""
    return User.objects.filter(email__iexact=email.strip()).select_related("organisation", "manager").first()


def person(user_id: UUID) -> User:
    """Return one person with organisation and manager. Raises NotFound."""
    found = User.objects.filter(pk=user_id).select_related("organisation", "manager").first()
    if found is None:
        raise NotFound("person_not_found", "There is no such person.")
    return found


def access_person(user: User, user_id: UUID) -> User:
    """Return a person as far as `user` may see them: staff everybody, requesters only themselves. Raises NotFound."""
    if user.pk != user_id and not may_see_people.test(user):
        raise NotFound("person_not_found", "There is no such person, or you may not see them.")
    return person(user_id)


def people(text: str = "", *, only_active: bool = True) -> QuerySet[User]:
    """Return people whose name or address contains `text`, by name, with organisation and manager."""
    found = User.objects.select_related("organisation", "manager").order_by("name", "email")
    if only_active:
        found = found.filter(is_active=True)
    wanted = text.replace("\x00", "").strip()
    return found.filter(Q(name__icontains=wanted) | Q(email__icontains=wanted)) if wanted else found


def names_of_actors(actors: Collection[str]) -> dict[str, str]:
    """Return {"person:<id>": name} for the journal's actor words that name a known person; one query."""
    ids: dict[UUID, str] = {}
    for actor in actors:
        kind, _, value = actor.partition(":")
        if kind == "person":
            try:
                ids[UUID(value)] = actor
            except ValueError:
                continue  # an imported log may hold any word; it is shown as it stands
    rows = User.objects.filter(pk__in=list(ids)).values_list("pk", "name") if ids else []
    return {ids[pk]: name for pk, name in rows}


def answerable(user_id: UUID, at: datetime) -> tuple[User | None, list[str]]:
    """Return who answers for this person at `at` (aware), following deputies, and the evidence in words.

    Nobody (None) only if the person is deactivated or unknown and no deputy stands in. See logic.deputies.
    """
    found, evidence = answerable_many([user_id], at)[user_id]
    return found, list(evidence)


def answerable_many(user_ids: Iterable[UUID], at: datetime) -> dict[UUID, tuple[User | None, tuple[str, ...]]]:
    """Return `answerable` of many people; every id asked for is answered. Seven queries at most."""
    wanted = list(dict.fromkeys(user_ids))
    users = User.objects.in_bulk(wanted)
    stands: dict[UUID, list[logic.Stand[UUID]]] = {}
    ahead = set(users)
    for _ in range(logic.DEEPEST + 1):
        if not ahead:
            break
        found: dict[UUID, list[logic.Stand[UUID]]] = defaultdict(list)
        for row in _standing(at).filter(user__in=ahead).select_related("deputy"):
            found[row.user_id].append(logic.Stand(row.deputy_id, row.ends_at, row.reason))
            users.setdefault(row.deputy_id, row.deputy)
        stands.update({pk: found[pk] for pk in ahead})
        ahead = {stand.deputy for rows in found.values() for stand in rows} - stands.keys()
    known = {pk: logic.Person(pk, user.name, user.is_active) for pk, user in users.items()}
    answers = {pk: logic.answering(pk, known, stands) for pk in wanted}
    return {pk: (users[a.person] if a.person else None, a.evidence) for pk, a in answers.items()}


def deputies_at(user_ids: Iterable[UUID], at: datetime) -> dict[UUID, list[Deputy]]:
    """Return who stands in for each person at `at`, the preferred (most lately begun) first; one query."""
    found: dict[UUID, list[Deputy]] = {pk: [] for pk in user_ids}
    for row in _standing(at).filter(user__in=list(found)).select_related("deputy"):
        found[row.user_id].append(row)
    return found


def deputies_of(user: User, *, after: datetime) -> list[Deputy]:
    """Return the deputies set for a person that have not ended at `after`, by start: for the person's page."""
    rows = Deputy.objects.filter(Q(ends_at=None) | Q(ends_at__gt=after), user=user)
    return list(rows.select_related("deputy").order_by("starts_at", "id"))


def manager_chain(user_id: UUID) -> list[User]:
    """Return the managers above a person, nearest first, at most LONGEST_CHAIN; a circle ends at its first repeat."""
    chain: list[User] = []
    seen = {user_id}
    current = User.objects.filter(pk=user_id).select_related("manager").first()
    while current is not None and current.manager is not None and len(chain) < LONGEST_CHAIN:
        if current.manager.pk in seen:
            break
        chain.append(current.manager)
        seen.add(current.manager.pk)
        current = User.objects.filter(pk=current.manager.pk).select_related("manager").first()
    return chain


def team_by_slug(slug: str) -> Team:
    """Return a team with its lead, escalation manager and next team. Raises NotFound."""
    found = _teams().filter(slug=slug).first()
    if found is None:
        raise NotFound("team_not_found", f"There is no team {slug!r}. Check its short name in the list of teams.")
    return found


def teams() -> list[Team]:
    """Return every team, by line and name, with lead, escalation manager, next team and `member_count`."""
    members = Count("members", filter=Q(members__is_active=True))
    return list(_teams().annotate(member_count=members).order_by("line", "name"))


def members_of_team(team_id: UUID) -> list[User]:
    """Return the active members of a team, by name."""
    return members_of_teams([team_id])[team_id]


def members_of_teams(team_ids: Iterable[UUID]) -> dict[UUID, list[User]]:
    """Return the active members of many teams, by name; every id asked for is answered; one query."""
    found: dict[UUID, list[User]] = {pk: [] for pk in team_ids}
    rows = Membership.objects.filter(team__in=list(found), user__is_active=True).select_related("user")
    for row in rows.order_by("user__name", "user_id"):
        found[row.team_id].append(row.user)
    return found


def teams_of(user: User) -> list[Team]:
    """Return the teams a person is in, by name."""
    return list(_teams().filter(members=user).order_by("name"))


def service_by_slug(slug: str) -> Service:
    """Return a service with its team. Raises NotFound."""
    found = Service.objects.filter(slug=slug).select_related("team").first()
    if found is None:
        message = f"There is no service {slug!r}. Check its short name in the list of services."
        raise NotFound("service_not_found", message)
    return found


def services() -> list[Service]:
    """Return every service by name, with its team."""
    return list(Service.objects.select_related("team").order_by("name"))


def organisations() -> list[Organisation]:
    """Return every organisation by name, with its account manager."""
    return list(Organisation.objects.select_related("account_manager").order_by("name"))


def skilled_in(skill: str) -> list[User]:
    """Return the active people with a skill (its name in any case), by name."""
    return list(User.objects.filter(skills__name__iexact=skill, is_active=True).order_by("name", "pk"))


def skills() -> list[Skill]:
    """Return every skill by name."""
    return list(Skill.objects.order_by("name"))


def _teams() -> QuerySet[Team]:
    return Team.objects.select_related("lead", "escalation_manager", "escalates_to")


def _standing(at: datetime) -> QuerySet[Deputy]:
    """The deputies that stand at `at`: from the start on, until before the end; the most lately begun first."""
    return Deputy.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at).order_by("-starts_at", "-id")


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Return {id as text: name} of people and teams, for journal entries; other ids are left out. Two queries."""
    wanted: set[UUID] = set()
    for value in ids:
        try:
            wanted.add(UUID(value))
        except ValueError:
            continue
    if not wanted:
        return {}
    rows = [*User.objects.filter(pk__in=wanted).values_list("pk", "name")]
    rows += Team.objects.filter(pk__in=wanted).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}
