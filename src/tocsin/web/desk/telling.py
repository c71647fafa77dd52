"""Journal entries in words, one teller for each kind. A kind that is not listed is told by its own name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.domain.tickets.enums import Priority, Status
from tocsin.domain.tickets.queries import TimelineItem

type Names = Mapping[str, str]
type Words = Callable[[TimelineItem, Names], str]


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as the timeline shows it. `css`: mark (a deed, on its own) or machine (folded with its neighbours)."""

    css: str
    icon: str
    summary: str
    body: str = ""


type Teller = Callable[[TimelineItem, Names], Told]

# Folded entries of these kinds are counted ("4 notifications"), the others are quoted.
COUNTED = {
    "page.sent": "notification", "page.delivered": "receipt", "page.enqueued": "page made", "page.withdrawn": "page taken back",
    "page.deferred": "page put off", "clock.started": "clock started", "clock.paused": "clock paused",
    "clock.resumed": "clock resumed", "clock.recomputed": "clock recomputed", "clock.met": "promise kept",
    "trigger.not_fired": "trigger held back",
}  # fmt: skip
COUNTED_MANY = {
    "page made": "pages made", "page taken back": "pages taken back", "page put off": "pages put off",
    "clock started": "clocks started", "clock paused": "clocks paused", "clock resumed": "clocks resumed",
    "clock recomputed": "clocks recomputed", "promise kept": "promises kept", "trigger held back": "triggers held back",
}  # fmt: skip
# Each of these stands beside an entry that says the same in better words.
SAID_ELSEWHERE = frozenset(
    {"letter.posted", "handover.accepted", "run.resolved", "run.reopened", "page.enqueued", "trigger.fired"}
)


def tell(item: TimelineItem, names: Names) -> Told:
    """Return an entry in words."""
    teller = TELLERS.get(item.kind)
    if teller is not None:
        return teller(item, names)
    words = item.kind.replace(".", " ").replace("_", " ")
    by_person = item.actor.startswith("person:") and not item.kind.startswith(("run.", "page.", "clock.", "trigger."))
    summary = words[:1].upper() + words[1:] + (f" by {item.actor_name}" if by_person else "")
    return Told("mark" if by_person else "machine", "info", summary)


def _deed(icon: str, words: Words, body: str = "", css: str = "mark") -> Teller:
    """A line of its own. `body` names the field of the data that is shown under it."""
    return lambda item, names: Told(css, icon, words(item, names), str(item.data.get(body) or "") if body else "")


def _machine(icon: str, words: Words) -> Teller:
    return lambda item, names: Told("machine", icon, words(item, names))


def _said(words: str) -> Words:
    return lambda item, _names: words.format_map(_Safe({**item.data, "actor": item.actor_name}))


class _Safe(dict[str, Any]):
    """The data of an entry; a field that an older release did not write reads as empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _name(names: Names, key: Any, vacant: str = "nobody") -> str:
    return names.get(str(key), "somebody") if key else vacant


def _person(words: str, *fields: str) -> Words:
    """Words about the person whom one of `fields` names, or else who acted."""

    def said(item: TimelineItem, names: Names) -> str:
        key = next((item.data[field] for field in fields if item.data.get(field)), None)
        known = names.get(str(key).removeprefix("person:")) if key else None
        return words.format(known or item.actor_name)

    return said


def _status(word: Any) -> str:
    return str(Status(word).label) if word in Status.values else str(word)


def _priority(number: Any) -> str:
    return f"Sev{number} {Priority(number).label}" if number in Priority.values else str(number)


def _changed_status(item: TimelineItem, _names: Names) -> str:
    return f"{item.actor_name}: {_status(item.data.get('before'))} \u2192 {_status(item.data.get('after'))}"


def _changed_priority(item: TimelineItem, _names: Names) -> str:
    before, after = item.data.get("before"), item.data.get("after")
    if before == after:
        return f"{item.actor_name} changed impact or urgency; the priority stays {_priority(after)}"
    return f"{item.actor_name}: {_priority(before)} \u2192 {_priority(after)}"


def _moved(item: TimelineItem, names: Names) -> str:
    owner, team = item.data.get("after_owner"), item.data.get("after_team")
    if item.kind == "ticket.taken":
        return f"{item.actor_name} took it"
    if item.kind == "ticket.handed_over":
        return f"{_name(names, owner)} accepted the handover and owns it now"
    if owner:
        return f"{item.actor_name} assigned it to {_name(names, owner)}"
    if team and team != item.data.get("before_team"):
        return f"{item.actor_name} put it into the queue of {_name(names, team, 'no team')}"
    return f"{item.actor_name} gave it back to the queue"


def _offered(item: TimelineItem, names: Names) -> str:
    to = _name(names, item.data.get("to_user") or item.data.get("to_team"))
    if item.actor.startswith("person:"):
        return f"{item.actor_name} offered it to {to}"
    return f"{to} was asked to take it over"


def _escalated(item: TimelineItem, _names: Names) -> str:
    policy = str(item.data.get("policy", "")).replace("-", " ")
    if item.actor.startswith("person:") and not item.data.get("trigger"):
        return f"{item.actor_name} escalated ({policy})"
    return f"Escalated by a trigger ({policy})"


def _ended(item: TimelineItem, _names: Names) -> str:
    word = str(item.data.get("as", "")).replace("_", " ") or "ended"
    who = f" by {item.actor_name}" if item.actor.startswith("person:") else ""
    return f"Escalation {word}{who}"


def _paged(item: TimelineItem, _names: Names) -> str:
    told = [
        person.get("name", "") for evidence in item.data.get("evidence") or [] for person in evidence.get("people", [])
    ]
    who = ", ".join(dict.fromkeys(told)) or "nobody"
    return f"level {item.data.get('level', '?')} reached {who}"


def _swarm_ended(item: TimelineItem, _names: Names) -> str:
    helpers = item.data.get("helpers") or []
    return f"The swarm ended; who helped: {', '.join(map(str, helpers))}" if helpers else "The swarm ended; nobody came"


def _role_given(item: TimelineItem, names: Names) -> str:
    who, before, role = _name(names, item.data.get("person")), item.data.get("before"), item.data.get("role", "")
    if item.actor == f"person:{item.data.get('person')}":
        return f"{who} took the role: {role}"
    return f"{item.actor_name} gave a role to {who}: {role}" + (f", after {_name(names, before)}" if before else "")


def _to(words: str) -> Words:
    def said(item: TimelineItem, names: Names) -> str:
        who = _name(names, item.data.get("user") or item.data.get("person"), "")
        channel = str(item.data.get("channel", ""))
        parts = (words, f"to {who}" if who else "", f"by {channel}" if channel else "")
        return " ".join(part for part in parts if part)

    return said


def _clock(words: str) -> Words:
    """Words about one promise; the cause says why it moved."""

    def said(item: TimelineItem, _names: Names) -> str:
        promised = str(item.data.get("clock_kind") or "clock").replace("_", " ")
        cause = str(item.data.get("cause") or "")
        return words.format(promised) + (f" ({cause})" if cause else "")

    return said


def _decided(item: TimelineItem, names: Names) -> str:
    size = f", {item.data['size']}" if item.data.get("size") else ""
    by, approver = _name(names, item.data.get("by")), item.data.get("approved_by")
    if approver:
        return f"{by} decided with the approval of {_name(names, approver)}: {item.data.get('name', '')}{size}"
    return f"{by} decided: {item.data.get('name', '')}{size}"


def _update(item: TimelineItem, _names: Names) -> str:
    told = item.data.get("audiences") or {}
    whom = ", ".join(f"{audience} {count}" for audience, count in told.items()) or "nobody"
    which = "the closing update" if item.data.get("closing") else f"update {item.data.get('number', '')}"
    return f"{item.actor_name} sent {which} ({whom})"


RISKS = {"escalation": "to escalate", "breach": "to breach its promise", "bounce": "to bounce back"}


def _risen(item: TimelineItem, _names: Names) -> str:
    risk, percent = RISKS.get(str(item.data.get("outcome")), ""), item.data.get("percent", "?")
    reasons = ", ".join(str(one) for one in item.data.get("reasons") or [])
    return f"Risk {risk} rose to {percent} %" + (f": {reasons}" if reasons else "")


def _answered_risk(item: TimelineItem, _names: Names) -> str:
    risk, percent = RISKS.get(str(item.data.get("outcome")), ""), item.data.get("percent", "?")
    match item.data.get("opinion"):
        case "agree":
            return f"{item.actor_name} agrees with the risk {risk} ({percent} %)"
        case "snooze":
            return f"{item.actor_name} snoozed the risk {risk} ({percent} %)"
        case _:
            return f"{item.actor_name} disagrees with the risk {risk} ({percent} %)"


PARTIES = {
    "customer": "The customer", "front_line": "The front line", "expert": "The expert", "manager": "The manager",
}  # fmt: skip


def _of_record(words: str) -> Words:
    """What the customer said of a record; by whom it was noted where it was not themselves."""

    def said(item: TimelineItem, _names: Names) -> str:
        noted = item.data.get("via") in ("call", "reply")
        who = f"{item.actor_name} noted that the customer said" if noted else f"{item.actor_name} said"
        return f"{who}: {words} (listening record, version {item.data.get('version')})"

    return said


MOODS = {1: "furious", 2: "upset", 3: "worried", 4: "calm", 5: "content"}
TELLERS: dict[str, Teller] = {
    "ticket.opened": _deed("plus", _said("{actor} opened the ticket")),
    "ticket.status_changed": _deed("status", _changed_status, "note"),
    "ticket.priority_changed": _deed("alert", _changed_priority),
    "ticket.rated": _deed("star", _said("{actor} rated it {score} of 5")),
    "feedback.asked": _machine(
        "star", lambda i, _n: f"{PARTIES.get(i.data.get('party', ''), 'Somebody')} was asked how it was"
    ),
    "feedback.reminded": _machine(
        "star", lambda i, _n: f"{PARTIES.get(i.data.get('party', ''), 'Somebody')} was reminded"
    ),
    "feedback.skipped": _machine("star", _said("Nobody was asked how it was: {why}")),
    "feedback.answered": _deed("star", _said("{actor} said how the escalation went")),
    "recovery.opened": _deed("phone", lambda i, n: f"{_name(n, i.data.get('owner'))} is to call about the rating"),
    "recovery.reminded": _machine("phone", lambda i, n: f"{_name(n, i.data.get('owner'))} was reminded of the call"),
    "recovery.missed": _deed("alert", _said("The call about the rating was missed")),
    "recovery.given": _deed("phone", lambda i, n: f"{i.actor_name} asked {_name(n, i.data.get('owner'))} to call"),
    "recovery.ended": _deed(
        "phone", lambda i, _n: f"{i.actor_name} called about the rating: {i.data.get('state', '').replace('_', ' ')}"
    ),
    "ticket.taken": _deed("take", _moved),
    "ticket.assigned": _deed("person", _moved),
    "ticket.handed_over": _deed("hand-over", _moved),
    "ticket.details_changed": _deed(
        "edit", lambda i, _n: f"{i.actor_name} changed {', '.join(i.data.get('fields', [])).replace('_', ' ')}"
    ),
    "ticket.linked": _deed("link", _said("{actor} linked another ticket ({link_kind})")),
    "ticket.linked_from": _deed("link", _said("{actor} linked it from another ticket ({link_kind})")),
    "handover.offered": _deed("hand-over", _offered),
    "arbiter.asked": _deed("alert", _said("{actor} asked {asked} to name the owner"), "word"),
    "handover.declined": _deed("hand-over", _said("{actor} declined the handover"), "answer"),
    "handover.withdrawn": _machine("hand-over", _said("the offered handover was withdrawn")),
    "handover.expired": _deed("hand-over", _said("The handover ran out unanswered"), css="mark is-risk"),
    "swarm.opened": _deed("people", _said("{actor} asked for a swarm: {question}")),
    "swarm.invited": _machine("people", _person("{} was asked for help", "person")),
    "swarm.accepted": _deed("people", _person("{} came into the swarm", "person")),
    "swarm.joined": _deed("people", _person("{} joined the swarm", "person")),
    "swarm.declined": _deed("people", _person("{} declined to help", "person"), "reason"),
    "swarm.expired": _machine("clock", _person("{} did not answer the invitation", "person")),
    "swarm.left": _machine("people", _person("{} left the swarm", "person")),
    "swarm.answered": _deed("done", _person("{} answered the question of the swarm", "person")),
    "swarm.ended": _deed("people", _swarm_ended, "outcome"),
    "command.opened": _deed("command", _said("{actor} opened the command")),
    "command.state_changed": _deed("command", _said("Command: {before} \u2192 {after}")),
    "command.known_now": _deed("command", _said("Known now: {text}")),
    "command.role_given": _deed("person", _role_given),
    "command.role_ended": _machine("person", _person("{} has a role of the command no more", "person")),
    "command.meeting_changed": _machine("phone", _said("{actor} changed where people talk")),
    "command.next_update_set": _machine("clock", _said("{actor} set the time of the next update")),
    "command.task_added": _deed("plus", _said("Task: {title}")),
    "command.task_changed": _machine("edit", _said("task changed: {title}")),
    "command.task_ended": _deed("done", _said("Task {state}: {title}")),
    "command.task_reopened": _deed("undo", _said("Task open again: {title}")),
    "command.task_overdue": _deed("alert", _said("Task overdue: {title}"), css="mark is-risk"),
    "command.fact_noted": _deed("info", _said("{actor} noted: {text}")),
    "command.decided": _deed("decision", _said("{actor} decided: {text}")),
    "command.pinned": _machine("pin", _said("{actor} pinned an event")),
    "command.taken_off": _machine("close", _said("{actor} took a line off the command")),
    "clock.breached": _deed("breach", _clock("Promise broken: {}"), css="mark is-breached"),
    "clock.answered_late": _deed("breach", _clock("Answered late: {}"), css="mark is-risk"),
    "clock.started": _machine("clock", _clock("clock started: {}")),
    "clock.paused": _machine("pause", _clock("clock paused: {}")),
    "clock.resumed": _machine("play", _clock("clock resumed: {}")),
    "clock.recomputed": _machine("clock", _clock("clock recomputed: {}")),
    "clock.met": _machine("done", _clock("promise kept: {}")),
    "clock.cancelled": _machine("clock", _clock("clock ended: {}")),
    "clock.agreed": _deed("clock", _clock("A date was agreed: {}")),
    "escalation.opened": _deed("escalate", _escalated, "reason_text"),
    "escalation.reopened": _deed("escalate", _said("The escalation began again"), "reason_text"),
    "escalation.closed": _deed("done", _ended, "outcome"),
    "escalation.completed": _deed("edit", _said("{actor} completed the escalation's brief")),
    "escalation.de_escalation_offered": _deed("down", _said("{actor} offered it back to {name}"), "reason"),
    "escalation.de_escalation_accepted": _deed("down", _said("{name} took it back; the ladder stopped"), "answer"),
    "escalation.de_escalation_declined": _deed("down", _said("{name} declined to take it back"), "answer"),
    "run.level_fired": _machine("page", _paged),
    "run.missed": _machine(
        "clock", _said("{count} steps that were due earlier were left out: only what is due now fires")
    ),
    "run.level_skipped": _machine("page", _said("level {level} was skipped")),
    "run.level_empty": _deed("alert", _said("Level {level} reaches nobody: {reason}"), css="mark is-breached"),
    "run.acknowledged": _machine("done", _person("{} acknowledged", "by", "person")),
    "run.declined": _deed("stop", _person("{} cannot", "by", "person"), "reason"),
    "run.snoozed": _deed("pause", _person("{} snoozed it", "by", "person")),
    "run.acknowledger_reminded": _machine("bell", _person("{} was reminded", "person")),
    "run.acknowledgement_timed_out": _deed(
        "clock", _person("Nothing happened since {} acknowledged; the ladder climbs on", "person"), css="mark is-risk"
    ),
    "run.repeated": _machine("history", _said("the ladder is climbed again")),
    "run.terminal": _deed("alert", _said("Nobody answered; the ladder is at its end"), css="mark is-breached"),
    "run.catch_all_paged": _machine("shield", lambda i, n: _paged(i, n).replace("level ?", "the catch-all")),
    "run.cancelled": _deed("stop", _said("The ladder was called off: {reason}")),
    "run.approval_asked": _machine("shield", _said("approval was asked")),
    "run.approved": _deed("shield", _person("{} approved the escalation", "by")),
    "run.refused": _deed("shield", _person("{} refused the escalation", "by"), "reason"),
    "run.approval_skipped": _machine("shield", _said("no approval needed: {why}")),
    "run.approval_timed_out": _machine("shield", _said("approval timed out")),
    "run.ownership_not_offered": _machine("hand-over", _said("ownership was not offered: {why}")),
    "run.reassign_asked": _machine("hand-over", _said("the ladder asks what to do after the change of hands")),
    "run.kept_after_reassign": _machine("hand-over", _said("the ladder goes on after the change of hands")),
    "run.rebound": _machine("hand-over", _said("the ladder follows the new owner")),
    "run.deferred": _machine("wrench", _said("put off by maintenance")),
    "decision.taken": _deed("shield", _decided, "reason"),
    "decision.asked": _deed("shield", _said("{actor} asked {asked} to decide: {name} {size}"), "reason"),
    "decision.approved": _machine("shield", _said("{actor} approved {name}")),
    "decision.refused": _deed("stop", _said("{actor} refused {name}"), "answer"),
    "decision.expired": _deed("clock", _said("Nobody decided in time: {name}"), css="mark is-risk"),
    "decision.withdrawn": _machine("undo", _said("the request for {name} was withdrawn")),
    "escalation.for_decision": _machine("shield", _said("escalated for a decision: {name} {size}")),
    "trigger.not_fired": _machine("info", _said("{policy}: {trigger} did not fire, {refused}")),
    "page.sent": _machine("mail", _to("notification sent")),
    "page.failed": _deed("alert", _to("Delivery failed"), "answer", css="mark is-risk"),
    "page.unreachable": _deed("alert", _to("Cannot be reached: no page"), css="mark is-breached"),
    "letter.posted": _machine("mail", _to("mail")),
    "letter.held_back": _machine(
        "mail", _said("no automatic mail was sent: too many went to this address within the hour")
    ),
    "promise.made": _deed("clock", _said("{actor} promised {to}: {what}")),
    "promise.kept": _deed("done", _said("{actor} kept the promise: {what}")),
    "promise.broken": _deed("breach", _said("Promise to {to} broken: {what}"), css="mark is-breached"),
    "promise.done_late": _deed("done", _said("{actor} did late what was promised: {what}")),
    "promise.renegotiated": _deed("clock", _said("{actor} agreed on another time: {what}"), "reason"),
    "promise.cancelled": _deed("stop", _said("{actor} called the promise off: {what}"), "reason"),
    "promise.reminded": _machine("bell", _said("a promise was called to mind: {what}")),
    "communication.started": _machine("mail", _said("communication plan begun")),
    "communication.closing": _machine("mail", _said("communication plan waits for its closing update")),
    "communication.ended": _machine("mail", _said("communication plan ended")),
    "update.sent": _deed("mail", _update),
    "update.missed": _deed("breach", _said("Update overdue: {audience}"), css="mark is-breached"),
    "risk.rose": _machine("risk", _risen),
    "risk.answered": _deed("risk", _answered_risk, body="note"),
    "problem.linked": _deed("problem", _said("{actor} linked it to problem {problem} {title}")),
    "problem.unlinked": _deed("problem", _said("{actor} took it off problem {problem} {title}")),
    "escalation.explained": _deed("review", _said("{actor} closed the escalation: {category}")),
    "review.opened": _deed("review", _said("Review {review} began: {why}")),
    "review.signed_off": _deed("review", _said("{actor} signed review {review} off (version {version})")),
    "review.action_added": _deed("review", _said("{actor} took a corrective action in {review}: {action}")),
    "review.action_done": _deed("done", _said("{actor} did what {review} asked for: {action}"), "evidence"),
    "review.action_dropped": _deed("stop", _said("{actor} dropped what {review} asked for: {action}"), "evidence"),
    "mail.released": _deed("mail", _said("{actor} released a mail to this ticket")),
    "page.withdrawn": _machine("undo", _to("page taken back")),
    "status.incident_opened": _deed("info", _said("{actor} told readers of {page}: {title}")),
    "status.update_told": _deed("info", _said("{actor} told readers of {page} how it goes on: {title}")),
    "account.ticket_added": _deed(
        "building", _said("{actor} took it into the account escalation {reference}: {title}")
    ),
    "account.ticket_removed": _deed("building", _said("{actor} took it out of the account escalation {reference}")),
    "account.ended": _deed("building", _said("{actor} ended the account escalation {reference}")),
    "listening.written": _deed("listen", _said("{actor} wrote down what matters to the customer")),
    "listening.revised": _deed("listen", _said("{actor} changed the listening record (version {version})")),
    "listening.played_back": _deed(
        "listen", lambda i, n: f"{i.actor_name} played it back to {_name(n, i.data.get('to'))}"
    ),
    "listening.confirmed": _deed("done", _of_record("that is it")),
    "listening.corrected": _deed("listen", _of_record("not quite")),
    "listening.concern_answered": _deed("listen", _said("{actor} marked a concern as answered")),
    "listening.concern_open": _deed("listen", _said("{actor} marked a concern as open again")),
    "listening.mood": _deed(
        "listen", lambda i, _n: f"{i.actor_name}: they sound {MOODS.get(i.data.get('feeling') or 0, '')}"
    ),
    "listening.call_noted": _deed("phone", _said("{actor} wrote a call down")),
    "signal.judged": _deed(
        "signal", lambda i, _n: f"{i.actor_name}: a signal is {str(i.data.get('verdict')).replace('_', ' ')}"
    ),
    "assistant.drafted": _deed("edit", _said("{actor} had a {wanted} drafted by {model}; nothing was sent")),
}
