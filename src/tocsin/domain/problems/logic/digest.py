"""A team's month in words: what escalated, why, what changed, what to do next. The same facts give the same text."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tocsin.domain.problems.logic.effect import read
from tocsin.domain.problems.logic.series import parsed
from tocsin.domain.problems.logic.words import ENGLISH, Moved, judged, sentence, spoken

FORM = 2  # of the facts; digests of an earlier form keep the text that was made of them

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "none": "Nothing escalated among {tickets} tickets ({before} escalations the month before).",
        "one": "{now} escalation ({before} the month before), on {share}.",
        "many": "{now} escalations ({before} the month before), on {share}.",
        "share": "{percent} % of {tickets} tickets", "no_tickets": "no new tickets",
        "why": "Why", "changed": "What changed", "next": "What to do next",
        "most_at": "Most at {0}: {1}", "found": "Cause found: {0}, {1}", "nothing": "Nothing escalated.",
        "unmoved": "No problem moved and no measure was judged.", "decide": "Decide: {0}", "owner": "Give {0} {1} an owner",
        "workaround": "Find a workaround for {0} {1}: {2} open tickets wait", "idle": "Nothing is waiting.",
    },
    "de": {
        "none": "Nichts wurde eskaliert, bei {tickets} Tickets (Eskalationen im Monat davor: {before}).",
        "one": "{now} Eskalation (im Monat davor {before}), bei {share}.",
        "many": "{now} Eskalationen (im Monat davor {before}), bei {share}.",
        "share": "{percent} % von {tickets} Tickets", "no_tickets": "keinen neuen Tickets",
        "why": "Warum", "changed": "Was sich änderte", "next": "Was als Nächstes zu tun ist",
        "most_at": "Am häufigsten bei {0}: {1}", "found": "Gefundene Ursache: {0}, {1}", "nothing": "Nichts wurde eskaliert.",
        "unmoved": "Kein Problem kam voran und keine Maßnahme wurde beurteilt.", "decide": "Zu entscheiden: {0}",
        "owner": "{0} {1} braucht einen Besitzer",
        "workaround": "{0} {1} braucht eine Umgehung: offene Tickets, die warten: {2}", "idle": "Nichts wartet.",
    },
}  # fmt: skip
_VALUES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "complexity": "Complexity", "missing_expertise": "Missing expertise", "expectation_missed": "Expectation missed",
        "sla_at_risk": "SLA at risk", "sla_breached": "SLA breached", "capacity_or_policy": "Capacity or policy",
        "other": "Other", "candidate": "candidate", "open": "open", "cause_known": "cause known",
        "workaround": "workaround", "known_error": "known error", "fix_planned": "fix planned", "fixed": "fixed",
        "verified": "verified", "closed": "closed",
    },
    "de": {
        "complexity": "Komplexität", "missing_expertise": "Fehlende Fachkenntnis", "expectation_missed": "Erwartung verfehlt",
        "sla_at_risk": "SLA gefährdet", "sla_breached": "SLA verletzt", "capacity_or_policy": "Kapazität oder Regelung",
        "other": "Anderes", "candidate": "Kandidat", "open": "offen", "cause_known": "Ursache bekannt",
        "workaround": "Umgehung", "known_error": "bekannter Fehler", "fix_planned": "Behebung geplant", "fixed": "behoben",
        "verified": "überprüft", "closed": "geschlossen",
    },
}  # fmt: skip
type Part = tuple[str, Sequence[str]]


def parts_of(facts: Mapping[str, Any], language: str = ENGLISH) -> tuple[str, list[Part]]:
    """Return the digest: its first sentence, then (title, lines). `facts` are those of queries.digests.facts_of."""
    words, values = _WORDS[spoken(language)], _VALUES[spoken(language)]
    lines = {
        "why": _why(facts, words, values), "changed": _changed(facts, words, values, language),
        "next": _next(facts, words, language),
    }  # fmt: skip
    return _escalated(facts, words), [(words[name], said) for name, said in lines.items()]


def text_of(facts: Mapping[str, Any], language: str = ENGLISH) -> str:
    """Return the digest as plain paragraphs."""
    lead, parts = parts_of(facts, language)
    return "\n\n".join([lead, *("\n".join([title, *(f"- {line}" for line in lines)]) for title, lines in parts)])


def parts_in(text: str) -> tuple[str, list[Part]]:
    """Return the parts of a text that `text_of` made."""
    lead, *rest = (part.split("\n") for part in text.split("\n\n"))
    return lead[0], [(title, [line.removeprefix("- ") for line in lines]) for title, *lines in rest]


def _escalated(facts: Mapping[str, Any], words: Mapping[str, str]) -> str:
    now, before, tickets = facts["escalations"], facts["escalations_before"], facts["tickets"]
    if not now:
        return words["none"].format(tickets=tickets, before=before)
    share = words["no_tickets"]
    if tickets:
        share = words["share"].format(percent=f"{100 * facts['escalated_tickets'] / tickets:.0f}", tickets=tickets)
    return words["one" if now == 1 else "many"].format(now=now, before=before, share=share)


def _why(facts: Mapping[str, Any], words: Mapping[str, str], values: Mapping[str, str]) -> list[str]:
    lines = [f"{values.get(reason, reason)}: {count}" for reason, count in facts["reasons"]]
    lines += [words["most_at"].format(name, count) for name, count in facts["services"][:1]]
    lines += [words["found"].format(name, count) for name, count in facts["causes"]]
    return lines or [words["nothing"]]


def _changed(
    facts: Mapping[str, Any], words: Mapping[str, str], values: Mapping[str, str], language: str
) -> list[str]:  # fmt: skip
    lines = [f"{reference} {title}: {values.get(state, state)}" for reference, title, state in facts["problems"]]
    lines += [
        f"{one['title']}: {judged(read(one['figures']), one['verdict'], horizon=one['horizon'], language=language)}"
        for one in facts["measures"]
    ]
    return lines or [words["unmoved"]]


def _next(facts: Mapping[str, Any], words: Mapping[str, str], language: str) -> list[str]:
    lines = [words["decide"].format(repeat(one, language)) for one in facts["proposals"]]
    lines += [words["owner"].format(reference, title) for reference, title in facts["unowned"]]
    lines += [words["workaround"].format(reference, title, count) for reference, title, count in facts["waiting"]]
    return lines or [words["idle"]]


def repeat(told: Mapping[str, Any], language: str = ENGLISH) -> str:
    """Say a proposal from its stored values: series, names, recent, weeks, usual, moved ([day, before, after] or None)."""
    moved = None
    if told["moved"]:
        on, before, after = told["moved"]
        moved = Moved(date.fromisoformat(on), before, after)
    return sentence(
        parsed(told["series"]), told["names"], recent=told["recent"], weeks=told["weeks"], usual=told["usual"], moved=moved,
        language=language,
    )  # fmt: skip
