"""What detector and measures say, as sentences."""

from collections.abc import Sequence

from tocsin.domain.problems.logic.changes import Change
from tocsin.domain.problems.logic.effect import Effect, Verdict
from tocsin.domain.problems.logic.repeats import Repeat
from tocsin.domain.problems.logic.series import ESCALATIONS, Key

NOUNS = {"service": "", "item": "on ", "customer": "", "category": "", "reason": "escalated for ", "cause": "caused by ",
         "text": "like "}  # fmt: skip


def named(key: Key, names: Sequence[str]) -> str:
    """Say what a series is about: "VPN, password reset" or "tickets like ..."; `names` stand for the key's values."""
    parts = []
    for kind, name in zip(key.kinds, names, strict=True):
        shown = f"“{name}”" if kind == "text" else name
        parts.append(f"{NOUNS[kind]}{shown}")
    return ", ".join(parts)


def sentence(repeat: Repeat, names: Sequence[str], change: Change | None) -> str:
    """Say what repeats: "Escalations of VPN, password reset: 18 in 4 weeks where 6 are usual; doubled after 12 May."."""
    what = "Escalations" if repeat.key.of == ESCALATIONS else "Tickets"
    usual = repeat.usual * repeat.weeks
    expected = "none was usual" if usual < 0.05 else f"{number(usual)} are usual"
    weeks = "week" if repeat.weeks == 1 else f"{repeat.weeks} weeks"
    said = f"{what}: {named(repeat.key, names)}. {repeat.recent} in the last {weeks}, where {expected}"
    return f"{said}; {change.words}." if change and change.after > change.before else f"{said}."


def judged(effect: Effect | None, verdict: str, *, horizon: int) -> str:
    """Say what came of a measure, with the interval: nobody has to know what a ratio is."""
    if effect is None:
        return "Too early: no whole week has passed since it started."
    rates = f"{number(effect.rate_before)} a week before, {number(effect.rate_after)} a week since"
    span = f"{effect.after_weeks} of {horizon} weeks"
    if verdict == Verdict.WORKED:
        return f"Worked: {rates}, {_share(effect)}."
    if verdict == Verdict.WORSE:
        return f"Worse: {rates}, {_share(effect)}."
    if verdict == Verdict.NO_EFFECT:
        return f"No effect seen: {rates}; chance alone explains it ({_share(effect)})."
    return f"Too early: {rates} after {span}; it could still be {_share(effect)}."


def _share(effect: Effect) -> str:
    """Say an interval of a ratio in per cent of change."""
    low, high = percent(effect.low), percent(effect.high)
    return f"between {low} and {high} at 95 % confidence"


def percent(ratio: float) -> str:
    """Say a ratio as a change: "-35 %", "+20 %", "as many"."""
    if ratio == float("inf"):
        return "any increase"
    change = round((ratio - 1) * 100)
    return "no change" if change == 0 else f"{'+' if change > 0 else '−'}{abs(change)} %"


def number(value: float) -> str:
    """Say a number with one digit where it matters."""
    return f"{value:.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"
