"""Named reads of people, teams and services. Those named `..._many` need a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Greatest

from tocsin.domain.people.enums import LinkPurpose, Role
from tocsin.domain.people.logic import deputies as logic
from tocsin.domain.people.logic.tokens import digest_of
from tocsin.domain.people.models import (
    ApiToken,
    Deputy,
    Membership,
    OneTimeLink,
    Organisation,
    Service,
    SignIn,
    Skill,
    Team,
    User,
)
from tocsin.domain.people.rules import may_see_people
from tocsin.kernel.errors import NotFound

LONGEST_CHAIN = 10
ALIKE = 0.45  # trigram likeness of a misspelt name

OWN_DOMAIN = "tocsin.invalid"  # of accounts that are nobody: the engine's own; no list shows them (RFC 2606)


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
    found = found.exclude(email__endswith=f"@{OWN_DOMAIN}")
    if only_active:
        found = found.filter(is_active=True)
    wanted = text.replace("\x00", "").strip()
    return found.filter(Q(name__icontains=wanted) | Q(email__icontains=wanted)) if wanted else found


def has_administrator() -> bool:
    """Say whether anybody can administer this installation."""
    return User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists()


def alike(text: str) -> QuerySet[User]:
    """Return active people whose name or address is like `text`, misspelt or not, the likest first."""
    wanted = text.replace("\x00", "").strip()
    likeness = Greatest(TrigramWordSimilarity(wanted, "name"), TrigramWordSimilarity(wanted, "email"))
    found = User.objects.filter(is_active=True).select_related("organisation").annotate(likeness=likeness)
    return found.filter(likeness__gt=ALIKE).order_by("-likeness", "name")


def organisations_alike(text: str) -> QuerySet[Organisation]:
    """Return customers whose name is like `text`, misspelt or not, the likest first."""
    likeness = TrigramWordSimilarity(text.replace("\x00", "").strip(), "name")
    return Organisation.objects.annotate(likeness=likeness).filter(likeness__gt=ALIKE).order_by("-likeness", "name")


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
    """Return {id as text: name} of people and teams, for journal entries; other ids are left out. One query."""
    wanted: set[UUID] = set()
    for value in ids:
        try:
            wanted.add(UUID(value))
        except ValueError:
            continue
    if not wanted:
        return {}
    teams = Team.objects.filter(pk__in=wanted).order_by().values_list("pk", "name")
    rows = User.objects.filter(pk__in=wanted).order_by().values_list("pk", "name").union(teams, all=True)
    return {str(pk): name for pk, name in rows}


def offered_services() -> list[Service]:
    """Return the services that customers may choose, by name."""
    return list(Service.objects.filter(offered=True).order_by("name"))


def organisation(organisation_id: UUID) -> Organisation:
    """Return one organisation with its account manager. Raises NotFound."""
    found = Organisation.objects.select_related("account_manager").filter(pk=organisation_id).first()
    if found is None:
        raise NotFound("organisation_not_found", "There is no such organisation.")
    return found


def people_of(organisation_id: UUID) -> list[User]:
    """Return everybody of an organisation, the active first, by name."""
    return list(User.objects.filter(organisation=organisation_id).order_by("-is_active", "name", "pk"))


def open_invitation(user_id: UUID, now: datetime) -> OneTimeLink | None:
    """Return the invitation of a person that can still be used, None if there is none."""
    links = OneTimeLink.objects.filter(user=user_id, purpose=LinkPurpose.INVITATION, used_at=None, expires_at__gt=now)
    return links.order_by("-made_at").first()


def sign_ins_of(user_id: UUID, limit: int = 20) -> list[SignIn]:
    """Return the latest tries to sign in as a person, newest first."""
    return list(SignIn.objects.filter(user=user_id).order_by("-at", "-id")[:limit])


def sign_ins(*, text: str = "", only_refused: bool = False, before: int | None = None, limit: int = 50) -> list[SignIn]:
    """Return tries to sign in, newest first, with their person; `before` is the id of the last one seen.

    `text` looks in names, addresses of people, and network addresses.
    """
    rows = SignIn.objects.select_related("user").order_by("-id")
    wanted = text.replace("\x00", "").strip()
    if wanted:
        rows = rows.filter(Q(user__name__icontains=wanted) | Q(user__email__icontains=wanted) | Q(address=wanted[:64]))
    if only_refused:
        rows = rows.exclude(refused="")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def charge_of(user: User) -> dict[str, list[str]]:
    """Return what of people and teams hangs on a person, by what they are to it: for whoever deactivates them."""
    return {
        "Leads": [team.name for team in Team.objects.filter(lead=user).order_by("name")],
        "Escalation manager of": [team.name for team in Team.objects.filter(escalation_manager=user).order_by("name")],
        "Account manager of": [row.name for row in Organisation.objects.filter(account_manager=user).order_by("name")],
        "Manager of": [row.name for row in User.objects.filter(manager=user, is_active=True).order_by("name")],
        "Stands in for": [
            row.user.name
            for row in Deputy.objects.filter(deputy=user, ends_at=None).select_related("user").order_by("user__name")
        ],
    }


def token_of(text: str, now: datetime) -> ApiToken | None:
    """Return the token that a program has shown, with its person and their organisation, while it is good.

    None for one that never was, is revoked or past its end, or whose person is deactivated.
    """
    found = ApiToken.objects.select_related("user__organisation").filter(digest=digest_of(text)).first()
    if found is None or found.revoked_at is not None or not found.user.is_active:
        return None
    return None if found.expires_at is not None and found.expires_at <= now else found


def token_and_now(text: str) -> tuple[ApiToken, datetime] | None:
    """Return `token_of` by the database's own clock, and what that clock says (UTC): one query for both.

    Every request of a program begins with it, so the statement is made once and not by the ORM each time.
    """
    statement, widths = _token_statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, [digest_of(text)])
        row = cursor.fetchone()
    if row is None:
        return None
    now, *values = row
    found, user, organisation = (
        _made(model, values[start:end]) for model, start, end in zip(_OF_TOKEN, widths, widths[1:], strict=False)
    )
    if found.expires_at is not None and found.expires_at <= now:
        return None
    found.user, user.organisation = user, organisation if organisation.pk else None
    return found, now


_OF_TOKEN: tuple[type[Any], ...] = (ApiToken, User, Organisation)


@cache
def _token_statement() -> tuple[str, list[int]]:
    """Return the statement, and where in its row the columns of each model begin (and the last end)."""
    columns, widths = [], [0]
    for alias, model in zip("tuo", _OF_TOKEN, strict=True):
        columns += [f'{alias}."{field.column}"' for field in model._meta.concrete_fields]
        widths.append(len(columns))
    statement = (
        f"SELECT clock_timestamp(), {', '.join(columns)} FROM people_apitoken t "  # noqa: S608 - columns of our own models
        "JOIN people_user u ON u.id = t.user_id LEFT JOIN people_organisation o ON o.id = u.organisation_id "
        "WHERE t.digest = %s AND t.revoked_at IS NULL AND u.is_active"
    )
    return statement, widths


def _made(model: type[Any], values: Sequence[Any]) -> Any:
    """Return a row as the ORM would have made it."""
    fields = model._meta.concrete_fields
    plain = [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(fields, values, strict=True)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], plain)


def tokens_of(user_id: UUID) -> list[ApiToken]:
    """Return a person's tokens, those that open something first, then the newest."""
    return list(ApiToken.objects.filter(user=user_id).order_by("-revoked_at", "-made_at", "pk"))


def tokens(text: str = "") -> list[ApiToken]:
    """Return everybody's tokens that are not revoked, with their people, newest first: for the command line."""
    rows = ApiToken.objects.filter(revoked_at=None).select_related("user").order_by("-made_at")
    return list(rows.filter(user__email__iexact=text.strip()) if text.strip() else rows)
