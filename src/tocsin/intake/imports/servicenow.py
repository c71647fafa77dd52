"""ServiceNow's incident audit log: one row per change, each with the whole incident (docs/imports.md)."""

from collections.abc import Mapping
from functools import lru_cache

from tocsin.intake.imports.events import LoggedEvent
from tocsin.intake.imports.formats import LogFormat, Note, ReadRow, cell_reader, leading_number, name, reference, whole
from tocsin.intake.imports.problems import RowError, shown
from tocsin.intake.imports.times import day_first, zone_of

STATUSES: dict[str, str] = {
    "New": "new",
    "Active": "open",
    "Awaiting User Info": "waiting_customer",
    "Awaiting Vendor": "waiting_vendor",
    # Problem and evidence are waits on our own side: what is awaited is somebody else's change.
    "Awaiting Problem": "waiting_change",
    "Awaiting Evidence": "waiting_change",
    "Resolved": "resolved",
    "Closed": "closed",
}
WITHOUT_LABEL = "-100"  # what ServiceNow exports for a state that has no label any more
REQUIRED = (
    "number",
    "incident_state",
    "sys_mod_count",
    "sys_updated_at",
    "opened_at",
    "priority",
    "made_sla",
    "reassignment_count",
    "reopen_count",
)
# closed_code, resolved_by, resolved_at and closed_at are never read: they are filled in on every row
# after the fact. made_sla flips on the closing row and is kept as an outcome only.
OPTIONAL = (
    "assignment_group",
    "assigned_to",
    "sys_updated_by",
    "impact",
    "urgency",
    "category",
    "subcategory",
    "cmdb_ci",
    "contact_type",
)
_CHANNELS = {"Phone": "phone", "Email": "email", "Self service": "web", "IVR": "phone"}
_MADE = {"true": False, "false": True}


def servicenow(zone: str = "UTC") -> LogFormat:
    """Return the format. Its times carry no zone; `zone` (IANA) says which one they are in."""
    read_time = day_first(zone_of(zone))

    def reader(columns: Mapping[str, int], note: Note) -> ReadRow:
        cells_of = cell_reader(columns, (*REQUIRED, *OPTIONAL))

        def read_row(line: int, cells: list[str]) -> LoggedEvent:
            (
                ref, state, count, at, opened, priority, made, moved, reopened,
                group, assigned, by, impact, urgency, category, subcategory, item, contact,
            ) = cells_of(cells)  # fmt: skip
            service = _name(category, "category")
            return LoggedEvent(
                ref=reference(ref),
                at=read_time(at or ""),
                line_number=line,
                sequence=_count(count),
                state=state or "",
                status=_status(state or "", line, note),
                completed=state in ("Resolved", "Closed"),
                priority=_scale(priority, 4, "priority"),
                impact=_scale(impact, 3, "impact"),
                urgency=_scale(urgency, 3, "urgency"),
                team=_name(group, "assignment group") or None,
                owner=_name(assigned, "assignee"),
                by=_name(by, "name of the updater") or "",
                service=service,
                category=_name(subcategory, "subcategory"),
                item=_name(item, "configuration item"),
                subject=f"{service or 'Incident'}: {subcategory}" if subcategory not in (None, "?") else service,
                channel=_CHANNELS.get(contact or "", "import"),
                opened_at=read_time(opened) if opened and opened != "?" else None,
                reassignments=_whole(moved, "reassignment count"),
                reopenings=_whole(reopened, "reopen count"),
                missed=_missed(made or ""),
            )

        return read_row

    return LogFormat(source="servicenow", required=REQUIRED, reader=reader)


@lru_cache(maxsize=20_000)
def _name(value: str | None, what: str) -> str | None:
    return name(value, what)


@lru_cache(maxsize=1_000)
def _scale(value: str | None, worst: int, what: str) -> int | None:
    return leading_number(value, 1, worst, what)


@lru_cache(maxsize=10_000)
def _whole(value: str | None, what: str) -> int | None:
    return whole(value, what)


def _count(value: str | None) -> int:
    found = _whole(value, "count of changes (sys_mod_count)")
    if found is None:
        raise RowError("bad_value", "The count of changes (sys_mod_count) is missing.")
    return found


def _status(state: str, line: int, note: Note) -> str | None:
    found = STATUSES.get(state)
    if found is not None:
        return found
    if state == WITHOUT_LABEL:
        note(line, "unknown_state", "The state -100 has no label in ServiceNow; the ticket's status stays as it was.")
        return None
    raise RowError("unknown_state", f"There is no incident_state {shown(state)}; known are {', '.join(STATUSES)}.")


def _missed(made: str) -> bool | None:
    if made in ("", "?"):
        return None
    try:
        return _MADE[made.lower()]
    except KeyError:
        raise RowError("bad_value", f"made_sla is {shown(made)}; true or false is expected.") from None
