"""Any table with one row per event, read by a mapping file (docs/imports.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.intake.imports.events import LoggedEvent
from tocsin.intake.imports.formats import LogFormat, Note, ReadRow, leading_number, name, reference, whole
from tocsin.intake.imports.mapping import KEEP, LogMapping
from tocsin.intake.imports.problems import RowError, shown
from tocsin.intake.imports.times import ReadTime

_LIMITS = {"subject": 300, "channel": 20}
_SCALE_OF = {"priority": ("priorities", 4), "impact": ("impacts", 3), "urgency": ("urgencies", 3)}


def generic(mapping: LogMapping, zone: str = "") -> LogFormat:
    """Return the format that `mapping` describes; `zone` (IANA) wins over the mapping's."""
    read_time = mapping.read_time(zone)

    def reader(columns: Mapping[str, int], note: Note) -> ReadRow:
        places = {field: columns[column.name] for field, column in mapping.columns.items()}
        return _RowReader(mapping, places, read_time, note).read

    return LogFormat(
        source=mapping.source,
        required=tuple(dict.fromkeys(column.name for column in mapping.columns.values())),
        reader=reader,
        delimiter=mapping.delimiter,
    )


@dataclass(slots=True)
class _RowReader:
    mapping: LogMapping
    places: Mapping[str, int]
    read_time: ReadTime
    note: Note

    def read(self, line: int, cells: list[str]) -> LoggedEvent:
        state = self.raw(cells, "state") or ""
        status = self.status(state, line)
        owner = self.name(cells, "owner")
        opened = self.raw(cells, "opened_at")
        missed = self.raw(cells, "missed")
        return LoggedEvent(
            ref=reference(self.raw(cells, "ref")),
            at=self.read_time(self.raw(cells, "at") or ""),
            line_number=line,
            sequence=whole(self.raw(cells, "sequence"), "count of changes") or 0,
            state=state,
            status=status,
            completed=status in ("resolved", "closed"),
            active_again=status not in (None, "resolved", "closed"),
            priority=self.scale(cells, "priority"),
            impact=self.scale(cells, "impact"),
            urgency=self.scale(cells, "urgency"),
            team=self.name(cells, "team") or None,
            line=self.line(cells),
            owner="" if state in self.mapping.unowned and owner is not None else owner,
            by=self.name(cells, "by") or "",
            service=self.name(cells, "service"),
            organisation=self.name(cells, "organisation"),
            category=self.name(cells, "category"),
            item=self.name(cells, "item"),
            subject=self.name(cells, "subject"),
            channel=self.name(cells, "channel"),
            opened_at=self.read_time(opened) if opened else None,
            missed=None if missed is None else missed in self.mapping.missed,
        )

    def raw(self, cells: list[str], field: str) -> str | None:
        """Return the value as written, empty where it is missing; None if the mapping has no such column."""
        place = self.places.get(field)
        if place is None:
            return None
        text = cells[place].strip()
        return "" if text in self.mapping.missing else text

    def name(self, cells: list[str], field: str) -> str | None:
        value = self.raw(cells, field)
        if not value:
            return value
        return name(self.mapping.columns[field].prefix + value, field, limit=_LIMITS.get(field, 110))

    def status(self, state: str, line: int) -> str | None:
        if not state:
            return None
        found = self.mapping.statuses.get(state)
        if found is None:
            if self.mapping.other_states != KEEP:
                raise RowError("unknown_state", f"The mapping's `statuses` does not list {shown(state)}.")
            self.note(line, "unknown_state", f"The mapping's `statuses` does not list {shown(state)}; status kept.")
        return None if found == KEEP else found

    def scale(self, cells: list[str], field: str) -> int | None:
        value = self.raw(cells, field)
        if not value:
            return None
        table, worst = _SCALE_OF[field]
        if table not in self.mapping.scales:
            return leading_number(value, 1, worst, field)
        try:
            return self.mapping.scales[table][value]
        except KeyError:
            raise RowError("bad_value", f"The mapping's `{table}` does not list {shown(value)}.") from None

    def line(self, cells: list[str]) -> str | None:
        value = self.raw(cells, "line")
        if not value:
            return None
        found = self.mapping.lines.get(value, value)
        if found not in ("L1", "L2", "L3", "management"):
            raise RowError("unknown_level", f"The mapping's `lines` does not list {shown(value)}.")
        return found
