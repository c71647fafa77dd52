"""When a trigger fires (SEMANTICS 3). Pure: facts about a ticket in, an instant or a reason out."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from tocsin.domain.escalation.logic.durations import format_duration
from tocsin.domain.escalation.logic.policy import TIME_DRIVEN, Trigger, TriggerKind
from tocsin.domain.escalation.logic.view import TicketView

# What customers write when they want somebody else to look at it; a policy may name its own.
DEFAULT_KEYWORDS = (
    "speak to a manager",
    "speak with a manager",
    "speak to your manager",
    "talk to a manager",
    "talk to your manager",
    "speak to a supervisor",
    "talk to your supervisor",
    "escalate this",
    "please escalate",
    "want to escalate",
    "formal complaint",
    "make a complaint",
    "file a complaint",
    "unacceptable",
)


@dataclass(frozen=True, slots=True)
class ClockAt:
    """A clock as triggers see it: when it reaches a mark if nothing else changes, and how it is told from the next."""

    kind: str  # an sla TargetKind value
    target_seconds: float
    started_at: datetime
    reaches: Callable[[float, timedelta], datetime | None]  # (percent, beyond) -> instant; None: not as things stand


class TriggerFacts(NamedTuple):
    """What time-driven triggers count from, as of now. None: there is nothing to count from."""

    opened_at: datetime
    unassigned_since: datetime | None = None
    last_public_update_at: datetime | None = None  # None: never, so the opening counts
    acknowledged_at: datetime | None = None  # the owner's acknowledgement of an escalation
    last_owner_activity_at: datetime | None = None
    line: str = ""
    line_since: datetime | None = None
    clocks: Sequence[ClockAt] = ()


class Instant(NamedTuple):
    """When a time-driven trigger is due. `anchor` is what it counts from, `mark` how much of it is consumed then (s).

    A threshold that fired at this mark of this anchor does not fire again; another anchor (the next
    reply, the next clock) arms it anew, and so does a mark further on (a longer target).
    """

    due_at: datetime
    anchor: datetime
    mark: float


class Fired(NamedTuple):
    """Where a threshold stood when it last fired."""

    anchor: datetime | None
    mark: float | None


class Happening(NamedTuple):
    """What an event-driven trigger looks at. Only the parts that the event touched need be filled."""

    kind: str  # opened, handover, reopened, priority, linked, message, escalated, asked, rated, promise, signal, alert, risk
    handovers: int = 0
    ping_pongs: int = 0
    reopens: int = 0
    priority_before: int = 0
    priority_after: int = 0
    linked: int = 0  # tickets on the same problem, service or outage, this one included
    linked_same: str = ""  # problem or service
    score: int = 0  # 1 (bad) to 5 (good)
    missed: int = 0  # promises, or updates owed to an audience, missed so far on this ticket
    missed_what: str = ""  # promise or update
    degree: int = 0  # of displeasure in a message: 1 mild, 2 strong, 3 severe
    words: Sequence[str] = ()  # that say so
    risk: float = 0  # 0 to 1, and what it was before
    risk_before: float = 0
    risk_of: str = ""  # escalation, breach or bounce
    text: str = ""
    customer: bool = False  # the text is the customer's
    told: Sequence[datetime] = ()  # when monitoring told an alert of this ticket
    earlier: Sequence[tuple[str, datetime]] = ()  # (organisation | service | configuration_item, begun at) of others
    at: datetime | None = None


def due(trigger: Trigger, facts: TriggerFacts) -> Instant | None:
    """Return when `trigger` is due on a ticket with these facts, or None if it cannot come as things stand."""
    if trigger.kind not in TIME_DRIVEN:
        return None
    if trigger.kind in (TriggerKind.CLOCK_AT, TriggerKind.CLOCK_BREACHED, TriggerKind.CLOCK_OVERDUE_BY):
        return _clock_due(trigger, facts)
    anchor = _anchor(trigger, facts)
    if anchor is None:
        return None
    return Instant(anchor + trigger.after, anchor, trigger.after.total_seconds())


def _anchor(trigger: Trigger, facts: TriggerFacts) -> datetime | None:
    match trigger.kind:
        case TriggerKind.UNASSIGNED_FOR:
            return facts.unassigned_since
        case TriggerKind.NO_PUBLIC_UPDATE_FOR:
            return facts.last_public_update_at or facts.opened_at
        case TriggerKind.OWNER_SILENT_FOR:
            if facts.acknowledged_at is None:
                return None
            return max(facts.acknowledged_at, facts.last_owner_activity_at or facts.acknowledged_at)
        case _:
            return facts.line_since if facts.line == trigger.line else None


def _clock_due(trigger: Trigger, facts: TriggerFacts) -> Instant | None:
    """Return the earliest instant over the ticket's clocks of the kind. 100 % is breach; marks may lie beyond."""
    percent = trigger.percent if trigger.kind is TriggerKind.CLOCK_AT else 100.0
    beyond = trigger.after if trigger.kind is TriggerKind.CLOCK_OVERDUE_BY else timedelta()
    found: list[Instant] = []
    for clock in facts.clocks:
        if clock.kind != trigger.clock:
            continue
        at = clock.reaches(percent, beyond)
        if at is not None:
            mark = clock.target_seconds * percent / 100 + beyond.total_seconds()
            found.append(Instant(at, clock.started_at, mark))
    return min(found, key=lambda instant: instant.due_at, default=None)


def has_fired(instant: Instant, fired: Fired | None) -> bool:
    """Whether the threshold fired already at this level of consumption of this anchor (SEMANTICS 2)."""
    if fired is None or fired.anchor is None or fired.mark is None:
        return False
    return fired.anchor == instant.anchor and instant.mark <= fired.mark


def fires(trigger: Trigger, happening: Happening) -> str:
    """Return why an event-driven trigger fires on what happened, in words; empty: it does not."""
    decider = _EVENT_DRIVEN.get(trigger.kind)
    return decider(trigger, happening) if decider else ""


def happenings(kind: str, text: str, before: TicketView, after: TicketView) -> list[Happening]:
    """Say what a fact of a history (its kind, its text, the ticket before and after) means to event-driven triggers."""
    found: list[Happening] = []
    if kind in ("opened", "asked"):
        found.append(Happening(kind=kind))
    if after.handovers > before.handovers:
        found.append(Happening(kind="handover", handovers=after.handovers, ping_pongs=after.ping_pongs))
    if after.reopens > before.reopens:
        found.append(Happening(kind="reopened", reopens=after.reopens))
    if after.priority < before.priority and kind != "opened":
        found.append(Happening(kind="priority", priority_before=before.priority, priority_after=after.priority))
    if text and kind in ("opened", "customer"):
        found.append(Happening(kind="message", text=text, customer=True))
    return found


def _opened(_trigger: Trigger, it: Happening) -> str:
    return "the ticket was opened" if it.kind == "opened" else ""


def _handovers(trigger: Trigger, it: Happening) -> str:
    count = it.handovers + it.ping_pongs  # A-B-A counts twice
    if it.kind != "handover" or count < trigger.count:
        return ""
    bounced = f", {it.ping_pongs} of them back again" if it.ping_pongs else ""
    return f"{it.handovers} handovers{bounced}"


def _reopened(trigger: Trigger, it: Happening) -> str:
    return f"reopened {it.reopens} times" if it.kind == "reopened" and it.reopens >= trigger.count else ""


def _priority_raised(_trigger: Trigger, it: Happening) -> str:
    raised = it.kind == "priority" and 0 < it.priority_after < it.priority_before
    return f"priority raised from {it.priority_before} to {it.priority_after}" if raised else ""


def _linked(trigger: Trigger, it: Happening) -> str:
    same = trigger.same or "problem"
    if it.kind != "linked" or it.linked_same != same or it.linked <= trigger.count:
        return ""
    return f"{it.linked} tickets on one {same}"


def _customer_asks(trigger: Trigger, it: Happening) -> str:
    if it.kind == "asked":
        return "the customer asked for it"
    if not it.customer or not it.text:
        return ""
    found = _pattern(trigger.keywords or DEFAULT_KEYWORDS).search(_composed(it.text))
    return f"the customer wrote “{found.group(0)}”" if found else ""


def _composed(text: str) -> str:
    """One writing for what looks the same: ü is one character, a no-break space is a space."""
    return unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=256)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words in any case; any run of white space counts as the one in the keyword."""
    words = (r"\s+".join(re.escape(word) for word in _composed(keyword).split()) for keyword in keywords)
    return re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)", re.IGNORECASE)


def _rating(trigger: Trigger, it: Happening) -> str:
    if it.kind != "rated" or not 0 < it.score <= trigger.count:
        return ""
    return f"the customer rated it {it.score} of 5"


def _promise_missed(trigger: Trigger, it: Happening) -> str:
    if it.kind != "promise" or it.missed < trigger.count or trigger.same not in ("", it.missed_what):
        return ""
    times = f", {it.missed} so far" if it.missed > 1 else ""
    what = "promise missed" if it.missed_what == "promise" else "update missed"
    return f"{what}: {it.text}{times}"


DEGREES = ("", "mildly", "strongly", "severely")


def _negative(trigger: Trigger, it: Happening) -> str:
    if it.kind != "signal" or not 0 < trigger.count <= it.degree:
        return ""
    quoted = ", ".join(f"“{one}”" for one in it.words)
    return f"a message sounds {DEGREES[min(it.degree, 3)]} displeased" + (f": {quoted}" if quoted else "")


RISK_WORDS = "the risk that it"  # what a risk trigger's reasons begin with: models tell by them what they began
_RISKS = {"escalation": "escalates", "breach": "breaches its promise", "bounce": "bounces back"}


def _risk(trigger: Trigger, it: Happening) -> str:
    """A score that has come to the mark; one that stays above it has fired already."""
    mark = trigger.percent / 100
    if it.kind != "risk" or it.risk_of != (trigger.same or "escalation") or not it.risk_before < mark <= it.risk:
        return ""
    why = f": {', '.join(it.words)}" if it.words else ""
    return f"{RISK_WORDS} {_RISKS[it.risk_of]} is {it.risk:.0%}{why}"


def _repeat(trigger: Trigger, it: Happening) -> str:
    if it.kind != "escalated" or it.at is None:
        return ""
    wanted = trigger.same or "organisation"
    recent = [at for same, at in it.earlier if same == wanted and timedelta() <= it.at - at <= trigger.within]
    if not recent:
        return ""
    same = wanted.replace("_", " ")
    return f"{len(recent) + 1} escalations of the same {same} within {format_duration(trigger.within)}"


def _alerts(trigger: Trigger, it: Happening) -> str:
    if it.kind != "alert" or it.at is None or trigger.count < 1:
        return ""
    count = sum(timedelta() <= it.at - at < trigger.within for at in it.told)
    if count < trigger.count:
        return ""
    alerts = "alert" if count == 1 else "alerts"
    return f"{count} {alerts} within {format_duration(trigger.within)}"


_EVENT_DRIVEN: dict[TriggerKind, Callable[[Trigger, Happening], str]] = {
    TriggerKind.TICKET_OPENED: _opened,
    TriggerKind.HANDOVERS: _handovers,
    TriggerKind.REOPENED: _reopened,
    TriggerKind.PRIORITY_RAISED: _priority_raised,
    TriggerKind.LINKED_TICKETS: _linked,
    TriggerKind.CUSTOMER_ASKS: _customer_asks,
    TriggerKind.REPEAT_ESCALATION: _repeat,
    TriggerKind.RATING_AT_MOST: _rating,
    TriggerKind.PROMISE_MISSED: _promise_missed,
    TriggerKind.NEGATIVE_MESSAGE: _negative,
    TriggerKind.ALERT_COUNT: _alerts,
    TriggerKind.RISK_AT_LEAST: _risk,
}
