"""A ticket's timeline as people read it: messages in full, deeds in one line, the machine's events folded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from uuid import UUID

from tocsin.domain.tickets.models import Attachment, Message
from tocsin.domain.tickets.queries import TimelineItem
from tocsin.web.desk.telling import COUNTED, COUNTED_MANY, SAID_ELSEWHERE, Names, tell
from tocsin.web.languages.composed import COMPOSED, composed


@dataclass(slots=True, kw_only=True)
class Line:
    """One entry of the spine. `items` holds what is folded under it."""

    anchor: str
    position: int
    at: datetime
    css: str  # message kinds: customer, reply, note; otherwise mark (a deed) or machine
    icon: str = "info"
    kind: str = ""
    author: str = ""
    message: bool = False
    summary: str = ""
    body: str = ""
    items: list["Line"] = field(default_factory=list)
    via: str = ""  # how a message came: email, api
    files: Sequence[Attachment] = ()
    message_id: UUID | None = None


def story(
    items: Sequence[TimelineItem], names: Names, description: str = "", requester: str = "",
    files: Mapping[UUID | None, Sequence[Attachment]] = MappingProxyType({}),
) -> list[Line]:  # fmt: skip
    """Return the lines, newest first. Runs of machine events become one line that says how many of what.

    `files` are those of each message, and under None those that came with the ticket itself.
    """
    lines = [_line(item, names, files) for item in _worth_telling(items)]
    if (description or files.get(None)) and items:
        lines.insert(0, _first(items[0].at, description, requester, files.get(None, ())))
    lines.reverse()
    folded: list[Line] = []
    for machine, group in groupby(lines, key=lambda line: line.css == "machine"):
        together = list(group)
        folded += _fold(together) if machine else together
    return folded


def _worth_telling(items: Sequence[TimelineItem]) -> list[TimelineItem]:
    """Leave out what another entry says in better words, and the step to open that comes with every first deed."""
    deeds = {(item.at, item.actor) for item in items if item.kind != "ticket.status_changed"}
    return [
        item
        for item in items
        if item.kind not in SAID_ELSEWHERE
        and not (
            item.kind == "ticket.status_changed"
            and item.data.get("before") == "new"
            and item.data.get("after") == "open"
            and (item.at, item.actor) in deeds
        )
    ]


def _first(at: datetime, description: str, requester: str, files: Sequence[Attachment]) -> Line:
    return Line(
        anchor="e0", position=0, at=at, css="customer", kind="customer", author=requester or "Requester",
        message=True, body=description, files=files,
    )  # fmt: skip


def _line(item: TimelineItem, names: Names, files: Mapping[UUID | None, Sequence[Attachment]]) -> Line:
    anchor = f"e{item.position}" if item.position else f"m{item.message.pk}" if item.message else "e0"
    if item.message is not None:
        return Line(
            anchor=anchor, position=item.position, at=item.at, css=item.message.kind, kind=item.message.kind,
            author=item.actor_name, message=True, body=_body(item.message), via=item.message.via,
            files=files.get(item.message.pk, ()), message_id=item.message.pk,
        )  # fmt: skip
    told = tell(item, names)
    return Line(
        anchor=anchor, position=item.position, at=item.at, css=told.css, icon=told.icon, kind=item.kind,
        summary=told.summary, body=told.body,
    )  # fmt: skip


def _body(message: Message) -> str:
    """Return a message's words; the heads of what the product composed are said in the reader's language."""
    return composed(message.body) if message.via in COMPOSED else message.body


def _fold(lines: list[Line]) -> list[Line]:
    if len(lines) == 1:
        lines[0].summary = lines[0].summary[:1].upper() + lines[0].summary[1:]
        return lines
    first = lines[0]
    return [
        Line(
            anchor=first.anchor, position=first.position, at=first.at, css="machine", icon="zap",
            summary=_summary(lines), items=lines,
        )
    ]  # fmt: skip


def _summary(lines: Iterable[Line]) -> str:
    """Say "4 notifications, Kai acknowledged": counts of what is many, words of what is one, oldest first."""
    counted: dict[str, int] = {}
    single: dict[str, str] = {}
    for line in reversed(list(lines)):
        word = COUNTED.get(line.kind, "")
        if word:
            counted[word] = counted.get(word, 0) + 1
        else:
            single.setdefault(line.summary, line.summary)
    parts = [f"{n} {word if n == 1 else COUNTED_MANY.get(word, word + 's')}" for word, n in counted.items()]
    said = list(single.values())
    parts += said[:2]
    if len(said) > 2:
        parts.append(f"{len(said) - 2} more")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]
