"""What an executive is told of an escalation: plain words from plain facts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LATELY = timedelta(hours=24)
# By impact and urgency of the ticket, 1 the gravest.
IMPACT = {
    (1, 1): "Many people or a whole site cannot work",
    (1, 2): "Many people or a whole site can work with difficulty",
    (1, 3): "Many people or a whole site are affected, work goes on",
    (2, 1): "A group of people cannot work",
    (2, 2): "A group of people can work with difficulty",
    (2, 3): "A group of people is affected, work goes on",
    (3, 1): "One person cannot work",
    (3, 2): "One person can work with difficulty",
    (3, 3): "One person is affected, work goes on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What has happened lately. Times are aware; None: never."""

    raised_at: datetime | None = None  # the priority was last raised
    lowered_at: datetime | None = None
    breached_at: datetime | None = None  # a promise to the customer was last broken
    acknowledged_at: datetime | None = None
    told_at: datetime | None = None  # last word to the customer
    reopened_at: datetime | None = None
    answered: bool = True  # somebody has taken charge


@dataclass(frozen=True, slots=True)
class Trend:
    """worse, steady or better, and because of what."""

    word: str
    because: str

    @property
    def label(self) -> str:
        return {"worse": "Getting worse", "better": "Getting better"}.get(self.word, "Unchanged")


def impact(reach: int, standstill: int) -> str:
    """Say whom it hits and how hard, by the ticket's impact and urgency (1 is the gravest)."""
    return IMPACT.get((reach, standstill), IMPACT[2, 2])


def trend(course: Course, now: datetime) -> Trend:
    """Say where it goes: by the last day's gravest sign; what is worse counts before what is better."""
    since = now - LATELY
    worse = (
        (course.raised_at, "It was found to be graver"),
        (course.reopened_at, "The solution did not hold"),
        (course.breached_at, "A promised time has passed"),
    )
    for at, words in worse:
        if at is not None and at > since:
            return Trend("worse", words)
    if not course.answered:
        return Trend("worse", "Nobody has taken charge yet")
    better = (
        (course.lowered_at, "It was found to be less grave"),
        (course.acknowledged_at, "Somebody has taken charge"),
        (course.told_at, "The customer has been told how it goes on"),
    )
    for at, words in better:
        if at is not None and at > since:
            return Trend("better", words)
    return Trend("steady", "Nothing new in the last day")


def daily_open(spans: Sequence[tuple[datetime, datetime | None]], ends: Sequence[datetime]) -> list[int]:
    """Return how many of the spans (begin, end; None: still open) were open at each of the instants."""
    return [sum(begin <= at and (end is None or end > at) for begin, end in spans) for at in ends]


def headline(opened: int, before: int, unowned: int, late: int) -> list[str]:
    """Say in a few short sentences how things stand. `before`: how many were open a week ago."""
    said = [
        "Nothing is escalated."
        if not opened
        else "1 escalation is open."
        if opened == 1
        else f"{opened} escalations are open."
    ]
    if opened and not unowned and not late:
        said.append("Each has an owner, no promised time has passed.")
    if unowned:
        said.append("One has no owner." if unowned == 1 else f"{unowned} have no owner.")
    if late:
        said.append("One is behind a promised time." if late == 1 else f"{late} are behind a promised time.")
    if opened != before:
        said.append(f"A week ago it was {before}.")
    return said
