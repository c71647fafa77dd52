"""A team's month in words: what escalated, why, what changed, what to do next. The same facts give the same text."""

from collections.abc import Mapping, Sequence
from typing import Any

type Counted = Sequence[tuple[str, int]]


def text_of(facts: Mapping[str, Any]) -> str:
    """Return the digest as plain paragraphs. `facts` are those of queries.digests.facts_of."""
    parts = [_escalated(facts)]
    for title, lines in (
        ("Why", _why(facts)), ("What changed", _changed(facts)), ("What to do next", _next(facts)),
    ):  # fmt: skip
        parts.append("\n".join([title, *(f"- {line}" for line in lines)]))
    return "\n\n".join(parts)


def _escalated(facts: Mapping[str, Any]) -> str:
    now, before, tickets = facts["escalations"], facts["escalations_before"], facts["tickets"]
    if not now:
        return f"Nothing escalated among {tickets} tickets ({before} escalations the month before)."
    share = f"{100 * facts['escalated_tickets'] / tickets:.0f} % of {tickets} tickets" if tickets else "no new tickets"
    word = "escalation" if now == 1 else "escalations"
    return f"{now} {word} ({before} the month before), on {share}."


def _why(facts: Mapping[str, Any]) -> list[str]:
    lines = [f"{name}: {count}" for name, count in facts["reasons"]]
    lines += [f"Most at {name}: {count}" for name, count in facts["services"][:1]]
    lines += [f"Cause found: {name}, {count}" for name, count in facts["causes"]]
    return lines or ["Nothing escalated."]


def _changed(facts: Mapping[str, Any]) -> list[str]:
    lines = [f"{reference} {title}: {state}" for reference, title, state in facts["problems"]]
    lines += [f"{title}: {sentence}" for title, sentence in facts["measures"]]
    return lines or ["No problem moved and no measure was judged."]


def _next(facts: Mapping[str, Any]) -> list[str]:
    lines = [f"Decide: {sentence}" for sentence in facts["proposals"]]
    lines += [f"Give {reference} {title} an owner" for reference, title in facts["unowned"]]
    lines += [
        f"Find a workaround for {reference} {title}: {count} open tickets wait"
        for reference, title, count in facts["waiting"]
    ]
    return lines or ["Nothing is waiting."]
