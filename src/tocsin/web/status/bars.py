"""Ninety days as ninety bars: plain SVG, no script, no style. The table beside it says the same in words."""

from dataclasses import dataclass

from tocsin.domain.status.enums import ComponentState
from tocsin.domain.status.logic.uptime import Uptime
from tocsin.web.languages.catalogue import exact

WIDTH, STEP, HEIGHT = 4, 6, 28
# Height says how bad, beside the colour: readable in greyscale.
TALL = {"operational": 28, "maintenance": 20, "degraded": 20, "partial": 24, "major": 28}


@dataclass(frozen=True, slots=True)
class Bar:
    """One day."""

    x: int
    y: int
    height: int
    css: str
    words: str


def bars_of(found: Uptime) -> list[Bar]:
    """Return the bars, oldest first."""
    bars = []
    for place, day in enumerate(found.days):
        css = day.worst if day.measured else "unknown"
        height = TALL.get(css, HEIGHT)
        minutes = ", ".join(f"{exact(str(ComponentState(state).label))} {n} min" for state, n in day.troubled)
        words = minutes or exact("No data" if not day.measured else "Operational")
        bars.append(Bar(place * STEP, HEIGHT - height, height, css, f"{day.on:%Y-%m-%d}: {words}"))
    return bars
