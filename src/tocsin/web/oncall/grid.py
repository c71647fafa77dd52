"""Where things stand on a timeline: instants to shares of its width. Pure.

The width is real time: a day on which the clock is turned is an hour narrower or wider. Days begin at the
viewer's midnight. Lanes are drawn as SVG with positions in per cent, so no style attribute is needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.logic.wall_clock import first_instant

DAY = timedelta(days=1)
SATURDAY = 5
WIDE = 1_000  # pixels that a lane has on a usual screen: decides how much of a name fits
LETTER = 6.6  # pixels of one letter of a block's text, at 12 px
PADDING = 12


@dataclass(frozen=True, slots=True)
class Window:
    """What a timeline shows: `weeks` from a local midnight on."""

    start: datetime  # UTC
    end: datetime
    weeks: int
    zone: ZoneInfo

    def share(self, at: datetime) -> float:
        """Return where an instant stands, 0 to 100; what lies outside stands at the edge."""
        part = (at - self.start) / (self.end - self.start)
        return round(min(max(part, 0.0), 1.0) * 100, 3)

    def shows(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its place and its name."""

    x: float
    width: float
    text: str
    short: str
    css: str
    at: date


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch on a lane. `text` is what fits; `title` says everything, with absolute times."""

    x: float
    width: float
    text: str
    title: str
    css: str
    row: int = 0

    @property
    def y(self) -> int:
        return 2 + self.row * 28


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the timeline. `says` is read out instead of the picture."""

    name: str
    hint: str
    blocks: tuple[Block, ...]
    says: str
    css: str = ""

    @property
    def height(self) -> int:
        return 28 * (1 + max((block.row for block in self.blocks), default=0))


def window(first: date, weeks: int, zone: ZoneInfo) -> Window:
    """Return the window of so many weeks from the local day `first` on."""
    midnight = datetime.combine(first, datetime.min.time())
    return Window(first_instant(midnight, zone), first_instant(midnight + timedelta(weeks=weeks), zone), weeks, zone)


def days(shown: Window, today: date) -> list[Day]:
    """Return the days of a window; names get shorter the more there are."""
    found, day = [], shown.start.astimezone(shown.zone).date()
    last = (shown.end - timedelta(seconds=1)).astimezone(shown.zone).date()
    while day <= last:
        midnight = datetime.combine(day, datetime.min.time())
        x, until = (
            shown.share(first_instant(midnight, shown.zone)),
            shown.share(first_instant(midnight + DAY, shown.zone)),
        )
        css = " ".join(
            word for word, holds in (("weekend", day.weekday() >= SATURDAY), ("today", day == today)) if holds
        )
        found.append(Day(x, round(until - x, 3), _day_text(day, shown.weeks), f"{day.day}", css, day))
        day += DAY
    return found


def _day_text(day: date, weeks: int) -> str:
    if weeks == 1:
        return f"{day:%a} {day.day} {day:%b}"
    if weeks == 2:
        return f"{day:%a} {day.day}"
    return f"{day.day} {day:%b}" if day.day == 1 else f"{day.day}"


def block(shown: Window, start: datetime, end: datetime, *, full: str, short: str, title: str, css: str) -> Block:
    """Return a stretch cut to the window, with as much of its text as fits."""
    x, until = shown.share(start), shown.share(end)
    width = max(round(until - x, 3), 0.15)
    room = width / 100 * WIDE - PADDING
    text = next((words for words in (full, short) if words and len(words) * LETTER <= room), "")
    return Block(x, width, text, title, css)


def stacked(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks in as few rows as they need not to cover each other, by start."""
    ends: list[float] = []
    placed = []
    for one in sorted(blocks, key=lambda b: (b.x, b.x + b.width)):
        row = next((number for number, until in enumerate(ends) if until <= one.x + 0.001), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = one.x + one.width
        placed.append(replace(one, row=row))
    return tuple(placed)


def summed(lines: Sequence[str], limit: int = 12) -> str:
    """Return what a lane says to those who hear it: its first stretches, and how many more there are."""
    more = len(lines) - limit
    return "; ".join(lines[:limit]) + (f"; and {more} more" if more > 0 else "")
