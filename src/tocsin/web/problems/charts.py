"""Small charts drawn by the server: the numbers stand in a table beside each."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tocsin.domain.problems import queries
from tocsin.domain.problems.logic.series import Days, parsed
from tocsin.domain.problems.logic.words import named
from tocsin.domain.problems.models import Measure, Proposal

WIDTH, HEIGHT, BASE = 480, 120, 100
WEEK = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """One week: where its bar stands, and what it says."""

    x: float
    y: float
    width: float
    height: float
    lately: bool
    begins: date
    count: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A series in weeks, with the line of what is usual."""

    bars: tuple[Bar, ...]
    usual_y: float
    usual: float
    highest: int
    changed_x: float | None
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE


def bars_of(proposal: Proposal, weeks: Days) -> Bars:
    """Return the chart of a proposal's series, its last week at the right."""
    highest = max([*(int(one) for one in weeks), 1])
    top = max(float(highest), proposal.usual)
    step = WIDTH / max(len(weeks), 1)
    first = proposal.last_day - timedelta(days=WEEK * len(weeks) - 1)
    drawn = []
    for at, count in enumerate(weeks):
        tall = round(int(count) / top * (BASE - 12), 1)
        drawn.append(
            Bar(round(at * step + 1, 1), round(BASE - tall, 1), round(step - 2, 1), tall, at >= len(weeks) - proposal.weeks,
                first + timedelta(days=WEEK * at), int(count))
        )  # fmt: skip
    changed = None
    if proposal.changed_on is not None and proposal.changed_on >= first:
        changed = round((proposal.changed_on - first).days / WEEK * step, 1)
    return Bars(tuple(drawn), round(BASE - proposal.usual / top * (BASE - 12), 1), proposal.usual, highest, changed)


@dataclass(frozen=True, slots=True)
class Dots:
    """A measure: the rate before, the rate since, and where chance could have put the latter."""

    before_x: float
    after_x: float
    low_x: float
    high_x: float
    before: float
    after: float
    low: float
    high: float | None  # None: further than the chart
    expected_x: float
    before_weeks: int
    after_weeks: int
    before_count: int
    after_count: int
    most: float
    width: int = WIDTH


LEFT, RIGHT = 12, WIDTH - 12


def dots_of(measure: Measure) -> Dots | None:
    """Return the chart of a measure as last judged; None before its first whole week."""
    told: dict[str, Any] = measure.figures
    if not told or not told["before"]:
        return None
    before, after = told["before"] / told["before_weeks"], told["after"] / told["after_weeks"]
    low, high = told["low"] * before, told["high"] * before if told["high"] is not None else None
    most = max(before, after, min(high, 2.5 * max(before, after)) if high is not None else 0) * 1.05

    def x(rate: float) -> float:
        return round(float(LEFT + min(rate / most, 1) * (RIGHT - LEFT)), 1)

    return Dots(
        x(before), x(after), x(low), x(high if high is not None else most), before, after, low, high,
        x(before * (1 - measure.expected)), told["before_weeks"], told["after_weeks"], told["before"], told["after"], most,
    )  # fmt: skip


type MeasureShown = tuple[Measure, Dots | None, str, str]  # with its sentence, and what it should lower


def shown(measure: Measure, language: str) -> MeasureShown:
    """Return a measure as pages show it."""
    about = named(parsed(measure.series), measure.names, language)
    return measure, dots_of(measure), queries.said_measure(measure, language), about
