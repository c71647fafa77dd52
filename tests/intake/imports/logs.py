"""Small logs made by hand: the shapes of the real ones, a handful of rows each."""

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

from tocsin.intake.imports.events import Case, cases
from tocsin.intake.imports.formats import LogFormat, read
from tocsin.intake.imports.problems import Problems

type WriteLog = Callable[..., Path]

SERVICENOW_HEADER = (
    "number,incident_state,active,reassignment_count,reopen_count,sys_mod_count,made_sla,opened_at,sys_updated_by,"
    "sys_updated_at,contact_type,category,subcategory,cmdb_ci,impact,urgency,priority,assignment_group,assigned_to,"
    "closed_code,resolved_by,resolved_at,closed_at"
)
VOLVO_HEADER = (
    "SR Number,Change Date+Time,Status,Sub Status,Involved ST,ST Level,SR Latest Impact,Product,Country,"
    "Owner First Name,Resource"
)


def servicenow_row(**changes: str) -> str:
    """Return one row; `changes` are by column name."""
    values = {
        "number": "INC1", "incident_state": "New", "active": "true", "reassignment_count": "0", "reopen_count": "0",
        "sys_mod_count": "0", "made_sla": "true", "opened_at": "29/2/2016 01:16", "sys_updated_by": "Updated by 21",
        "sys_updated_at": "29/2/2016 01:23", "contact_type": "Phone", "category": "Category 55",
        "subcategory": "Subcategory 170", "cmdb_ci": "?", "impact": "2 - Medium", "urgency": "2 - Medium",
        "priority": "3 - Moderate", "assignment_group": "Group 56", "assigned_to": "?", "closed_code": "code 5",
        "resolved_by": "Resolved by 149", "resolved_at": "29/2/2016 11:29", "closed_at": "5/3/2016 12:00",
    }  # fmt: skip
    unknown = set(changes) - set(values)
    assert not unknown, unknown
    return ",".join((values | changes).values())


def volvo_row(**changes: str) -> str:
    """Return one row; `changes` are ref, at, status, sub, team, level, impact, product, country, first, resource."""
    values = {
        "ref": "1-36", "at": "2010-03-31T15:59:42+01:00", "status": "Accepted", "sub": "In Progress", "team": "V30",
        "level": "L1", "impact": "Medium", "product": "PROD582", "country": "fr", "first": "Frederic",
        "resource": "fr-Frederic",
    }  # fmt: skip
    unknown = set(changes) - set(values)
    assert not unknown, unknown
    return ",".join((values | changes).values())


def volvo_case(*moves: tuple[str, str, str, str], ref: str = "1-36") -> list[str]:
    """Return rows one minute apart; each move is (status, sub status, team, level)."""
    return [
        volvo_row(ref=ref, at=f"2010-03-31T15:{minute:02}:00+01:00", status=status, sub=sub, team=team, level=level)
        for minute, (status, sub, team, level) in enumerate(moves)
    ]


def log_writer(folder: Path) -> WriteLog:
    """Return a function that writes lines as a file: `write(header, *rows, packed=True, encoding=..., name=...)`."""

    def write(*lines: str, packed: bool = False, encoding: str = "utf-8", name: str = "log.csv") -> Path:
        data = ("\n".join(lines) + "\n").encode(encoding)
        path = folder / (name + ".gz" if packed else name)
        path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
        return path

    return write


def taken(path: Path, form: LogFormat) -> tuple[list[Case], Problems]:
    """Read a log and return its cases and what was wrong with it."""
    problems = Problems()
    return cases(read(path, form, problems)), problems


def findings(problems: Problems) -> list[tuple[int, str, bool]]:
    """Return (line, kind, whether the row was left out) of each finding, in order of lines."""
    return [(problem.line, problem.kind, problem.broken) for problem in problems.in_order]


def refs(found: Sequence[Case]) -> list[str]:
    return [case.ref for case in found]
