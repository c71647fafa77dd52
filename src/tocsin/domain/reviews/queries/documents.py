"""A review put together: figures, who was paged, promises, feedback side by side; and all of it as one document."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.escalation.proofs import proof_of
from tocsin.domain.feedback.queries import answers_of, calendar_for, differences_of
from tocsin.domain.journal import queries as journal
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.reviews.enums import ActionKind, ActionState, Bone, Effort
from tocsin.domain.reviews.logic.causes import Placed
from tocsin.domain.reviews.logic.durations import Instants, Span, spans
from tocsin.domain.reviews.logic.redaction import redacted
from tocsin.domain.reviews.models import Review, SignOff
from tocsin.domain.reviews.queries.reviewing import actions_of, causes_of, moments_of
from tocsin.domain.stakeholders.enums import PromisedTo
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets.enums import Priority
from tocsin.domain.tickets.models import Change

MOST_ENTRIES = 20_000


def escalations_of(review: Review) -> list[Escalation]:
    """Return what is reviewed, the oldest first."""
    rows = review.escalations.select_related("ticket__organisation", "policy", "closing__category")
    return list(rows.order_by("opened_at"))


def spans_of(review: Review, escalation: Escalation) -> list[Span]:
    """Return how long the parts of one escalation took, in seconds: elapsed, and in the hours promised to its customer."""
    ticket = escalation.ticket
    since = {"ticket": ticket, "field": "owner", "at__gte": escalation.opened_at}
    taken = Change.objects.filter(**since).exclude(after="").order_by("at").values_list("at", flat=True).first()
    resolved = ticket.resolved_at if ticket.resolved_at and ticket.resolved_at >= escalation.opened_at else None
    calendar = calendar_for(ticket)
    at = Instants(
        opened=ticket.opened_at, escalated=escalation.opened_at, acknowledged=_acknowledged_at(escalation), accepted=taken,
        mitigated=review.mitigated_at, resolved=resolved,
    )  # fmt: skip
    return spans(at, calendar.business_time_between)


def _acknowledged_at(escalation: Escalation) -> datetime | None:
    run = str(escalation.run.pk)
    for entry in journal.entries(f"ticket:{escalation.ticket_id}", limit=MOST_ENTRIES):
        if entry.kind == "run.acknowledged" and str(entry.data.get("run", "")) == run:
            return entry.at
    return None


@dataclass(frozen=True, slots=True)
class Paged:
    """Somebody who was paged: at which level, when, and what they answered."""

    person: str
    level: str
    at: datetime
    answer: str


def paged_of(escalation: Escalation) -> list[Paged]:
    """Return who was paged about an escalation and what they answered, from the proof ledger."""
    proof = proof_of(escalation.pk)
    found = []
    for run in (proof, *proof["called"]):
        said = {(one["person"], one["level"]): one["said"] for one in run["answers"]}
        any_level = {one["person"]: one["said"] for one in run["answers"]}
        for firing in run["firings"]:
            level = firing["name"] or f"Level {firing['level']}"
            for page in firing["pages"]:
                who = page["person"]
                answer = said.get((who, firing["level"])) or any_level.get(who) or "no answer"
                found.append(Paged(who, level, page["created_at"], answer))
    return found


def promises_of(escalation: Escalation) -> list[Promise]:
    """Return what was promised on an escalation's ticket, by when it was due."""
    rows = Promise.objects.filter(ticket=escalation.ticket_id).select_related("by").order_by("due_at")
    return [one for one in rows if one.state not in ("cancelled", "renegotiated")]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The parties' views of one escalation. A row: (question, cells in the order of `parties`, whether they differ)."""

    parties: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[str], bool]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def feedback_of(escalation_id: UUID, language: str = "en") -> SideBySide:
    """Return every party's answers side by side, with the questions on which they lie two points or more apart."""
    views = [one for one in answers_of(escalation_id) if one.state != "skipped"]
    answered = [one for one in views if one.answers]
    apart = differences_of(tuple(views))
    keys = list(dict.fromkeys(key for one in answered for key in one.answers))
    differ = {one.key for one in apart}
    rows = []
    for key in keys:
        given = [one.answers.get(key) for one in answered]
        first = next(one for one in given if one is not None)
        question = first.question_de if language == "de" else first.question_en
        cells = ["" if one is None else f"{one.score} of 5" if one.score else one.text for one in given]
        rows.append((question, cells, key in differ))
    return SideBySide(
        [f"{one.label}: {one.person_name}" for one in answered], rows, [one.words for one in apart],
        [one.label for one in views if not one.answers],
    )  # fmt: skip


def document_of(review: Review) -> dict[str, Any]:
    """Return everything a review says as one JSON document, its instants as ISO texts in UTC."""
    found = escalations_of(review)
    placed = causes_of(review)
    return {
        "reference": review.reference, "title": review.title, "state": review.get_state_display(),
        "version": review.version, "opened_at": review.opened_at.isoformat(), "why": review.why,
        "customers": sorted({one.ticket.organisation.name for one in found if one.ticket.organisation}),
        "tickets": [_ticket(one) for one in found], "facilitator": review.facilitator.name if review.facilitator else "",
        "participants": sorted(one.name for one in review.participants.all()),
        "meeting_at": review.meeting_at.isoformat() if review.meeting_at else "",
        "summary": review.summary, "went_well": review.went_well, "agenda": review.agenda, "notes": review.notes,
        "timeline": [
            {"at": one.at.isoformat(), "text": one.text, "internal": one.internal}
            for one in moments_of(review)
            if one.picked
        ],
        "durations": [_durations(review, one) for one in found],
        "paged": [
            {"person": one.person, "level": one.level, "at": one.at.isoformat(), "answer": one.answer}
            for escalation in found
            for one in paged_of(escalation)
        ],
        "promises": [_promise(one) for one in _promises(found)],
        "feedback": [_feedback(one.pk) for one in found],
        "causes": [_cause(one) for one in placed],
        "fishbone": [
            {
                "bone": str(bone.label),
                "causes": [one.node.text for one in placed if one.node.bone == bone.value],
            }
            for bone in Bone
        ],
        "actions": [
            {
                "title": one.title, "kind": str(ActionKind(one.kind).label), "owner": one.owner.name,
                "due": one.due_on.isoformat(), "effort": str(Effort(one.effort).label),
                "state": str(ActionState(one.state).label), "tracker": one.tracker_url, "evidence": one.evidence,
            }
            for one in actions_of(review)
        ],
        "signed": [
            {"version": one.version, "who": one.by.name, "at": one.at.isoformat(), "word": one.word}
            for one in versions_of(review)
        ],
    }  # fmt: skip


def _ticket(one: Escalation) -> dict[str, Any]:
    ticket = one.ticket
    return {
        "reference": ticket.reference, "subject": ticket.subject,
        "severity": f"Sev{ticket.priority} {Priority(ticket.priority).label}", "policy": one.policy.name,
        "escalated_at": one.opened_at.isoformat(), "ended_at": one.closed_at.isoformat() if one.closed_at else "",
        "outcome": one.outcome,
    }  # fmt: skip


def _durations(review: Review, one: Escalation) -> dict[str, Any]:
    rows = [{"key": span.key, "elapsed": span.elapsed, "business": span.business} for span in spans_of(review, one)]
    return {"ticket": one.ticket.reference, "rows": rows}


def _promises(found: list[Escalation]) -> list[Promise]:
    seen: dict[UUID, Promise] = {}
    for escalation in found:
        for one in promises_of(escalation):
            seen[one.pk] = one
    return list(seen.values())


def _promise(one: Promise) -> dict[str, Any]:
    return {
        "what": one.what, "by": one.by.name, "due": one.due_at.isoformat()[:16].replace("T", " ") + " UTC",
        "state": str(one.get_state_display()), "to_customer": one.to_kind == PromisedTo.CUSTOMER,
    }  # fmt: skip


def _feedback(escalation_id: UUID) -> dict[str, Any]:
    seen = feedback_of(escalation_id)
    rows = [{"question": question, "cells": cells, "differ": differ} for question, cells, differ in seen.rows]
    return {"parties": seen.parties, "rows": rows, "differences": seen.differences}


def _cause(one: Placed) -> dict[str, Any]:
    node = one.node
    return {
        "number": one.number, "depth": one.depth, "text": node.text, "contributing": node.contributing,
        "bone": str(Bone(node.bone).label) if node.bone else "", "evidence": list(node.evidence),
    }  # fmt: skip


def versions_of(review: Review) -> list[SignOff]:
    """Return the signed versions, the latest first."""
    return list(review.sign_offs.select_related("by").order_by("-version"))


def last_signed(review: Review) -> SignOff | None:
    return next(iter(versions_of(review)), None)


def redacted_document(review: Review, parts: Collection[str]) -> dict[str, Any]:
    """Return what a customer would get: `parts` of logic.redaction.PARTS, without anybody who works here."""
    staff = User.objects.exclude(role=Role.REQUESTER).values_list("name", flat=True)
    return redacted(document_of(review), parts=parts, staff=list(staff))
