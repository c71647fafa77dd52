"""One alert, whoever sent it, and picking it out of what was sent. Pure: nothing here raises but Unreadable."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

LONGEST_KEY = 200
LONGEST_TITLE = 250
LONGEST_TEXT = 20_000
MOST_FACTS = 40


class Unreadable(Exception):
    """What was sent is no alert of this sender; the words say why and what was expected."""


class AlertState(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    NEWS = "news"  # something about it that neither begins nor ends it


class Severity(StrEnum):
    """As priorities go: 1 to 4."""

    CRITICAL = "critical"
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What every sender's alert comes down to."""

    key: str  # the same for all that is about the same trouble: opens one ticket
    state: AlertState
    title: str
    text: str = ""
    severity: Severity | None = None  # None: the sender does not say
    at: datetime | None = None  # when it happened by the sender's clock (aware), None where it does not say
    sent_as: str = ""  # the sender's own id of this message: the same twice is one
    link: str = ""  # http or https
    facts: Mapping[str, str] = field(default_factory=dict)  # labels, host, value ... in words


_SEVERITIES = {
    Severity.CRITICAL: {"critical", "crit", "fatal", "emergency", "emerg", "disaster", "page", "p1", "sev1", "1", "down"},
    Severity.HIGH: {"high", "error", "err", "major", "alert", "p2", "sev2", "2"},
    Severity.MODERATE: {"moderate", "medium", "warning", "warn", "average", "minor", "p3", "sev3", "3"},
    Severity.LOW: {"low", "info", "informational", "information", "notice", "none", "debug", "ok", "p4", "p5", "sev4", "4", "5"},
}  # fmt: skip
_BY_WORD = {word: severity for severity, words in _SEVERITIES.items() for word in words}


def severity_of(word: object) -> Severity | None:
    """Return what a sender's word means; None for one that nobody knows."""
    return _BY_WORD.get(str(word).strip().lower()) if word not in (None, "") else None


def make(
    *, key: str, state: AlertState, title: str, text: str = "", facts: Mapping[str, Any] | None = None, link: str = "",
    severity: Severity | None = None, at: datetime | None = None, sent_as: str = "",
) -> Alert:  # fmt: skip
    """Return an alert within our bounds, free of what no text can hold. Raises Unreadable without a key."""
    key = bounded(plain(key, LONGEST_TEXT))
    if not key:
        raise Unreadable("It names nothing by which it could be told from other alerts.")
    told = {
        plain(name, 80): plain(value, 500)
        for name, value in list((facts or {}).items())[:MOST_FACTS]
        if value not in (None, "")
    }
    where = plain(link, 1_000)
    return Alert(
        key=key, state=state, title=plain(title, LONGEST_TITLE) or key, text=plain(text, LONGEST_TEXT, lines=True),
        severity=severity, at=at, sent_as=plain(sent_as, 200),
        link=where if where.startswith(("https://", "http://")) else "", facts={k: v for k, v in told.items() if k and v},
    )  # fmt: skip


def bounded(key: str) -> str:
    """Return a key of at most LONGEST_KEY characters: a longer one is told apart by all of it, not by its beginning."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 33]} {hashlib.sha256(key.encode()).hexdigest()[:32]}"


def plain(value: Any, limit: int, *, lines: bool = False) -> str:
    """Return a value as text: no NUL, no lone surrogates, on one line unless `lines`, not longer than `limit`."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    text = str(value).replace("\x00", "").encode("utf-8", "replace").decode()
    text = text.strip() if lines else " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def section(payload: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the object at a path, an empty one where there is none."""
    found: Any = payload
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def listed(payload: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list."""
    found = payload.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def first(payload: Mapping[str, Any], *names: str) -> str:
    """Return the first of these fields that says anything, as text."""
    for name in names:
        found = payload.get(name)
        if found not in (None, "") and not isinstance(found, (dict, list)):
            return str(found)
    return ""


def moment(value: Any) -> datetime | None:
    """Return a time given as ISO 8601 or as seconds or milliseconds since 1970; None for anything else."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            found = datetime.fromisoformat(value.replace("Z", "+00:00"))
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        elif isinstance(value, (int, float, str)) and not isinstance(value, bool):
            seconds = float(value)
            found = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        else:
            return None
        found = found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year > 1970 else None  # Go's zero time stands for "never"


def in_words(facts: Iterable[tuple[str, Any]]) -> str:
    """Return facts one a line."""
    return "\n".join(f"{name}: {value}" for name, value in facts if value not in (None, "", [], {}))
