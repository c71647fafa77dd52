"""What moved a score, in words. Pure. (One sentence for each feature; what people read is translated by its pattern.)"""

from collections.abc import Callable, Mapping

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KINDS: Mapping[str, str] = {
    "state": "the status",
    "team": "the team",
    "line": "the support line",
    "owner": "the owner",
    "by": "whoever acted last",
    "service": "the service",
    "category": "the category",
    "item": "the configuration item",
    "channel": "the channel",
    "organisation": "the customer",
    "requester": "the requester",
    "team and category": "team and category together",
    "team and priority": "team and priority together",
    "team and service": "team and service together",
    "team and state": "team and status together",
    "team and by": "team and whoever acted last together",
    "state and the one before": "the status and the one before",
    "team before": "the team before",
}


def amount(value: float) -> str:
    """Write a number without decimals that tell nothing."""
    return f"{value:.0f}" if value == int(value) or abs(value) >= 10 else f"{value:.1f}"


def hours(value: float) -> str:
    """Write a time given in hours."""
    if value < 1:
        return f"{value * 60:.0f} m"
    return f"{value:.1f} h" if value < 48 else f"{value / 24:.1f} d"


def _day(value: float) -> str:
    return DAYS[int(value) % 7]


_NUMBERS: Mapping[str, Callable[[float], str]] = {
    "age_hours": lambda v: f"open for {hours(v)}",
    "worked_hours": lambda v: f"{hours(v)} of working time since it was opened",
    "gap_hours": lambda v: f"{hours(v)} since the event before",
    "worked_gap_hours": lambda v: f"{hours(v)} of working time since the event before",
    "opened_hour": lambda v: f"opened at {int(v):02}:00 UTC",
    "opened_weekday": lambda v: f"opened on a {_day(v)}",
    "hour": lambda v: f"last touched at {int(v):02}:00 UTC",
    "weekday": lambda v: f"last touched on a {_day(v)}",
    "has_owner": lambda v: "somebody owns it" if v else "nobody owns it",
    "by_owner": lambda v: "its owner acted last" if v else "somebody else than its owner acted last",
    "priority": lambda v: f"priority {int(v)}",
    "impact": lambda v: f"impact {int(v)} of 3",
    "urgency": lambda v: f"urgency {int(v)} of 3",
    "teams": lambda v: f"held by teams so far: {int(v)}",
    "owners": lambda v: f"owned by people so far: {int(v)}",
    "people": lambda v: f"touched by people so far: {int(v)}",
    "waits": lambda v: f"waits for others so far: {int(v)}",
    "reopenings": lambda v: f"reopened so far: {int(v)}",
    "events": lambda v: f"events so far: {int(v)}",
    "state_hours": lambda v: f"in its present status for {hours(v)}",
    "team_hours": lambda v: f"with its present team for {hours(v)}",
    "customer_messages": lambda v: f"messages from the customer so far: {int(v)}",
    "unanswered": lambda v: f"messages of the customer since the last reply: {int(v)}",
}


def number_words(feature: str, value: float) -> str:
    """Say what a number is."""
    return _NUMBERS[feature](value)


def rate_words(kind: str, shown: str, rate: float, seen: int, usual: float) -> str:
    """Say how tickets with this word ended before."""
    what = KINDS.get(kind, kind)
    if not seen:
        return f"{what} is new here: {shown}"
    return f"{what}: {shown}. {rate:.0%} of {seen} earlier tickets ended so, of all {usual:.0%}"


def kind_words(feature: str) -> str:
    """Name a feature for the list of all."""
    return KINDS.get(feature, feature.replace("_", " "))
