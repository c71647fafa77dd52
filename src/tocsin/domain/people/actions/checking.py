"""What the acts on people share: rights, checked words, and the journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from rules.predicates import Predicate

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.kernel.errors import InvalidInput, NotAllowed

SYSTEM = "system"


def demand(by: User | None, predicate: Predicate, message: str, *things: object) -> None:
    """Raise NotAllowed with `message` unless the person may; machines (None) may do what their callers decide."""
    if by is not None and not predicate.test(by, *things):
        raise NotAllowed("not_allowed", message)


def actor_of(by: User | None, actor: str | None) -> str:
    """Return the journal's word for who acts: an explicit `actor` wins, then the person, then "system"."""
    if actor is not None:
        return actor
    return "system" if by is None else f"person:{by.pk}"


def stream_of(user_id: UUID) -> str:
    """Return the journal stream that holds everything about a person."""
    return f"person:{user_id}"


def tell(stream: str, kind: str, actor: str, now: datetime, data: Mapping[str, Any]) -> None:
    """Journal a fact with ids and dates as text. Names and addresses stay out: the journal can never forget them."""
    plain = {key: _plain(value) for key, value in data.items()}
    record(stream=stream, kind=kind, actor=actor, at=now, data=plain)


def words(name: str, value: str, *, limit: int, required: bool = True) -> str:
    """Return `value` without surrounding blanks. Raises InvalidInput if empty (when required), too long or with NUL."""
    cleaned = value.strip()
    if required and not cleaned:
        raise InvalidInput("required", f"Fill in {name}.", {name: "This must not be empty."})
    if len(cleaned) > limit or "\x00" in cleaned:
        problem = f"At most {limit} characters, and no NUL character."
        raise InvalidInput("bad_text", f"Correct {name}. {problem}", {name: problem})
    return cleaned


def short_name(value: str) -> str:
    """Return a slug of at most 80 characters. Raises InvalidInput."""
    cleaned = words("slug", value, limit=80).lower()
    try:
        validate_slug(cleaned)
    except ValidationError:
        problem = "Use letters, digits, - and _ only."
        raise InvalidInput("bad_slug", f"Correct the short name. {problem}", {"slug": problem}) from None
    return cleaned


def address(value: str) -> str:
    """Return an e-mail address in lower case, as it is kept. Raises InvalidInput."""
    cleaned = words("email", value, limit=254).lower()
    try:
        validate_email(cleaned)
    except ValidationError:
        problem = f"{cleaned} is no e-mail address."
        raise InvalidInput("bad_email", f"{problem} Correct it.", {"email": problem}) from None
    return cleaned


def zone_name(value: str) -> str:
    """Return the name of an IANA time zone. Raises InvalidInput for one that this machine does not know."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        problem = f"{value!r} is no time zone. Write it as Europe/Prague."
        raise InvalidInput("bad_zone", problem, {"zone": problem}) from None
    return value


def choice(name: str, value: str, allowed: list[str]) -> str:
    """Return `value` if it is one of `allowed`. Raises InvalidInput."""
    if value not in allowed:
        problem = f"Choose one of {', '.join(allowed)}."
        raise InvalidInput("bad_choice", f"{value!r} is no {name}. {problem}", {name: problem})
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
