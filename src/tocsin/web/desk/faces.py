"""Clocks as pages show them: words, a share for the bar, and a class that repeats what the words say."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from tocsin.web import words
from tocsin.web.languages.catalogue import exact, say

AT_RISK = 0.75  # share of the target from which a clock is shown as at risk


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One clock, ready to be drawn."""

    label: str
    words: str  # "48 m", "-12 m", "paused, 2 h left"
    detail: str
    title: str
    css: str  # "", is-risk, is-breached, is-paused, is-done
    share: int | None  # 0..100 of the target used
    due_at: datetime | None
    ticks: bool  # whether the shown figure falls by one each second from now on
    id: UUID | None = None

    @property
    def short(self) -> str:
        """The label where there is little room: "response", "update", "resolution"."""
        short = self.label.split(":", maxsplit=1)[0].split(" ")[-1].strip("()").lower()
        said = {"response": exact("response"), "update": exact("update"), "resolution": exact("resolution")}
        return said.get(short, short)


def face(
    *,
    label: str,
    state: str,
    remaining: float,
    consumed: float,
    due_at: datetime | None,
    now: datetime,
    clock_id: UUID | None = None,
) -> Face:
    """Draw a clock. `remaining` is business seconds (negative after the breach), `consumed` a fraction of the target."""
    share = max(0, min(100, int(consumed * 100)))
    css = {"paused": "is-paused", "met": "is-done", "breached": "is-breached", "cancelled": "is-done"}.get(state, "")
    if state == "running" and consumed >= 1:
        css = "is-breached"
    elif state == "running" and consumed >= AT_RISK:
        css = "is-risk"
    shown = _words(state, remaining)
    ticks = False
    if due_at is not None and state in ("running", "breached"):
        # Outside business hours the figure stands still although the time of day moves on.
        ticks = abs((due_at - now).total_seconds() - remaining) < 90
    title = f"{exact('due')} {words.absolute(timezone.localtime(due_at))}" if due_at else say(state)
    detail = _detail(state, remaining, due_at)
    return Face(
        label=label,
        words=shown,
        detail=detail,
        title=title,
        css=css,
        share=share,
        due_at=due_at,
        ticks=ticks,
        id=clock_id,
    )


def _words(state: str, remaining: float) -> str:
    if state == "paused":
        return f"{exact('paused')}, {words.clock_left(remaining)}"
    if state == "met":
        return exact("kept")
    if state == "cancelled":
        return exact("cancelled")
    if state == "waiting":
        return exact("not started")
    return words.clock_left(remaining)


def _detail(state: str, remaining: float, due_at: datetime | None) -> str:
    if due_at is None:
        still, kept = exact("stands still until the customer, vendor or change answers"), exact("answered in time")
        return {"paused": still, "met": kept}.get(state, "")
    word = exact("was due") if remaining < 0 else exact("due")
    return f"{word} {words.absolute(timezone.localtime(due_at))}"
