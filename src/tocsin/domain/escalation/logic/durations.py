"""Durations and shares as people write them in policies: `15m`, `1h30m`, `75%`."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?", re.ASCII)
_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*%?", re.ASCII)
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def parse_duration(text: str) -> timedelta | None:
    """Return the duration that `text` writes (days, hours, minutes, seconds in that order, or `0`), or None."""
    if text == "0":
        return timedelta()
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """Return the one canonical way to write `duration` (whole seconds, not negative): `1h30m`, `0`."""
    rest = int(duration.total_seconds())
    parts = []
    for unit, size in _UNITS:
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0"


def parse_percent(text: str) -> float | None:
    """Return the number in `75%` or `75` (up to two decimals), or None."""
    match = _PERCENT.fullmatch(text)
    return float(match[1]) if match else None


def format_percent(percent: float) -> str:
    """Return `75%` or `112.5%`; reading it gives the same number."""
    return f"{percent!r}".removesuffix(".0") + "%"
