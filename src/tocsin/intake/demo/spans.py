"""Lengths of time as the stories write them: "1d 3h", "45m"."""

import re
from datetime import timedelta

_PART = re.compile(r"(\d+)\s*([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def span(text: str) -> timedelta:
    """Return the length that `text` says. Raises ValueError for anything else."""
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        raise ValueError(f"{text!r} is no length of time; write it like 1d 3h or 45m")
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})
