"""Charts of back-tests, drawn by the server; the numbers stand in a table beside each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.domain.insights.backtests.queries import Drawn, HourChange, PersonChange
from tocsin.domain.insights.logic.advisor import Point, knee

WIDTH = 640
HOURS_HEIGHT, HOURS_BASE = 140, 116
TRADE_HEIGHT, TRADE_LEFT, TRADE_TOP, TRADE_BASE, TRADE_RIGHT = 280, 48, 24, 240, 616
LABEL_WIDTH, LABEL_HEIGHT = 44, 14
LANE_LEFT, LANE_RIGHT = 96, 628
LANES = (40, 96)  # where the two runs are drawn
TIMELINE_HEIGHT = 136


@dataclass(frozen=True, slots=True)
class HourBars:
    """One hour: two bars side by side."""

    x: float
    hour: int
    before: int
    after: int
    before_y: float
    after_y: float
    before_height: float
    after_height: float
    is_night: bool


@dataclass(frozen=True, slots=True)
class Hours:
    bars: tuple[HourBars, ...]
    highest: int
    step: float
    width: int = WIDTH
    height: int = HOURS_HEIGHT
    base: int = HOURS_BASE


def hours_of(hours: Sequence[HourChange]) -> Hours:
    """Return pages by local hour, what is against what would be."""
    highest = max((max(one.before, one.after) for one in hours), default=0)
    step = WIDTH / 24
    tall = HOURS_BASE - 12

    def height(count: int) -> float:
        return round(count / highest * tall, 1) if highest else 0.0

    bars = tuple(
        HourBars(
            round(one.hour * step, 1), one.hour, one.before, one.after, HOURS_BASE - height(one.before),
            HOURS_BASE - height(one.after), height(one.before), height(one.after), one.is_night,
        )
        for one in hours
    )  # fmt: skip
    return Hours(bars, highest, round(step, 2))


def people_of(people: Sequence[PersonChange]) -> dict[str, list[PersonChange]]:
    """Return those who are paged differently, and those who are not."""
    different = [one for one in people if one.added or one.avoided]
    return {"people": different, "alike": [one for one in people if one not in different]}


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a threshold in the plane of pages and warnings."""

    x: float
    y: float
    label: str
    label_y: float | None
    is_present: bool
    is_best: bool


@dataclass(frozen=True, slots=True)
class TradeOff:
    dots: tuple[Dot, ...]
    path: str
    least_pages: float
    most_pages: float
    breaches: int
    width: int = WIDTH
    height: int = TRADE_HEIGHT
    left: int = TRADE_LEFT
    right: int = TRADE_RIGHT
    top: int = TRADE_TOP
    base: int = TRADE_BASE


def trade_off_of(points: Sequence[Point]) -> TradeOff:
    """Return breaches warned (up) against pages a week (to the right).

    Where all values cost nearly as much, the line begins at the cheapest: the ends of the axis say so. Labels that would
    lie on others are left to the table; what is at present and what stands out always have theirs.
    """
    best = knee(points)
    most = max((point.pages_a_week for point in points), default=0.0)
    least = min((point.pages_a_week for point in points), default=0.0)
    least = least if least > most / 2 and least < most else 0.0
    size = (TRADE_RIGHT - TRADE_LEFT - 32) / ((most - least) or 1.0)
    at = [
        (
            round(TRADE_LEFT + 16 + (point.pages_a_week - least) * size, 1),
            round(TRADE_BASE - point.share * (TRADE_BASE - TRADE_TOP), 1),
        )
        for point in points
    ]
    labels = _labels(at, first=[n for n, point in enumerate(points) if n == best or point.is_present])
    dots = tuple(
        Dot(x, y, point.label, labels.get(n), point.is_present, n == best)
        for n, (point, (x, y)) in enumerate(zip(points, at, strict=True))
    )
    path = " ".join(f"{'M' if n == 0 else 'L'}{dot.x} {dot.y}" for n, dot in enumerate(dots))
    return TradeOff(dots, path, round(least, 1), round(most, 1), points[0].breaches if points else 0)


def _labels(at: Sequence[tuple[float, float]], first: Sequence[int]) -> dict[int, float]:
    """Return where labels stand, above or below their dots, of as many as find room."""
    taken: list[tuple[float, float]] = []
    found: dict[int, float] = {}
    for number in [*first, *(n for n in range(len(at)) if n not in first)]:
        x, y = at[number]
        for label in (y - 10, y + 20):
            if all(abs(x - other) > LABEL_WIDTH or abs(label - beside) > LABEL_HEIGHT for other, beside in taken):
                found[number] = label
                taken.append((x, label))
                break
    return found


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at one instant of a run."""

    x: float
    kind: str  # fired, page, empty
    title: str


@dataclass(frozen=True, slots=True)
class Timeline:
    lanes: tuple[tuple[Mark, ...], tuple[Mark, ...]]
    breaches: tuple[tuple[float, str], ...]
    start: datetime
    end: datetime
    lane_y: tuple[int, int] = LANES
    width: int = WIDTH
    height: int = TIMELINE_HEIGHT
    left: int = LANE_LEFT
    right: int = LANE_RIGHT


def timeline_of(drawn: Drawn, opened_at: datetime) -> Timeline:
    """Return both runs of one ticket on one line of time."""
    instants = [at for ran in drawn.runs for at in (*(p.at for p in ran.pages), *(f[0] for f in ran.fired))]
    shown = [at for _, at in drawn.breaches if instants and at <= max(instants) + 2 * (max(instants) - opened_at)]
    end = max([*instants, *shown, opened_at])
    whole = max((end - opened_at).total_seconds(), 60.0)

    def x(at: datetime) -> float:
        return round(LANE_LEFT + (at - opened_at).total_seconds() / whole * (LANE_RIGHT - LANE_LEFT), 1)

    def lane(number: int) -> tuple[Mark, ...]:
        ran = drawn.runs[number]
        marks = [Mark(x(at), "fired", trigger) for at, trigger, _ in ran.fired]
        marks += [Mark(x(page.at), "page", drawn.names.get(page.person, "?")) for page in ran.pages]
        return (*marks, *(Mark(x(at), "empty", str(level)) for at, level in ran.empty))

    broken = tuple((x(at), kind.replace("_", " ")) for kind, at in drawn.breaches if at in shown)
    return Timeline((lane(0), lane(1)), broken, opened_at, end)
