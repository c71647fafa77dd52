"""What tells whether a ticket's rows were imported before. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from tocsin.intake.imports.events import LoggedEvent

# Without the line number (an export may begin elsewhere) and without outcomes and the desk's own
# counters: what is filled in on every row after the fact must not make an old row look changed.
FIELDS = (
    "at",
    "sequence",
    "state",
    "status",
    "priority",
    "impact",
    "urgency",
    "team",
    "line",
    "owner",
    "by",
    "service",
    "organisation",
    "category",
    "item",
    "subject",
    "channel",
    "opened_at",
)


def digest_of(events: Sequence[LoggedEvent]) -> str:
    """Return SHA-256 (hex) over these events in order. Another mapping of the same rows gives another digest."""
    found = hashlib.sha256()
    for event in events:
        values = [_text(getattr(event, name)) for name in FIELDS]
        found.update("\x1f".join(values).encode())
        found.update(b"\x1e")
    return found.hexdigest()


def _text(value: object) -> str:
    if value is None:
        return "\x00"  # not told is not the same as empty
    return value.isoformat() if isinstance(value, datetime) else str(value)
