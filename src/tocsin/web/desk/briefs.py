"""The brief of a handover or an escalation, written from what the ticket already says (SEMANTICS 6)."""

from datetime import datetime

from django.utils import timezone

from tocsin.domain.knowledge import queries as knowledge
from tocsin.domain.people.models import User
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.web.languages.composed import COMPOSED, composed
from tocsin.web.words import absolute

_LONGEST = 700


def brief_of(found: Ticket, user: User, now: datetime) -> str:
    """Return a first draft: what happened, tried, known, wanted, next promise. The sender completes it."""
    said = [item.message for item in tickets.timeline(found.pk, user=user) if item.message is not None]
    parts = [
        ("What happened", _cut(found.description) or found.subject),
        ("Tried", tried_on(found, said) or "(nothing written down yet)"),
        ("Known", _known(found)),
        ("Wanted", ""),
        ("Next promise", promise_of(found, now)),
    ]
    return composed("\n\n".join(f"{title}: {text}".rstrip() for title, text in parts))


def escalation_brief(found: Ticket, said: list[Message]) -> dict[str, str]:
    """Return a first draft of an escalation's brief, part by part; what is wanted only its writer knows."""
    customer = f"; {found.organisation.name}" if found.organisation else ""
    impact = f"Impact {found.get_impact_display().lower()}, urgency {found.get_urgency_display().lower()}{customer}"
    return {
        "happened": _cut(found.description) or found.subject,
        "tried": tried_on(found, said),
        "known": composed(_known(found)),
        "impact": composed(impact),
        "wanted": "",
    }


def tried_on(found: Ticket, said: list[Message]) -> str:
    """Return what was tried: the runbooks' ticked steps first, then what people wrote down."""
    return "\n".join(part for part in (composed(knowledge.tried_on(found.pk)), tried_of(said)) if part)


def tried_of(said: list[Message]) -> str:
    """Return the latest notes, which are where people write what they tried; failing those, the last reply."""
    said = [m for m in said if m.via not in COMPOSED]  # an earlier brief would be told again within the next
    notes = [m for m in said if m.kind == MessageKind.NOTE] or [m for m in said if m.kind == MessageKind.REPLY][-1:]
    return "\n".join(_cut(m.body, 300) for m in notes[-3:])


def promise_of(found: Ticket, now: datetime) -> str:
    """Return the next promise in words."""
    clock = sla.next_breaches([found.pk], now).get(found.pk)
    if clock is None:
        return "none is running"
    if clock.due_at is None:
        return f"{clock.label} ({clock.state})"
    return f"{clock.label} by {absolute(timezone.localtime(clock.due_at))}"


def _known(found: Ticket) -> str:
    facts = [
        f"priority {found.get_priority_display().lower()}",
        f"service {found.service.name}" if found.service else "",
        f"item {found.configuration_item}" if found.configuration_item else "",
        f"customer {found.organisation.name}" if found.organisation else "",
        f"passed on {found.handovers} times" if found.handovers else "",
    ]
    return ", ".join(fact for fact in facts if fact)


def _cut(text: str, limit: int = _LONGEST) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[: limit - 1].rsplit(" ", 1)[0] + " …"
