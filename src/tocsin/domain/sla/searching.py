"""Searching tickets: words, phrases and filters, ranked, and only what the person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.search import queries as search
from tocsin.domain.search.logic.query import Asked, Filter, read, span
from tocsin.domain.sla.enums import ClockState
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.searching import KIND

# What may stand before a colon, and the label that it stands for.
LABELS = {
    "status": "status", "is": "status", "team": "team", "service": "service", "owner": "owner", "from": "from",
    "customer": "customer", "priority": "priority", "sev": "priority", "channel": "channel",
}  # fmt: skip
FILTERS = (*LABELS, "sla")
AMONG = 400  # so many of the best are looked at where a filter cannot be answered by the index


@dataclass(frozen=True, slots=True)
class TicketsFound:
    """Tickets, best first. `read_as`: how misspelt words were read. `unread`: filters that make no sense, with why."""

    tickets: tuple[Ticket, ...]
    read_as: dict[str, str]
    unread: dict[str, str]


def search_tickets(*, user: User, text: str, now: datetime, limit: int = 50) -> TicketsFound:
    """Return the tickets that `text` asks for.

    A reference (T-1001) is found at once, indexed or not. Everything else is as the index had it, which is a second
    or two behind. What the person may not see is neither found nor counted.
    """
    asked = read(text, FILTERS)
    by_number = _referenced(user, asked)
    if by_number is not None:
        return TicketsFound((by_number,), {}, {})
    labels, without, unread = _labels(asked.filters, user)
    spans = [f for f in asked.filters if f.name == "sla"]
    unread |= {f"sla:{f.value}": "Write a span such as sla:<1h or sla:>2d." for f in spans if span(f.value) is None}
    if asked.is_empty:
        return TicketsFound((), {}, unread)
    internal = rules.may_see_internals.test(user)
    found = search.find(
        asked, kinds=[KIND], readers=_readers(user), labels=labels, without_labels=without, internal=internal,
        limit=AMONG if spans else limit,
    )  # fmt: skip
    ids = [hit.object_id for hit in found.hits]
    for one in spans:
        ids = _within(ids, one, now)
    visible = {t.pk: t for t in tickets.visible_to(user).filter(pk__in=ids).select_related(*tickets.SHOWN)}
    ordered = tuple(visible[pk] for pk in ids if pk in visible)
    return TicketsFound(ordered[:limit], found.read_as, unread)


def _referenced(user: User, asked: Asked) -> Ticket | None:
    if len(asked.words) != 1 or asked.filters or asked.phrases:
        return None
    typed = asked.words[0].upper().removeprefix("#").removeprefix("T-")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 19):
        return None
    return tickets.visible_to(user).filter(number=int(typed)).select_related(*tickets.SHOWN).first()


def _readers(user: User) -> list[str]:
    """Return for whom an entry must be; whether the person really may see it is checked on the tickets themselves."""
    if rules.may_see_internals.test(user):
        return ["staff"]
    own = [f"person:{user.pk}"]
    return own if user.organisation_id is None else [*own, f"org:{user.organisation_id}"]


def _labels(filters: Sequence[Filter], user: User) -> tuple[list[list[str]], list[str], dict[str, str]]:
    """Return groups of labels of which one each must hold, labels that must not, and what could not be read."""
    wanted: dict[str, list[str]] = {}
    without: list[str] = []
    unread: dict[str, str] = {}
    for one in filters:
        if one.name == "sla":
            if one.excluded:
                unread["-sla"] = "A span cannot be excluded; turn < into > instead."
            continue
        label = LABELS[one.name]
        values = [f"{label}:{value}" for value in _values(label, one.value, user)]
        if one.excluded:
            without += values
        else:
            wanted.setdefault(label, []).extend(values)
    return list(wanted.values()), without, unread


def _values(label: str, value: str, user: User) -> list[str]:
    value = value.lower()
    if label == "owner" and value == "me":
        return [user.email]
    if label == "team" and value == "mine":
        return [team.slug for team in people.teams_of(user)] or ["none"]
    if label == "status":
        return [value.replace(" ", "_").replace("-", "_")]
    return [value.removeprefix("sev") if label == "priority" else value]


def _within(ids: Sequence[UUID], asked: Filter, now: datetime) -> list[UUID]:
    """Keep the tickets whose next clock is breached within (or only after) the span, in their order."""
    read_span = span(asked.value)
    if read_span is None:
        return list(ids)
    comparison, seconds = read_span
    edge = now + timedelta(seconds=seconds)
    running = Clock.objects.filter(ticket__in=ids, state=ClockState.RUNNING, due_at__isnull=False)
    soon = set(running.filter(due_at__lt=edge).values_list("ticket", flat=True))
    if comparison == "<":
        return [pk for pk in ids if pk in soon]
    later = set(running.values_list("ticket", flat=True)) - soon
    return [pk for pk in ids if pk in later]
