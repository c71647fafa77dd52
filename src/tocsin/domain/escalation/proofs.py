"""The proof ledger of an escalation: for each level of each run why it fired or did not, who was resolved by which
evidence, every attempt, receipt and answer. Plain JSON values, for a page, a file and the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.escalation import policies, queries
from tocsin.domain.escalation.logic.policy import Level, LevelCondition, Policy
from tocsin.domain.escalation.logic.run import RunState, RunStatus
from tocsin.domain.escalation.logic.run_json import from_json
from tocsin.domain.escalation.models import Escalation, Firing
from tocsin.domain.escalation.targets import in_words
from tocsin.domain.journal import queries as journal
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound

MOST_ENTRIES = 20_000
# Entries that are somebody's answer, or too late to be one.
ANSWERS = {
    "run.acknowledged": "acknowledged", "run.acknowledged_partly": "acknowledged", "run.also_acknowledged": "acknowledged too",
    "run.acknowledged_unasked": "acknowledged, though not asked", "run.late_acknowledgement": "acknowledged, too late",
    "run.declined": "declined", "run.declined_unasked": "declined, though not asked", "run.given_back": "gave it back",
    "run.late_decline": "declined, too late", "run.snoozed": "snoozed", "run.late_snooze": "snoozed, too late",
    "run.next_called": "called the next level", "run.late_call_next": "called the next level, too late",
    "run.stale_answer": "answered an earlier call", "run.not_taken": "could not take the ticket", "run.approved": "approved",
    "run.refused": "refused", "run.resolved": "resolved", "run.cancelled": "called off",
}  # fmt: skip


def proof_of(escalation_id: UUID) -> dict[str, Any]:
    """Return everything that proves how an escalation went, those it called included. Raises NotFound."""
    found = queries.escalation_of(escalation_id)
    family = [found, *_below(found)]
    pages = {one.pk: notify.pages_of_run(one.run.pk) for one in family}
    ids = {str(one.pk) for one in family} | {str(one.run.pk) for one in family}
    ids |= {str(page.pk) for own in pages.values() for page in own}
    stream = f"ticket:{found.ticket.pk}"
    entries = [e for e in journal.entries(stream, limit=MOST_ENTRIES) if _is_of(e.data, ids)]
    names = _names(entries)
    runs = [_run(one, pages[one.pk], entries, names) for one in family]
    return {
        "escalation": str(found.pk),
        "ticket": found.ticket.reference,
        "subject": found.ticket.subject,
        "test": found.ticket.is_drill,
        **runs[0],
        "called": runs[1:],
        "journal": [_entry(e, names) for e in entries],
        "check": "Each hash is SHA-256 over the previous hash and the entry. `tocsin proof --check FILE` recomputes them.",
    }


def latest_of(number: int) -> UUID:
    """Return the latest escalation of a ticket. Raises NotFound."""
    rows = Escalation.objects.filter(ticket__number=number, parent__isnull=True).order_by("-opened_at")
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("escalation_not_found", f"T-{number} has no escalation.")
    return found


def _below(escalation: Escalation) -> list[Escalation]:
    """Return those that this one called, and those that they called. Policies cannot call each other in a circle."""
    children = escalation.children.select_related("ticket", "policy", "run__version").order_by("opened_at")
    return [one for child in children for one in (child, *_below(child))]


def _is_of(data: dict[str, Any], ids: set[str]) -> bool:
    return bool({str(data.get(key, "")) for key in ("run", "escalation", "page")} & ids)


def _names(entries: Sequence[Entry]) -> dict[str, str]:
    """Return {id, or journal's word for an actor: name} of everybody whom the entries mention."""
    ids = {str(e.data[key]) for e in entries for key in ("by", "user", "person", "back_to") if e.data.get(key)}
    actors = people.names_of_actors({e.actor for e in entries} | {f"person:{pk}" for pk in ids})
    return actors | {actor.partition(":")[2]: name for actor, name in actors.items()}


def _run(one: Escalation, pages: Sequence[Page], entries: Sequence[Entry], names: dict[str, str]) -> dict[str, Any]:
    run, content, state = one.run, policies.content_of(one.run.version_id), from_json(one.run.state)
    own = [e for e in entries if str(e.data.get("run", "")) == str(run.pk)]
    firings = queries.firings_of(run.pk)
    shown = {(firing.cycle, firing.level) for firing in firings}
    return {
        "policy": one.policy.slug, "policy_name": one.policy.name, "version": run.version.number,
        "version_digest": run.version.digest, "type": one.type, "reason": one.reason, "reason_text": one.reason_text,
        "direction": one.direction, "trigger": one.trigger, "state": one.state, "opened_at": one.opened_at,
        "opened_by": names.get(one.opened_by, one.opened_by), "closed_at": one.closed_at, "outcome": one.outcome,
        "firings": [_firing(f, content, pages, own, names) for f in firings],
        "not_fired": _not_fired(content, state, firings),
        "other_pages": [_page(page) for page in pages if (page.cycle, page.level) not in shown],
        "answers": [_answer(e, names) for e in own if e.kind in ANSWERS and e.actor != "engine"],
    }  # fmt: skip


def _firing(
    firing: Firing, content: Policy, pages: Sequence[Page], own: Sequence[Entry], names: dict[str, str]
) -> dict[str, Any]:
    level = content.levels[firing.level - 1] if 1 <= firing.level <= len(content.levels) else None
    here = [p for p in pages if (p.cycle, p.level) == (firing.cycle, firing.level)]
    return {
        "cycle": firing.cycle, "level": firing.level, "name": level.name if level else "", "due_at": firing.due_at,
        "fired_at": firing.fired_at, "why": _why(firing, level, own, names), "closed_at": firing.closed_at,
        "closed_by": firing.closed_by, "outcome": firing.outcome, "evidence": firing.evidence,
        "pages": [_page(page) for page in here],
    }  # fmt: skip


def _why(firing: Firing, level: Level | None, own: Sequence[Entry], names: dict[str, str]) -> str:
    """Say why a level opened, out of what was journalled at that instant."""
    at_once = {e.kind: e for e in own if e.at == firing.fired_at and _is_before(e, firing)}
    if "run.next_called" in at_once:
        who = names.get(str(at_once["run.next_called"].data.get("by", "")), "somebody")
        return f"{who} called the next level"
    for kind, words in _CAUSES.items():
        if kind in at_once:
            return words
    if firing.level == 1 and firing.cycle == 1:
        return "the escalation began" + (f"; it waits {_span(level)}" if level and level.delay else "")
    if level is not None and level.condition is LevelCondition.NOT_RESOLVED:
        return f"not resolved {_span(level)} after the level before"
    return f"not acknowledged {_span(level)} after the level before" if level else "the ladder said so"


def _is_before(entry: Entry, firing: Firing) -> bool:
    """Whether an entry tells of something below this level: that a level is empty does not open that level."""
    return entry.kind not in _OF_A_LEVEL_BELOW or int(entry.data.get("level") or 0) < firing.level


_OF_A_LEVEL_BELOW = ("run.level_empty", "run.level_unreachable")
_CAUSES = {
    "run.declined": "whoever was asked before declined",
    "run.given_back": "whoever had it in hand gave it back",
    "run.level_empty": "the level before reached nobody",
    "run.level_unreachable": "the level before reached nobody",
    "run.acknowledgement_timed_out": "the acknowledgement timed out",
    "run.snooze_ended": "the snooze ended",
    "run.repeated": "nobody answered, and the ladder is climbed again",
    "run.rebound": "the ticket changed hands",
    "run.reopened": "it fired again and was reopened",
    "run.approved": "it was approved",
}


def _span(level: Level | None) -> str:
    minutes = (level.delay.total_seconds() / 60) if level else 0
    return f"{minutes:g} min" if minutes else "at once"


def _not_fired(content: Policy, state: RunState, firings: Sequence[Firing]) -> list[dict[str, Any]]:
    """Return the levels that never opened, each with the reason."""
    opened = {firing.level for firing in firings}
    holder = ""
    if state.acknowledger:
        holder = User.objects.filter(pk=state.acknowledger).values_list("name", flat=True).first() or "somebody"
    rows = []
    for number, level in enumerate(content.levels, start=1):
        if number not in opened:
            words = ", ".join(in_words(target) for target in level.targets) or f"policy {level.policy}"
            rows.append({"level": number, "name": level.name, "targets": words, "why": _why_not(number, state, holder)})
    return rows


def _why_not(number: int, state: RunState, holder: str) -> str:
    if state.ended:
        return f"the escalation was {str(state.status).replace('_', '-')} before it was due"
    if state.status is RunStatus.PENDING_APPROVAL:
        return "it waits for approval"
    if holder:
        return f"{holder} acknowledged before it was due"
    return "it is not due yet" if number > state.level else "it was passed over"


def _page(page: Page) -> dict[str, Any]:
    return {
        "person": page.user.name, "purpose": page.purpose, "urgency": page.urgency, "state": page.state,
        "created_at": page.created_at, "deliveries": [_delivery(d) for d in page.deliveries.all()],
    }  # fmt: skip


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "channel": delivery.channel, "address": delivery.address, "state": delivery.state, "sent_at": delivery.sent_at,
        "delivered_at": delivery.delivered_at, "withdrawn_at": delivery.withdrawn_at, "provider_id": delivery.provider_id,
        "error": delivery.error,
        "attempts": [
            {"at": t.at, "ended_at": t.ended_at, "outcome": t.outcome, "answer": t.answer} for t in delivery.tries.all()
        ],
    }  # fmt: skip


def _answer(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    data = entry.data
    return {
        "at": entry.at, "person": names.get(str(data.get("by", "")), names.get(entry.actor, entry.actor)),
        "said": ANSWERS[entry.kind], "via": data.get("via", ""), "level": data.get("level"), "cycle": data.get("cycle"),
        "reason": str(data.get("reason") or data.get("why") or ""), "entry": entry.position,
    }  # fmt: skip


def _entry(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    return {
        "stream": entry.stream, "position": entry.position, "at": _exact(entry.at), "kind": entry.kind, "actor": entry.actor,
        "who": names.get(entry.actor, entry.actor), "data": entry.data, "previous": bytes(entry.previous).hex(),
        "hash": bytes(entry.hash).hex(),
    }  # fmt: skip


def _exact(at: datetime) -> str:
    """Microseconds and all: the hash covers them, and JSON encoders round."""
    return at.isoformat(timespec="microseconds")
