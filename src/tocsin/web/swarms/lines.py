"""Lines of a command's timeline in words; the ticket's events are told as the ticket tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.people import queries as people
from tocsin.domain.swarms.queries.commands import Line
from tocsin.domain.tickets.queries import TimelineItem
from tocsin.web.desk.telling import SAID_ELSEWHERE, tell

# What nobody pins: the machine's own steps, and what the command writes of itself.
UNPINNED = (
    "page.",
    "clock.started",
    "clock.paused",
    "clock.resumed",
    "clock.recomputed",
    "clock.met",
    "trigger.",
    "command.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line, ready to be drawn."""

    at: datetime
    kind: str  # pin, fact, decision
    icon: str
    text: str
    body: str
    by: str
    note: UUID | None = None
    position: int = 0


def lines_of(lines: Sequence[Line]) -> list[Told]:
    """Return the curated timeline in words."""
    names = _names([line.event for line in lines if line.event is not None])
    return [_line(line, names) for line in lines]


def pinnable(items: Sequence[TimelineItem]) -> list[Told]:
    """Return the ticket's events that may be worth a pin, in the order given."""
    kept = [item for item in items if item.kind not in SAID_ELSEWHERE and not item.kind.startswith(UNPINNED)]
    names = _names(kept)
    return [_event(item, names) for item in kept]


def _line(line: Line, names: dict[str, str]) -> Told:
    note = line.note
    if line.event is None:
        icon = "decision" if note.kind == "decision" else "info"
        return Told(at=note.at, kind=note.kind, icon=icon, text=note.text, body="", by=note.by.name, note=note.pk)
    told = _event(line.event, names)
    return Told(
        at=told.at, kind="pin", icon=told.icon, text=told.text, body=told.body, by=note.by.name, note=note.pk,
        position=told.position,
    )  # fmt: skip


def _event(item: TimelineItem, names: dict[str, str]) -> Told:
    if item.message is not None:
        word = {"note": "noted", "reply": "replied", "customer": "wrote"}.get(item.message.kind, "wrote")
        return Told(
            at=item.at, kind="event", icon={"noted": "note", "replied": "reply"}.get(word, "mail"),
            text=f"{item.actor_name} {word}", body=item.message.body[:600], by="", position=item.position,
        )  # fmt: skip
    told = tell(item, names)
    text = told.summary[:1].upper() + told.summary[1:]
    return Told(
        at=item.at, kind="event", icon=told.icon, text=text, body=told.body[:600], by="", position=item.position
    )


def _names(items: Sequence[TimelineItem]) -> dict[str, str]:
    ids = {value for item in items for value in item.data.values() if isinstance(value, str) and len(value) == 36}
    return people.names_of(ids)
