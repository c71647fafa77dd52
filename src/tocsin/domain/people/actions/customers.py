"""Organisations and their account managers, services and their teams, skills and who has them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tocsin.domain.people.actions.checking import (
    SYSTEM,
    actor_of,
    demand,
    short_name,
    stream_of,
    tell,
    words,
    zone_name,
)
from tocsin.domain.people.models import Organisation, Service, Skill, Team, User
from tocsin.domain.people.rules import is_staff, may_administer_people
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

ADMINISTRATORS_ONLY = "Only administrators can do this. Ask one of them."
MOST_CATEGORIES = 40


@transaction.atomic
def create_organisation(
    *,
    name: str,
    by: User | None,
    now: datetime,
    zone: str = "UTC",
    external_ref: str = "",
    account_manager: User | None = None,
    is_demo: bool = False,
    actor: str | None = None,
) -> Organisation:
    """Add a customer (or our own company). Raises Conflict if the name is taken."""
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    cleaned = words("name", name, limit=120)
    if Organisation.objects.filter(name__iexact=cleaned).exists():
        problem = f"There is an organisation {cleaned!r} already."
        raise Conflict("organisation_exists", f"{problem} Choose another name.", {"name": problem})
    made = Organisation.objects.create(
        id=new_id(),
        name=cleaned,
        zone=zone_name(zone),
        external_ref=words("external_ref", external_ref, limit=120, required=False),
        account_manager=_worker(account_manager),
        is_demo=is_demo,
    )
    told = {"organisation": made.pk, "account_manager": made.account_manager_id}
    tell(SYSTEM, "organisation.created", actor_of(by, actor), now, told)
    return made


@transaction.atomic
def set_account_manager(
    *, organisation_id: UUID, user: User | None, by: User | None, now: datetime, actor: str | None = None
) -> Organisation:
    """Say who answers for a customer; None leaves the role vacant, so that levels naming it skip to the next."""
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    found = Organisation.objects.select_for_update(of=("self",)).filter(pk=organisation_id).first()
    if found is None:
        raise NotFound("organisation_not_found", "There is no such organisation.")
    before, after = found.account_manager_id, user and user.pk
    if before != after:
        found.account_manager = _worker(user)
        found.save(update_fields=["account_manager"])
        told = {"organisation": found.pk, "before": before, "after": after}
        tell(SYSTEM, "organisation.account_manager_changed", actor_of(by, actor), now, told)
    return found


@transaction.atomic
def edit_organisation(
    *, organisation_id: UUID, by: User | None, now: datetime, actor: str | None = None, **fields: Any
) -> Organisation:
    """Change name, zone, external_ref or members_see_all (its people see all its tickets in the portal).

    Raises InvalidInput for other fields, Conflict for a name that is taken.
    """
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    found = Organisation.objects.select_for_update(of=("self",)).filter(pk=organisation_id).first()
    if found is None:
        raise NotFound("organisation_not_found", "There is no such organisation.")
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: words("name", value, limit=120),
        "zone": zone_name,
        "external_ref": lambda value: words("external_ref", value, limit=120, required=False),
        "members_see_all": bool,
    }
    changed = _put(found, fields, checks)
    if "name" in changed:
        _name_is_free(Organisation.objects.exclude(pk=found.pk), found.name, "organisation")
    if changed:
        found.save(update_fields=changed)
        told = {"organisation": found.pk, "fields": changed, "members_see_all": found.members_see_all}
        tell(SYSTEM, "organisation.edited", actor_of(by, actor), now, told)
    return found


@transaction.atomic
def edit_service(
    *, service_id: UUID, by: User | None, now: datetime, actor: str | None = None, **fields: Any
) -> Service:
    """Change name, offered (customers may choose it) or categories (what they may say it is about).

    Raises InvalidInput for other fields, Conflict for a name that is taken.
    """
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    found = Service.objects.select_for_update(of=("self",)).filter(pk=service_id).first()
    if found is None:
        raise NotFound("service_not_found", "There is no such service.")
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: words("name", value, limit=120),
        "offered": bool,
        "categories": category_names,
    }
    changed = _put(found, fields, checks)
    if "name" in changed:
        _name_is_free(Service.objects.exclude(pk=found.pk), found.name, "service")
    if changed:
        found.save(update_fields=changed)
        told = {"service": found.pk, "fields": changed, "offered": found.offered, "categories": found.categories}
        tell(SYSTEM, "service.edited", actor_of(by, actor), now, told)
    return found


def category_names(names: Iterable[str]) -> list[str]:
    """Return the names without blanks and doubles, in the order given. Raises InvalidInput for too many or too long."""
    found = list(dict.fromkeys(words("categories", name, limit=120) for name in names if name.strip()))
    if len(found) > MOST_CATEGORIES:
        problem = f"At most {MOST_CATEGORIES} categories; nobody finds theirs among more."
        raise InvalidInput("too_many", problem, {"categories": problem})
    return found


def _put(row: Organisation | Service, fields: dict[str, Any], checks: dict[str, Callable[[Any], Any]]) -> list[str]:
    """Set what differs and return its names. Raises InvalidInput for a field that is not among the checks."""
    unknown = sorted(set(fields) - set(checks))
    if unknown:
        problem = f"Choose among {', '.join(sorted(checks))}."
        raise InvalidInput(
            "bad_field", f"{', '.join(unknown)} cannot be changed here. {problem}", dict.fromkeys(unknown, problem)
        )
    values = {name: checks[name](value) for name, value in fields.items()}
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _name_is_free(others: QuerySet[Any], name: str, what: str) -> None:
    if others.filter(name__iexact=name).exists():
        problem = f"There is {'an' if what == 'organisation' else 'a'} {what} {name!r} already."
        raise Conflict(f"{what}_exists", f"{problem} Choose another name.", {"name": problem})


@transaction.atomic
def create_service(
    *,
    name: str,
    slug: str,
    by: User | None,
    now: datetime,
    team: Team | None = None,
    offered: bool = True,
    categories: Iterable[str] = (),
    is_demo: bool = False,
    actor: str | None = None,
) -> Service:
    """Add a service and the team that owns it. Raises Conflict if name or short name is taken."""
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    made = Service(id=new_id(), name=words("name", name, limit=120), slug=short_name(slug), team=team, is_demo=is_demo)
    made.offered, made.categories = offered, category_names(categories)
    for field in ("name", "slug"):
        if Service.objects.filter(**{f"{field}__iexact": getattr(made, field)}).exists():
            problem = f"There is a service {getattr(made, field)!r} already."
            raise Conflict("service_exists", f"{problem} Choose another {field}.", {field: problem})
    made.save(force_insert=True)
    told = {"service": made.pk, "slug": made.slug, "team": made.team_id}
    tell(SYSTEM, "service.created", actor_of(by, actor), now, told)
    return made


@transaction.atomic
def set_service_team(
    *, service_id: UUID, team: Team | None, by: User | None, now: datetime, actor: str | None = None
) -> Service:
    """Say which team owns a service from now on. Tickets stay where they are."""
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    found = Service.objects.select_for_update(of=("self",)).filter(pk=service_id).first()
    if found is None:
        raise NotFound("service_not_found", "There is no such service.")
    before, after = found.team_id, team and team.pk
    if before != after:
        found.team = team
        found.save(update_fields=["team"])
        told = {"service": found.pk, "before": before, "after": after}
        tell(SYSTEM, "service.team_changed", actor_of(by, actor), now, told)
    return found


@transaction.atomic
def set_skills(
    *, user: User, names: Iterable[str], by: User | None, now: datetime, actor: str | None = None
) -> list[Skill]:
    """Make exactly these the skills of a person (created if new; case does not matter), and return them by name."""
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    wanted: dict[str, Skill] = {}
    for name in names:
        cleaned = words("skill", name, limit=80)
        known = Skill.objects.filter(name__iexact=cleaned).first()
        wanted[cleaned.lower()] = known or Skill.objects.create(name=cleaned)
    found = sorted(wanted.values(), key=lambda skill: skill.name)
    before = {skill.pk for skill in user.skills.all()}
    if before != {skill.pk for skill in found}:
        user.skills.set(found)
        tell(
            stream_of(user.pk),
            "person.skills_set",
            actor_of(by, actor),
            now,
            {"skills": [skill.name for skill in found]},
        )
    return found


def _worker(user: User | None) -> User | None:
    if user is not None and not is_staff.test(user):
        problem = f"{user.name} is not an active member of staff. Choose somebody who is."
        raise InvalidInput("not_staff", problem, {"account_manager": problem})
    return user
