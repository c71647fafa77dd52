"""What is counted, by what it has in common, and day by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

type Days = NDArray[np.int64]
WEEK = 7
# What tickets can have in common, and the pairs of these that make sense.
KINDS = ("service", "item", "customer", "category", "reason", "cause", "text")
PAIRS = (("service", "category"), ("customer", "service"), ("service", "reason"))
TICKETS, ESCALATIONS = "tickets", "escalations"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a series counts: tickets, or tickets that were escalated, that share these values.

    `kinds` are names of KINDS, `values` stand in the same order: slugs, ids or words.
    """

    of: str
    kinds: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def text(self) -> str:
        """The key as it is stored: one line, read again by `parsed`."""
        pairs = [f"{kind}={value.replace('%', '%25').replace('&', '%26').replace('=', '%3D')}"
                 for kind, value in zip(self.kinds, self.values, strict=True)]  # fmt: skip
        return "&".join([self.of, *pairs])


def parsed(text: str) -> Key:
    """Return the key that `Key.text` wrote. Raises ValueError for what is none."""
    of, *pairs = text.split("&")
    kinds, values = [], []
    for pair in pairs:
        kind, found, value = pair.partition("=")
        if not found or kind not in KINDS:
            raise ValueError(f"{pair!r} names nothing that tickets have in common")
        kinds.append(kind)
        values.append(value.replace("%3D", "=").replace("%26", "&").replace("%25", "%"))
    if of not in (TICKETS, ESCALATIONS) or not pairs:
        raise ValueError(f"{text!r} names no series")
    return Key(of, tuple(kinds), tuple(values))


def daily(counts: Mapping[date, int], first: date, last: date) -> Days:
    """Return one count a day from `first` to `last`, both included; days without any are 0."""
    days = np.zeros((last - first).days + 1, dtype=np.int64)
    for day, count in counts.items():
        if first <= day <= last:
            days[(day - first).days] = count
    return days


def weekly(days: Days) -> Days:
    """Return counts of whole weeks that end with the last day; what is left over at the beginning is dropped.

    Whole weeks hold each weekday once: what is compared are like weekdays (SEMANTICS 8).
    """
    weeks = days.shape[-1] // WEEK
    whole = days[..., days.shape[-1] - weeks * WEEK :]
    summed: Days = whole.reshape(*days.shape[:-1], weeks, WEEK).sum(axis=-1)
    return summed


def stacked(series: Iterable[Days]) -> Days:
    """Return series of one length as rows of a table."""
    return np.vstack(list(series))


def day_at(first: date, position: int) -> date:
    return first + timedelta(days=position)
