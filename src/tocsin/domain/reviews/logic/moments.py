"""Which journal entries a review's timeline offers, in which words, and which of them are picked to begin with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

type Names = Mapping[str, str]
type Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One entry in words. `picked`: it stands in a first draft; `internal`: customers do not get it."""

    text: str
    picked: bool
    internal: bool


LONGEST = 500


def _named(names: Names, *keys: Any) -> str:
    for key in keys:
        if key:
            word = str(key)
            return names.get(word) or names.get(f"person:{word}") or "somebody"
    return "somebody"


def _fired(data: Data, _who: str, _names: Names) -> str:
    people = [one.get("name", "") for found in data.get("evidence") or [] for one in found.get("people", [])]
    return f"Level {data.get('level', '?')} paged {', '.join(dict.fromkeys(people)) or 'nobody'}"


def _opened(data: Data, who: str, _names: Names) -> str:
    policy = str(data.get("policy", "")).replace("-", " ")
    return f"A trigger escalated ({policy})" if data.get("trigger") else f"{who} escalated ({policy})"


def _by(words: str) -> Callable[[Data, str, Names], str]:
    return lambda data, who, names: words.format(
        _named(names, data.get("by"), data.get("person")) if data.get("by") or data.get("person") else who
    )


def _said(words: str) -> Callable[[Data, str, Names], str]:
    return lambda data, who, _names: words.format_map(_Lenient({**data, "who": who}))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _status(data: Data, who: str, _names: Names) -> str:
    before, after = (str(data.get(key, "")).replace("_", " ") for key in ("before", "after"))
    return f"{who}: {before} \u2192 {after}"


def _owner(data: Data, who: str, names: Names) -> str:
    owner = data.get("after_owner")
    return f"{_named(names, owner)} owns it now" if owner else f"{who} gave it back to the queue"


# {kind: (words, picked, internal)}
TELLERS: dict[str, tuple[Callable[[Data, str, Names], str], bool, bool]] = {
    "ticket.opened": (_said("{who} opened the ticket"), True, False),
    "ticket.status_changed": (_status, False, False),
    "ticket.priority_changed": (_said("{who}: Sev{before} \u2192 Sev{after}"), True, False),
    "ticket.taken": (_said("{who} took it"), True, True),
    "ticket.assigned": (_owner, True, True),
    "ticket.handed_over": (_owner, True, True),
    "ticket.rated": (_said("The customer rated it {score} of 5"), True, False),
    "handover.offered": (_said("{who} offered it to somebody else"), False, True),
    "handover.declined": (_said("{who} declined the handover"), True, True),
    "handover.expired": (_said("The offered handover ran out unanswered"), True, True),
    "escalation.opened": (_opened, True, True),
    "escalation.reopened": (_said("The escalation began again"), True, True),
    "escalation.closed": (_said("The escalation ended: {outcome}"), True, True),
    "escalation.de_escalation_accepted": (_said("{name} took it back"), True, True),
    "run.level_fired": (_fired, True, True),
    "run.level_empty": (_said("Level {level} reached nobody: {reason}"), True, True),
    "run.acknowledged": (_by("{} acknowledged"), True, True),
    "run.declined": (_by("{} declined"), True, True),
    "run.snoozed": (_by("{} snoozed it"), False, True),
    "run.acknowledgement_timed_out": (_said("Nothing happened after the acknowledgement; the ladder climbed on"), True, True),
    "run.terminal": (_said("Nobody answered; the ladder was at its end"), True, True),
    "run.catch_all_paged": (_said("The catch-all was paged"), True, True),
    "run.repeated": (_said("The ladder was climbed again"), False, True),
    "page.failed": (_said("A page could not be delivered by {channel}"), False, True),
    "page.unreachable": (_said("Somebody could not be reached"), True, True),
    "clock.breached": (_said("Promise broken: {clock_kind}"), True, True),
    "promise.made": (_said("{who} promised: {what}"), True, False),
    "promise.kept": (_said("{who} kept the promise: {what}"), False, False),
    "promise.broken": (_said("Promise broken: {what}"), True, False),
    "update.sent": (_said("An update was sent"), True, False),
    "update.missed": (_said("An update was overdue"), True, True),
    "swarm.opened": (_said("{who} asked for help: {question}"), True, True),
    "swarm.answered": (_by("{} answered the question of the swarm"), True, True),
    "swarm.ended": (_said("The swarm ended"), False, True),
    "command.opened": (_said("{who} opened the command"), True, True),
    "command.state_changed": (_said("Command: {before} \u2192 {after}"), True, True),
    "command.known_now": (_said("Known: {text}"), True, True),
    "command.fact_noted": (_said("{who} noted: {text}"), True, True),
    "command.decided": (_said("{who} decided: {text}"), True, True),
    "decision.taken": (_said("{who} decided: {name}"), True, True),
    "decision.expired": (_said("Nobody decided in time: {name}"), True, True),
    "problem.linked": (_said("{who} linked it to problem {problem}"), False, True),
}  # fmt: skip
_MESSAGES = {"customer": ("wrote", True, False), "reply": ("replied", True, False), "note": ("noted", False, True)}


def tell(kind: str, data: Data, who: str, names: Names, words: str = "") -> Told | None:
    """Return an entry in words, None if timelines never show its kind. `words`: what a message says."""
    if kind == "message.added":
        verb, picked, internal = _MESSAGES.get(str(data.get("message_kind")), ("wrote", False, True))
        first = " ".join(words.split())
        return Told(_cut(f"{who} {verb}: {first}" if first else f"{who} {verb}", 240), picked and bool(first), internal)
    teller = TELLERS.get(kind)
    if teller is None:
        return None
    say, picked, internal = teller
    return Told(_cut(say(data, who, names), LONGEST), picked, internal)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"
