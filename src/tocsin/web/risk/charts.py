"""The calibration of a model as a picture: what was said against what came. The numbers stand in the table beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SIZE, EDGE = 240, 28


@dataclass(frozen=True, slots=True)
class Dot:
    """One bin: where its dot stands, how large it is, and what it says."""

    x: float
    y: float
    said: int  # per cent
    came: int
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """The picture and its words."""

    dots: tuple[Dot, ...]
    line: str  # points of the line through the dots
    ticks: tuple[tuple[float, float, int], ...]  # (x, y, per cent)
    low: int = EDGE
    high: int = SIZE - EDGE
    size: int = SIZE


def calibration_of(bins: Sequence[Mapping[str, Any]]) -> Calibration | None:
    """Return the picture of a model's bins; None where there are none."""
    if not bins:
        return None
    dots = tuple(
        Dot(_x(one["said"]), _y(one["came"]), round(100 * one["said"]), round(100 * one["came"]), one["n"])
        for one in bins
    )
    ticks = tuple((_x(at / 100), _y(at / 100), at) for at in (0, 25, 50, 75, 100))
    return Calibration(dots, " ".join(f"{dot.x},{dot.y}" for dot in dots), ticks)


def _x(share: float) -> float:
    return round(EDGE + share * (SIZE - 2 * EDGE), 1)


def _y(share: float) -> float:
    return round(SIZE - EDGE - share * (SIZE - 2 * EDGE), 1)
