"""Volvo IT's VINST incident log (BPI Challenge 2013): one row per status move (docs/imports.md)."""

import re
from collections.abc import Mapping
from functools import lru_cache

from tocsin.intake.imports.events import LoggedEvent
from tocsin.intake.imports.formats import MISSING, LogFormat, Note, ReadRow, cell_reader, name, reference
from tocsin.intake.imports.problems import RowError, shown
from tocsin.intake.imports.times import iso, zone_of

STATUSES: dict[tuple[str, str], str | None] = {
    ("Accepted", "In Progress"): "open",
    ("Accepted", "Assigned"): "open",
    ("Accepted", "Wait"): "waiting_change",  # it does not say for what; our own side is the nearest
    ("Accepted", "Wait - Implementation"): "waiting_change",
    ("Accepted", "Wait - User"): "waiting_customer",
    ("Accepted", "Wait - Customer"): "waiting_customer",
    ("Accepted", "Wait - Vendor"): "waiting_vendor",
    ("Queued", "Awaiting Assignment"): "open",
    ("Completed", "Resolved"): "resolved",
    ("Completed", "In Call"): "closed",  # solved while the caller was on the line; nothing follows
    ("Completed", "Closed"): "closed",
    ("Completed", "Cancelled"): "closed",
    ("Unmatched", "Unmatched"): None,  # tells nothing: the status stays as it was
}
OF_STATUS: dict[str, str | None] = {"Accepted": "open", "Queued": "open", "Completed": "closed", "Unmatched": None}
IMPACTS = {"Major": (1, 1), "High": (2, 1), "Medium": (3, 2), "Low": (4, 3)}  # (priority, impact)
REQUIRED = ("SR Number", "Change Date+Time", "Status", "Sub Status", "Involved ST")
OPTIONAL = ("ST Level", "SR Latest Impact", "Product", "Resource", "Country", "Owner First Name")
_LEVEL = re.compile(r"L([123])(?:/L[123])?")
_TEAM_LEVEL = re.compile(r"\b(2nd|3rd)\b")
MACHINE = "Siebel"  # the desk's own software stands where a person is expected


def volvo(zone: str = "UTC") -> LogFormat:
    """Return the format. Times carry their offset; `zone` (IANA) is for those that do not."""
    read_time = iso(zone_of(zone))

    def reader(columns: Mapping[str, int], note: Note) -> ReadRow:
        cells_of = cell_reader(columns, (*REQUIRED, *OPTIONAL))

        def read_row(line: int, cells: list[str]) -> LoggedEvent:
            ref, at, status, sub_status, team, level, impact, product, resource, country, first = cells_of(cells)
            group = _name(team, "support team")
            person = _person(resource, country, first)
            graveness = _impact(impact)
            return LoggedEvent(
                ref=reference(ref),
                at=read_time(at or ""),
                line_number=line,
                state=f"{status}/{sub_status}",
                status=_status(status or "", sub_status or "", line, note),
                active_again=status in ("Accepted", "Queued"),
                completed=status == "Completed",
                priority=graveness and graveness[0],
                impact=graveness and graveness[1],
                team=group or None,
                line=_line(level, group or ""),
                owner=_owner(status, person),
                by=person or "",
                service=_name(product, "product"),
                subject=_name(product, "product"),
            )

        return read_row

    return LogFormat(source="volvo", required=REQUIRED, reader=reader)


def _owner(status: str | None, person: str | None) -> str | None:
    """Return who holds the ticket after this row: in a queue nobody; a machine's row leaves it as it was."""
    if status == "Queued":
        return ""
    return person if status == "Accepted" else None


@lru_cache(maxsize=20_000)
def _person(resource: str | None, country: str | None, first: str | None) -> str | None:
    """Return the person of a row, None for the desk's own software or a name that is missing (written 0)."""
    found = name(resource, "resource")
    if found is None:
        land, called = name(country, "country") or "", name(first, "owner's first name") or ""
        found = f"{land.lower()}-{called}" if called else ""
    last = found.rpartition("-")[2]
    return None if last in ("", "0", MACHINE) else found


@lru_cache(maxsize=20_000)
def _name(value: str | None, what: str) -> str | None:
    return name(value, what)


@lru_cache(maxsize=20_000)
def _line(level: str | None, team: str) -> str:
    """Return the support line: the level's (the lower of "L2/L3"), or what the team's name says ("V5 3rd")."""
    if level is None or level.strip() in MISSING:
        found = _TEAM_LEVEL.search(team)
        return {"2nd": "L2", "3rd": "L3"}[found[1]] if found else "L1"
    match = _LEVEL.fullmatch(level.strip())
    if match is None:
        raise RowError("unknown_level", f"There is no support line {shown(level)}; known are L1, L2, L3 and L2/L3.")
    return f"L{match[1]}"


@lru_cache(maxsize=100)
def _impact(value: str | None) -> tuple[int, int] | None:
    text = (value or "").strip()
    if text in ("", "?"):
        return None
    try:
        return IMPACTS[text]
    except KeyError:
        raise RowError("bad_value", f"There is no impact {shown(text)}; known are {', '.join(IMPACTS)}.") from None


def _status(status: str, sub_status: str, line: int, note: Note) -> str | None:
    try:
        return STATUSES[status, sub_status]
    except KeyError:
        pass
    if status not in OF_STATUS:
        raise RowError("unknown_state", f"There is no Status {shown(status)}; known are {', '.join(OF_STATUS)}.")
    found = OF_STATUS[status]
    note(line, "unknown_state", f"There is no Sub Status {shown(sub_status)}; {status} alone was read ({found}).")
    return found
