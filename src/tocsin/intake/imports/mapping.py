"""The mapping file of the csv format: which of your columns is which, and what your words mean (docs/imports.md)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.domain.escalation.logic import document
from tocsin.domain.escalation.logic.document import DocumentError, Node, Scalar, Sequence
from tocsin.domain.tickets.logic.lifecycle import REOPENED, STATUSES
from tocsin.intake.imports.problems import listed
from tocsin.intake.imports.times import ReadTime, day_first, iso, pattern, zone_of
from tocsin.kernel.errors import InvalidInput

KEEP = "keep"
COLUMNS = (
    "ref",
    "at",
    "sequence",
    "state",
    "priority",
    "impact",
    "urgency",
    "team",
    "line",
    "owner",
    "by",
    "service",
    "organisation",
    "category",
    "item",
    "subject",
    "channel",
    "opened_at",
    "missed",
)
LINES = ("L1", "L2", "L3", "management")
SCALES = {"priorities": 4, "impacts": 3, "urgencies": 3}
TOP = (
    "source", "dates", "zone", "delimiter", "missing", "columns", "statuses", "other_states", "unowned", "lines",
    "missed", *SCALES,
)  # fmt: skip
RESERVED = ("servicenow", "volvo")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Column:
    """One of the file's columns, and what to put before its values."""

    name: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class LogMapping:
    """What a mapping file says."""

    source: str
    dates: str  # iso, day-first or a strptime pattern
    columns: Mapping[str, Column]
    zone: str = "UTC"
    delimiter: str = ""
    missing: frozenset[str] = frozenset({"", "?"})
    statuses: Mapping[str, str] = field(default_factory=dict)
    other_states: str = "refuse"
    unowned: frozenset[str] = frozenset()
    scales: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by SCALES' names
    lines: Mapping[str, str] = field(default_factory=dict)
    missed: frozenset[str] = frozenset()  # values of the column `missed` that mean: the promise was broken

    def read_time(self, zone: str = "") -> ReadTime:
        """Return the reader of its dates, in `zone` or the mapping's own."""
        return reader_of(self.dates, zone_of(zone or self.zone))


def reader_of(dates: str, zone: ZoneInfo) -> ReadTime:
    """Return the reader for `iso`, `day-first` or a strptime pattern."""
    return {"iso": iso, "day-first": day_first}.get(dates, lambda z: pattern(dates, z))(zone)


def load(text: str, *, filename: str = "mapping") -> LogMapping:
    """Read a mapping. Raises InvalidInput whose `fields` name each wrong place with its remedy."""
    try:
        root = document.parse(text)
    except DocumentError as error:
        raise InvalidInput(
            "bad_mapping", f"{filename}, line {error.line}: {error.message} {error.remedy}", {"file": error.message}
        ) from None
    reading = _Reading()
    made = reading.mapping(root)
    if reading.errors or made is None:
        first = next(iter(reading.errors.items()))
        more = f" (and {len(reading.errors) - 1} more)" if len(reading.errors) > 1 else ""
        raise InvalidInput("bad_mapping", f"{filename}: {first[0]}: {first[1]}{more}", reading.errors)
    return made


class _Reading:
    """Walks the tree and collects every error, named by field and line."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def error(self, path: str, line: int, problem: str) -> None:
        self.errors.setdefault(f"{path} (line {line})" if line else path, problem)

    def mapping(self, root: Node) -> LogMapping | None:
        top = self.entries(root, "file", TOP)
        for name in ("source", "dates", "columns"):
            if name not in top:
                self.error(name, 0, f"It is missing. Add `{name}:`; docs/imports.md has an example.")
        values: dict[str, Any] = {}
        readers: dict[str, Callable[[Node, str], object]] = {
            "source": self.source,
            "dates": self.dates,
            "zone": self.zone,
            "delimiter": self.delimiter,
            "columns": self.columns,
            "missing": self.words,
            "unowned": self.words,
            "missed": self.words,
            "other_states": lambda node, path: self.one_of(node, path, ("refuse", KEEP)),
            "statuses": lambda node, path: self.table(node, path, (*(s for s in STATUSES if s != REOPENED), KEEP)),
            "lines": lambda node, path: self.table(node, path, LINES),
        }
        for name, node in top.items():
            if name in readers:
                values[name] = readers[name](node, name)
        values["scales"] = {name: self.scale(top[name], name, SCALES[name]) for name in SCALES if name in top}
        self.together(values)
        return None if self.errors else LogMapping(**values)

    def together(self, values: Mapping[str, object]) -> None:
        """Check what only shows when several fields are seen together."""
        columns = values.get("columns")
        if not isinstance(columns, dict):
            return
        if "state" in columns and not values.get("statuses") and values.get("other_states") != KEEP:
            self.error(
                "statuses", 0, "It is missing. Say what each value of the state column means, e.g. `Done: closed`."
            )
        if "missed" in columns and not values.get("missed"):
            self.error(
                "missed", 0, 'It is missing. List the values that mean a broken promise, e.g. `missed: ["false"]`.'
            )

    def entries(self, node: Node, path: str, known: tuple[str, ...] | None = None) -> dict[str, Node]:
        if not isinstance(node, document.Mapping):
            self.error(path, node.line, "`name: value` lines are expected here.")
            return {}
        found: dict[str, Node] = {}
        for key, value in node.entries:
            if known is not None and key.text not in known:
                self.error(f"{path}.{key.text}", key.line, f"This is not known here. Known are {', '.join(known)}.")
            elif key.text in found:
                self.error(f"{path}.{key.text}", key.line, "It stands twice. Remove one of them.")
            else:
                found[key.text] = value
        return found

    def text(self, node: Node, path: str) -> str:
        if isinstance(node, Scalar) and not node.absent:
            return node.text
        self.error(path, node.line, "One value is expected here.")
        return ""

    def words(self, node: Node, path: str) -> frozenset[str]:
        items = node.items if isinstance(node, Sequence) else (node,)
        return frozenset(self.word(item, path) for item in items)

    def word(self, node: Node, path: str) -> str:
        # An empty text is a value here: `missing: [""]`.
        return node.text if isinstance(node, Scalar) else self.text(node, path)

    def one_of(self, node: Node, path: str, choices: tuple[str, ...]) -> str:
        found = self.text(node, path)
        if found and found not in choices:
            self.error(path, node.line, f"{found!r} is not possible. Choose one of {', '.join(choices)}.")
        return found

    def table(self, node: Node, path: str, choices: tuple[str, ...]) -> dict[str, str]:
        return {key: self.one_of(value, f"{path}.{key}", choices) for key, value in self.entries(node, path).items()}

    def scale(self, node: Node, path: str, worst: int) -> dict[str, int]:
        choices = tuple(str(n) for n in range(1, worst + 1))
        return {key: int(value) for key, value in self.table(node, path, choices).items() if value in choices}

    def source(self, node: Node, path: str) -> str:
        found = self.text(node, path)
        if found and (not _SOURCE.fullmatch(found) or found in RESERVED):
            self.error(
                path, node.line, f"Use up to 40 small letters, digits and dashes, and not {' or '.join(RESERVED)}."
            )
        return found

    def zone(self, node: Node, path: str) -> str:
        found = self.text(node, path)
        try:
            zone_of(found)
        except InvalidInput as error:
            self.error(path, node.line, error.message)
        return found

    def delimiter(self, node: Node, path: str) -> str:
        found = self.text(node, path)
        if len(found) != 1:
            self.error(path, node.line, 'One character is expected, e.g. ";" or "\\t" (in double quotes).')
        return found

    def dates(self, node: Node, path: str) -> str:
        found = self.text(node, path)
        if found and found not in ("iso", "day-first") and not {"%Y", "%y"} & set(re.findall(r"%[A-Za-z]", found)):
            self.error(
                path, node.line, "Write iso, day-first, or a strptime pattern with a year such as %d.%m.%Y %H:%M."
            )
        return found

    def columns(self, node: Node, path: str) -> dict[str, Column]:
        found = self.entries(node, path, COLUMNS)
        missing = [name for name in ("ref", "at") if name not in found]
        if missing:
            self.error(
                path, node.line, f"{listed(missing)} must be there: the ticket's number and the time of the row."
            )
        return {name: self.column(value, f"{path}.{name}") for name, value in found.items()}

    def column(self, node: Node, path: str) -> Column:
        if isinstance(node, Scalar):
            return Column(self.text(node, path))
        parts = self.entries(node, path, ("column", "prefix"))
        if "column" not in parts:
            self.error(path, node.line, "`column` is missing: the name of your column.")
            return Column("")
        prefix = self.word(parts["prefix"], f"{path}.prefix") if "prefix" in parts else ""
        return Column(self.text(parts["column"], f"{path}.column"), prefix)
