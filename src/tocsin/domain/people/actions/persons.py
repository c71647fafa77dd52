"""People: added, edited, deactivated (never deleted: what they did stays theirs)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tocsin.domain.people.actions.checking import actor_of, address, choice, demand, stream_of, tell, words, zone_name
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.people.queries import find_person, manager_chain
from tocsin.domain.people.rules import may_add_requesters, may_administer_people, may_edit_person
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

ADMINISTRATORS_ONLY = "Only administrators can do this. Ask one of them."
LANGUAGES = frozenset({"en", "de"})  # that pages and messages are written in
OWN_FIELDS = frozenset({"name", "zone", "language"})  # what people may change of themselves; a role is never among it
PERSONAL = frozenset({"name", "email"})  # journalled without its value: the journal can never forget
FIELDS = OWN_FIELDS | {"email", "role", "organisation", "manager", "sees_organisation"}


@transaction.atomic
def create_person(
    *,
    email: str,
    name: str,
    role: str = Role.REQUESTER,
    by: User | None,
    now: datetime,
    organisation: Organisation | None = None,
    manager: User | None = None,
    zone: str = "UTC",
    language: str = "",
    password: str = "",
    is_demo: bool = False,
    actor: str | None = None,
) -> User:
    """Add a person. Without a password nobody can sign in as them until one is set.

    Raises Conflict if the address belongs to somebody already, in whatever case it is written.
    """
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    user = User(
        id=new_id(),
        email=_free(address(email)),
        name=words("name", name, limit=120),
        role=choice("role", role, Role.values),
        organisation=organisation,
        manager=manager,
        zone=zone_name(zone),
        language=_language(language),
        joined_at=now,
        is_demo=is_demo,
    )
    _put_password(user, password)
    user.save(force_insert=True)
    told = {"role": user.role, "organisation": user.organisation_id, "manager": user.manager_id}
    tell(stream_of(user.pk), "person.created", actor_of(by, actor), now, told)
    return user


def add_requester(*, email: str, name: str, by: User, now: datetime, organisation: Organisation | None = None) -> User:
    """Write down a caller who is not known yet: a requester, never more. For those who work on tickets."""
    demand(by, may_add_requesters, "Only those who work on tickets can add a caller.")
    return create_person(
        email=email,
        name=name,
        role=Role.REQUESTER,
        organisation=organisation,
        by=None,
        now=now,
        actor=f"person:{by.pk}",
    )


@transaction.atomic
def edit_person(*, user_id: UUID, by: User | None, now: datetime, actor: str | None = None, **fields: Any) -> User:
    """Change name, zone and language (also of oneself), or email, role, organisation and manager (administrators only).

    Raises InvalidInput for other fields and for a manager who would make the line of managers a
    circle, Conflict for an address in use and when the last administrator would lose the role.
    """
    user = _locked(user_id)
    predicate = may_edit_person if set(fields) <= OWN_FIELDS else may_administer_people
    demand(by, predicate, ADMINISTRATORS_ONLY, *([user] if predicate is may_edit_person else []))
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        problem = f"Choose among {', '.join(sorted(FIELDS))}."
        message = f"{', '.join(unknown)} cannot be changed here. {problem}"
        raise InvalidInput("bad_field", message, dict.fromkeys(unknown, problem))
    changed = {name: value for name, value in _checked(user, fields).items() if getattr(user, name) != value}
    if not changed:
        return user
    told = {name: [_id(getattr(user, name)), _id(value)] for name, value in changed.items() if name not in PERSONAL}
    if "role" in changed and user.role == Role.ADMINISTRATOR:
        _keep_one_administrator(user)
    if "role" in changed and by is not None and by.pk == user.pk:
        raise NotAllowed("own_role", "Nobody changes their own role. Ask another administrator.")
    for name, value in changed.items():
        setattr(user, name, value)
    user.save(update_fields=sorted(changed))
    tell(stream_of(user.pk), "person.edited", actor_of(by, actor), now, {"fields": sorted(changed), **told})
    return user


@transaction.atomic
def set_password(*, user_id: UUID, password: str, by: User | None, now: datetime, actor: str | None = None) -> User:
    """Set somebody's password (one's own, or by an administrator). Raises InvalidInput with what is weak about it."""
    user = _locked(user_id)
    demand(by, may_edit_person, ADMINISTRATORS_ONLY, user)
    if not password:
        raise InvalidInput("required", "Fill in the password.", {"password": "This must not be empty."})
    _put_password(user, password)
    user.save(update_fields=["password"])
    tell(stream_of(user.pk), "person.password_set", actor_of(by, actor), now, {})
    return user


@transaction.atomic
def deactivate(*, user_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> User:
    """End what a person may do, at once. They stay in the record.

    Roles that name them go to their deputy or count as vacant when a level fires. Deactivating
    twice changes nothing. Raises Conflict for the last active administrator.
    """
    return _set_active(user_id, False, by, now, actor)


@transaction.atomic
def reactivate(*, user_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> User:
    """Let a deactivated person in again."""
    return _set_active(user_id, True, by, now, actor)


def _set_active(user_id: UUID, active: bool, by: User | None, now: datetime, actor: str | None) -> User:
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    user = _locked(user_id)
    if user.is_active == active:
        return user
    if not active and user.role == Role.ADMINISTRATOR:
        _keep_one_administrator(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    kind = "person.reactivated" if active else "person.deactivated"
    tell(stream_of(user.pk), kind, actor_of(by, actor), now, {})
    return user


def _locked(user_id: UUID) -> User:
    user = User.objects.select_for_update(of=("self",)).filter(pk=user_id).first()
    if user is None:
        raise NotFound("person_not_found", "There is no such person.")
    return user


def _free(email: str, owner: UUID | None = None) -> str:
    other = find_person(email)
    if other is not None and other.pk != owner:
        problem = f"{email} belongs to {other.name} already."
        raise Conflict("email_in_use", f"{problem} Use another address, or edit that person.", {"email": problem})
    return email


def _language(code: str) -> str:
    """Return the code of a language that is spoken here, "" for none chosen. Raises InvalidInput."""
    cleaned = words("language", code, limit=8, required=False).lower()
    if cleaned not in LANGUAGES and cleaned:
        problem = f"Choose one of {', '.join(sorted(LANGUAGES))}, or leave it empty."
        raise InvalidInput("bad_language", problem, {"language": problem})
    return cleaned


def _checked(user: User, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as they are stored."""
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: words("name", value, limit=120),
        "zone": zone_name,
        "language": _language,
        "email": lambda value: _free(address(value), user.pk),
        "role": lambda value: choice("role", value, Role.values),
        "organisation": lambda value: value,
        "manager": lambda value: _possible_manager(user, value),
        "sees_organisation": bool,
    }
    return {name: checks[name](value) for name, value in fields.items()}


def _possible_manager(user: User, manager: User | None) -> User | None:
    if manager is not None and (manager.pk == user.pk or user in manager_chain(manager.pk)):
        problem = f"{manager.name} answers to {user.name}: the line of managers would be a circle."
        raise InvalidInput("manager_circle", f"{problem} Choose somebody else.", {"manager": problem})
    return manager


def _keep_one_administrator(leaving: User) -> None:
    """Raise Conflict if nobody else could administer; all administrators are locked, so two cannot leave at once."""
    others = User.objects.select_for_update(of=("self",)).filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
    if not [user for user in others if user.pk != leaving.pk]:
        message = f"{leaving.name} is the last administrator. Make somebody else one first."
        raise Conflict("last_administrator", message)


def _put_password(user: User, password: str) -> None:
    if not password:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as weak:
        problem = " ".join(weak.messages)
        raise InvalidInput("weak_password", problem, {"password": problem}) from None
    user.set_password(password)


def _id(value: Any) -> Any:
    return str(value.pk) if isinstance(value, User | Organisation) else value
