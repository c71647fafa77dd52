"""What repeats in a log: the detector over tickets that are not imported, looking back at the end of each month.

Days are UTC days. Logs hold no texts, so alike subjects are not compared; everything else is as in the product.
"""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from tocsin.domain.problems.logic.changes import Change, changes
from tocsin.domain.problems.logic.repeats import Repeat, repeats
from tocsin.domain.problems.logic.series import PAIRS, TICKETS, Days, Key, daily, day_at
from tocsin.intake.imports.events import Case
from tocsin.kernel.errors import InvalidInput

MONTH = 28  # days between two looks
LEAST = 48  # days of history before the first look
FULL = 0.995  # of a log's tickets were opened up to the day that counts as its last: its tail is thin
type Values = Mapping[str, str]
type Opened = tuple[date, Values]
type Looked = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A series' surest repeat: the last day of the look that found it, and when its rate changed, if one day stands out."""

    repeat: Repeat
    on: date
    change: Change | None


@dataclass(frozen=True, slots=True)
class Counts:
    """A log as series of days."""

    tickets: int
    first: date
    last: date
    series: Mapping[Key, Days]
    total: Days


def opened_in(cases: Sequence[Case]) -> Iterator[Opened]:
    """Yield when each ticket was opened and what its first rows tell of it (the team, where no service is told)."""
    for case in cases:
        begun = case.events[0]
        values: dict[str, str] = {}
        for kind, name in (
            ("service", "service"),
            ("item", "item"),
            ("customer", "organisation"),
            ("category", "category"),
        ):
            values[kind] = next((told for event in case.events if (told := getattr(event, name))), "")
        values["service"] = values["service"] or next((event.team for event in case.events if event.team), "")
        yield (begun.opened_at or begun.at).astimezone(UTC).date(), values


def opened_in_xes(path: Path) -> Iterator[Opened]:
    """Yield the same of an XES log, plain or gzip: product and group of each trace's first event.

    Raises InvalidInput for what is no XES.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for _, element in ElementTree.iterparse(file):  # noqa: S314 - a file that the operator names
                if element.tag.rpartition("}")[2] == "trace":
                    events = [_attributes(one) for one in element if one.tag.rpartition("}")[2] == "event"]
                    if events:
                        begun = min(events, key=lambda event: event["time:timestamp"])
                        day = datetime.fromisoformat(begun["time:timestamp"]).astimezone(UTC).date()
                        yield day, {"service": begun.get("product", ""), "customer": begun.get("org:group", "")}
                    element.clear()
    except (ElementTree.ParseError, OSError, EOFError, KeyError, ValueError) as error:
        message = f"{path.name} is no XES log ({error}). Name a log in XES, or another format."
        raise InvalidInput("bad_log", message, {"log": str(error)}) from error


def _attributes(event: ElementTree.Element) -> dict[str, str]:
    return {one.get("key", ""): one.get("value", "") for one in event}


def counts_of(found: Sequence[Opened]) -> Counts:
    """Count what was opened by everything that tickets have in common. Raises InvalidInput for an empty log."""
    if not found:
        problem = "The log holds no ticket that can be counted."
        raise InvalidInput("empty_log", problem, {"log": problem})
    days = sorted(day for day, _ in found)
    first, last = days[0], days[int((len(days) - 1) * FULL)]
    counts: dict[Key, Counter[date]] = {}
    for day, values in found:
        for key in _keys(values):
            counts.setdefault(key, Counter())[day] += 1
    series = {key: daily(own, first, last) for key, own in counts.items()}
    return Counts(len(found), first, last, series, daily(Counter(days), first, last))


def _keys(values: Values) -> Iterator[Key]:
    for kind, value in values.items():
        if value:
            yield Key(TICKETS, (kind,), (value,))
    for pair in PAIRS:
        told = tuple(values.get(kind, "") for kind in pair)
        if all(told):
            yield Key(TICKETS, pair, told)


def walk(counts: Counts, *, looks: int, looked: Looked = lambda _done, _of: None) -> tuple[int, list[Found]]:
    """Look at the end of each month, the last `looks` of them; return how often, and each series' surest repeat."""
    ends = list(range(len(counts.total), LEAST, -MONTH))[:looks]
    surest: dict[Key, tuple[Repeat, int]] = {}
    for done, end in enumerate(ends, 1):
        for one in repeats({key: days[:end] for key, days in counts.series.items()}, counts.total[:end]):
            if one.key not in surest or one.p < surest[one.key][0].p:
                surest[one.key] = (one, end)
        looked(done, len(ends))
    found = sorted(surest.values(), key=lambda item: item[0].p)
    return len(ends), [Found(one, day_at(counts.first, end - 1), _change(counts, one.key, end)) for one, end in found]


def _change(counts: Counts, key: Key, end: int) -> Change | None:
    told = changes(counts.series[key][:end], counts.first)
    return next((one for one in reversed(told) if one.after > one.before), None)


def shuffled(found: Sequence[Opened], *, times: int = 3, seed: int = 13) -> int:
    """Return how much one look at the end proposes when every day keeps its tickets and no ticket its day."""
    chance, proposed = np.random.default_rng(seed), 0
    days = [day for day, _ in found]
    for _ in range(times):
        order = chance.permutation(len(days))
        counts = counts_of([(days[order[at]], values) for at, (_, values) in enumerate(found)])
        proposed += len(repeats(counts.series, counts.total))
    return proposed
