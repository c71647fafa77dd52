"""The words of pages and notices. Pure text; the respond link is added by notify, per person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.tickets.models import Ticket


def page_data(ticket: Ticket, escalation: Escalation, level_name: str, version: int) -> dict[str, Any]:
    """Return what channels may show beside the text: references and names, no message bodies."""
    return {
        "reference": ticket.reference,
        "number": ticket.number,
        "priority": ticket.priority,
        "customer": ticket.organisation.name if ticket.organisation else "",
        "service": ticket.service.name if ticket.service else "",
        "policy": escalation.policy.name,
        "policy_version": version,
        "type": escalation.type,
        "reason": escalation.reason,
        "level_name": level_name,
        **({"test": True} if ticket.is_drill else {}),
    }


_SUBJECTS = {
    "page": "{reference} needs an answer: {subject} ({level})",
    "catch_all": "{reference} reached nobody else: {subject} ({level})",
    "reminder": "{reference} still waits for you: {subject}",
    "approval": "{reference} needs your approval: {subject}",
    "warning": "Nobody was reachable on {level} for {reference}",
}


_DRILL_SUBJECTS = {"page": "Press acknowledge, nothing is broken", "warning": "Nobody was reachable in a test"}
DRILL_OPENING = "THIS IS A TEST. Nothing is broken. Acknowledge it, so that we know it reached you."


def page_subject(ticket: Ticket, level_name: str, purpose: str) -> str:
    """Return one line that says what it is before the phone is unlocked."""
    if ticket.is_drill:
        return f"[TEST] {_DRILL_SUBJECTS.get(purpose, ticket.subject)} ({level_name})"[:300]
    line = _SUBJECTS[purpose].format(reference=ticket.reference, subject=ticket.subject, level=level_name)
    return f"[P{ticket.priority}] {line}"[:300]


def page_body(ticket: Ticket, escalation: Escalation, data: Mapping[str, Any], why: str) -> str:
    """Return the brief of a page: what, for whom, why you, what was tried, what is wanted."""
    if ticket.is_drill:
        told = [DRILL_OPENING, ticket.subject, ticket.description, f"You are paged as {why}." if why else ""]
        return "\n".join(line for line in told if line)
    lines = [
        f"{ticket.reference}: {ticket.subject}",
        f"Customer: {data['customer'] or 'none'}. Service: {data['service'] or 'none'}. Priority {ticket.priority}.",
        f"Escalation: {escalation.get_type_display()}, {escalation.get_reason_display().lower()}"
        + (f" ({escalation.reason_text})" if escalation.reason_text else ""),
        f"You are paged as {why}." if why else "",
    ]
    for title, text in (
        ("Impact", escalation.impact),
        ("Already tried", escalation.tried),
        ("Wanted", escalation.wanted),
    ):
        if text:
            lines.append(f"{title}: {text}")
    return "\n".join(line for line in lines if line)


def reminder_body(ticket: Ticket, minutes: int) -> str:
    return (
        f"You acknowledged {ticket.reference} ({ticket.subject}) and nothing has happened on it for {minutes} minutes. "
        "Write an update on the ticket, or hand it on; otherwise the escalation climbs again."
    )


def approval_body(ticket: Ticket, escalation: Escalation, until: datetime) -> str:
    return (
        f"{escalation.get_type_display()} escalation of {ticket.reference} ({ticket.subject}) waits for your approval "
        f"until {until:%Y-%m-%d %H:%M} UTC. Reason: {escalation.get_reason_display()}. "
        f"{escalation.reason_text}".rstrip()
    )


def empty_level_body(ticket: Ticket, policy_name: str, level: int, why: str) -> str:
    return (
        f"Level {level} of the policy {policy_name} reached nobody on {ticket.reference}: {why} "
        "The climb went on. Please put somebody reachable on that level."
    )


def ownership_brief(ticket: Ticket, escalation: Escalation) -> str:
    """Return the brief of the handover that an acknowledgement offers (SEMANTICS 6)."""
    parts = [
        f"What happened: {ticket.subject}",
        f"Tried: {escalation.tried}" if escalation.tried else "Tried: see the timeline",
        f"Known impact: {escalation.impact}" if escalation.impact else "",
        f"Wanted: {escalation.wanted}" if escalation.wanted else "Wanted: an owner until this is resolved",
    ]
    return "\n".join(part for part in parts if part)
