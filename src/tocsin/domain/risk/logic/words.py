"""What moved a score, in words. Pure. (One sentence for each feature; what people read is translated by its pattern.)"""

from collections.abc import Callable, Mapping

KINDS: Mapping[str, str] = {
    "state": "Status",
    "team": "Team",
    "line": "Support line",
    "owner": "Owner",
    "by": "Whoever acted last",
    "service": "Service",
    "category": "Category",
    "item": "Configuration item",
    "channel": "Channel",
    "organisation": "Customer",
    "requester": "Requester",
    "priority": "Priority",
    "team and category": "Team and category",
    "team and priority": "Team and priority",
    "team and service": "Team and service",
    "team and state": "Team and status",
    "team and by": "Team and whoever acted last",
    "state and the one before": "Status and the one before",
    "team before": "Team before",
    "team before and team": "Team before and team",
    "team and owner": "Team and owner",
    "service and category": "Service and category",
    "service and line": "Service and support line",
    "category and priority": "Category and priority",
    "organisation and service": "Customer and service",
    "requester and service": "Requester and service",
}
NUMBER_NAMES: Mapping[str, str] = {
    "age_hours": "Time since it was opened",
    "worked_hours": "Working time since it was opened",
    "gap_hours": "Time since the event before",
    "worked_gap_hours": "Working time since the event before",
    "opened_hour": "Hour of the opening",
    "opened_weekday": "Weekday of the opening",
    "hour": "Hour of the last event",
    "weekday": "Weekday of the last event",
    "has_owner": "Whether somebody owns it",
    "by_owner": "Whether its owner acted last",
    "impact": "Impact",
    "urgency": "Urgency",
    "teams": "Teams that held it",
    "owners": "People who owned it",
    "people": "People who touched it",
    "waits": "Times waiting for others",
    "reopenings": "Times reopened",
    "events": "Number of events",
    "state_hours": "Time in the present status",
    "team_hours": "Time with the present team",
    "customer_messages": "Messages from the customer",
    "unanswered": "Messages of the customer since the last reply",
}


def hours(value: float) -> str:
    """Write a time given in hours."""
    if value < 1:
        return f"{value * 60:.0f} m"
    return f"{value:.1f} h" if value < 48 else f"{value / 24:.1f} d"


_NUMBERS: Mapping[str, Callable[[float], str]] = {
    "age_hours": lambda v: f"open for {hours(v)}",
    "worked_hours": lambda v: f"{hours(v)} of working time since it was opened",
    "gap_hours": lambda v: f"{hours(v)} since the event before",
    "worked_gap_hours": lambda v: f"{hours(v)} of working time since the event before",
    "opened_hour": lambda v: f"opened at {int(v):02}:00 UTC",
    "opened_weekday": lambda v: f"opened on weekday {int(v) + 1} of 7",
    "hour": lambda v: f"last touched at {int(v):02}:00 UTC",
    "weekday": lambda v: f"last touched on weekday {int(v) + 1} of 7",
    "has_owner": lambda v: "Somebody owns it" if v else "Nobody owns it",
    "by_owner": lambda v: "Its owner acted last" if v else "Somebody else than its owner acted last",
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
    """Say how tickets with this word ended before, and how usual that was when they were opened."""
    what = KINDS.get(kind, kind)
    if not seen:
        return f"{what} is new here: {shown}"
    return f"{what}: {shown}. {rate:.0%} of {seen} earlier tickets ended so, of all opened about then {usual:.0%}"


def kind_words(feature: str) -> str:
    """Name a feature for the list of all."""
    return KINDS.get(feature) or NUMBER_NAMES.get(feature, feature)
