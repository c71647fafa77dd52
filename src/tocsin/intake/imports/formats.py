"""What a log format is: the columns it needs and how one row becomes an event."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from tocsin.intake.imports.events import LoggedEvent
from tocsin.intake.imports.problems import Problems, RowError, listed, shown
from tocsin.intake.imports.reading import Progress, Row, rows
from tocsin.kernel.errors import InvalidInput

MISSING = frozenset({"", "?"})
LONGEST_NAME = 110  # characters of a team, service, organisation, owner, category; the database keeps 120
LONGEST_REF = 100

type ReadRow = Callable[[int, list[str]], LoggedEvent]
type Note = Callable[[int, str, str], None]


@dataclass(frozen=True, slots=True)
class LogFormat:
    """One way in which desks write their logs.

    `reader(columns, note)` returns the function that reads one row (line, cells); columns maps a
    name to its position. The function raises RowError for a row that cannot be used, and calls
    `note(line, kind, reason)` for what is odd about a row that can.
    """

    source: str  # the ticket's external_source
    required: tuple[str, ...]
    reader: Callable[[Mapping[str, int], Note], ReadRow]
    delimiter: str = ""  # empty: found out from the header


def read(path: Path, form: LogFormat, problems: Problems, *, progress: Progress | None = None) -> Iterator[LoggedEvent]:
    """Yield the file's events in file order; what is broken goes to `problems`.

    Raises InvalidInput when the file cannot be read at all, or has not this format's columns.
    """
    found = rows(path, problems, delimiter=form.delimiter, progress=progress)
    header = next(found, None)
    columns = _columns(path, header, form)
    count = len(header.cells) if header else 0
    read_row = form.reader(columns, problems.note)
    for row in found:
        cells = row.cells
        if len(cells) != count:
            _report_width(row, count, problems)
            continue
        try:
            yield read_row(row.line, cells)
        except RowError as error:
            problems.broken(row.line, error.kind, error.reason)


def _columns(path: Path, header: Row | None, form: LogFormat) -> dict[str, int]:
    if header is None:
        raise InvalidInput("empty_file", f"{path.name} is empty.", {"file": "It has no header line."})
    columns: dict[str, int] = {}
    for position, name in enumerate(header.cells):
        columns.setdefault(name.strip(), position)
    missing = [name for name in form.required if name not in columns]
    if missing:
        raise InvalidInput(
            "wrong_columns",
            f"{path.name} has no column {listed(missing)}. Is it a {form.source} log? "
            f"Its header says: {', '.join(header.cells)[:300]}.",
            dict.fromkeys(missing, "The column is missing."),
        )
    return columns


def _report_width(row: Row, count: int, problems: Problems) -> None:
    few = "few" if len(row.cells) < count else "many"
    problems.broken(row.line, "columns", f"The row has {len(row.cells)} values, the header {count}: too {few}.")


def cell_reader(columns: Mapping[str, int], names: Sequence[str]) -> Callable[[list[str]], tuple[str | None, ...]]:
    """Return a function that picks these columns from a row: None for a column that the file does not have."""
    places = [columns.get(name, -1) for name in names]
    if -1 not in places and len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple([cells[place] if place >= 0 else None for place in places])


def name(value: str | None, what: str, *, limit: int = LONGEST_NAME) -> str | None:
    """Return a name from the log: None if there is no such column, empty if it is missing. Raises RowError."""
    if value is None:
        return None
    text = value.strip()
    if text in MISSING:
        return ""
    if len(text) > limit:
        raise RowError("too_long", f"The {what} has {len(text)} characters; {limit} fit: {shown(text)}.")
    if "\x00" in text:
        raise RowError("bad_character", f"The {what} holds a NUL character, which cannot be stored.")
    return text


def reference(value: str | None) -> str:
    """Return the ticket's number. Raises RowError if there is none."""
    ref = name(value, "ticket's number", limit=LONGEST_REF)
    if not ref:
        raise RowError("missing_id", "The ticket's number is missing.")
    return ref


def leading_number(value: str | None, low: int, high: int, what: str) -> int | None:
    """Return the number in "3 - Moderate", None where it is missing. Raises RowError."""
    text = (value or "").strip()
    if text in MISSING:
        return None
    if not ("0" <= text[0] <= "9") or not low <= (number := int(text[0])) <= high or text[1:2].isdigit():
        raise RowError("bad_value", f"{shown(text)} is no {what} from {low} to {high}.")
    return number


def whole(value: str | None, what: str) -> int | None:
    """Return a count, None where it is missing. Raises RowError."""
    text = (value or "").strip()
    if text in MISSING:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise RowError("bad_value", f"{shown(text)} is no {what}.")
    return int(text)
