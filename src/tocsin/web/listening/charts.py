"""Small bar charts that need no script: numbers in, places of bars out."""

from collections.abc import Sequence
from dataclasses import dataclass

BAR, GAP, HEIGHT = 8, 4, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the picture. `css` says which exception it is, if any."""

    x: int
    y: float
    height: float
    css: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A whole picture with its words for those who do not see it."""

    bars: list[Bar]
    width: int
    words: str
    height: int = HEIGHT


def degree_bars(degrees: Sequence[int], words: str) -> Bars:
    """One bar for each message: nothing, mild, strong, severe."""
    css = ("", "", "is-risk", "is-breached")
    shown = list(degrees)[-24:]
    bars = [_bar(n, (degree + 0.5) / 3.5, css[degree]) for n, degree in enumerate(shown)]
    return Bars(bars, _width(len(shown)), words)


def mood_bars(feelings: Sequence[int], words: str) -> Bars:
    """One bar for each mood: the higher, the better."""
    css = {1: "is-breached", 2: "is-risk"}
    shown = list(feelings)[-24:]
    return Bars([_bar(n, one / 5, css.get(one, "")) for n, one in enumerate(shown)], _width(len(shown)), words)


def share_bars(shares: Sequence[float | None], words: str) -> Bars:
    """One bar for each week; a dot at the foot where nobody wrote."""
    bars = [
        Bar(n * (BAR + GAP), HEIGHT - 1, 1, "is-none") if share is None
        else _bar(n, max(share, 0.04), "is-breached" if share >= 0.5 else "is-risk" if share >= 0.25 else "")
        for n, share in enumerate(shares)
    ]  # fmt: skip
    return Bars(bars, _width(len(shares)), words)


def _bar(place: int, part: float, css: str) -> Bar:
    height = round(HEIGHT * min(part, 1), 1)
    return Bar(place * (BAR + GAP), round(HEIGHT - height, 1), height, css)


def _width(count: int) -> int:
    return max(count * (BAR + GAP) - GAP, BAR)
