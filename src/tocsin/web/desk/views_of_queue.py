"""The standing views of the queue, as the sidebar lists them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view: which tickets (fields of tickets.queries.QueueFilters), and what to say when there are none."""

    key: str
    name: str
    icon: str
    counts: str = ""  # key of tickets.queries.counts
    status: str = "open"
    team: str = ""
    owner: str = ""
    escalated: bool = False
    awake: bool = False  # leave out what sleeps
    asleep: bool = False  # only what sleeps
    sort: str = "breach"
    empty: str
    empty_more: str


_ALL = [
    View(
        key="next", awake=True, name="Next to breach", icon="breach", counts="open",
        empty="Nothing is open", empty_more="Every promise is kept or closed. New tickets appear here by themselves.",
    ),
    View(
        key="mine", awake=True, name="Mine", icon="mine", counts="mine", owner="me",
        empty="You own nothing that is open", empty_more="Take the next one from Unassigned, or help a colleague.",
    ),
    View(
        key="team", awake=True, name="My teams", icon="team", counts="my_teams", team="mine",
        empty="Nothing is open in your teams", empty_more="Work that is routed to your teams appears here.",
    ),
    View(
        key="unassigned", awake=True, name="Unassigned", icon="unassigned", counts="unassigned", owner="none", team="mine",
        empty="Everything has an owner", empty_more="New work for your teams appears here until somebody takes it.",
    ),
    View(
        key="escalated", name="Escalated", icon="escalated", counts="escalated", escalated=True,
        empty="Nothing is escalated", empty_more="Tickets on which a ladder is climbing, or was acknowledged, appear here.",
    ),
    View(
        key="waiting", name="Waiting", icon="waiting", counts="waiting", status="waiting", sort="updated",
        empty="Nothing waits", empty_more="Tickets that wait for a customer, a vendor or a change appear here; their clocks pause.",
    ),
    View(
        key="asleep", name="Asleep", icon="pause", counts="asleep", status="open", asleep=True, sort="updated",
        empty="Nothing sleeps", empty_more="Tickets that somebody let sleep appear here until they wake; their clocks go on.",
    ),
    View(
        key="resolved", name="Resolved", icon="done", status="resolved", sort="updated",
        empty="Nothing was resolved lately", empty_more="Resolved tickets stay here until they are closed.",
    ),
    View(
        key="all", name="All tickets", icon="all", status="all", sort="newest",
        empty="There are no tickets yet", empty_more="Log a call, or import the tickets of another desk with: tocsin import log",
    ),
]  # fmt: skip
VIEWS = {view.key: view for view in _ALL}
