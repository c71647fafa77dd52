"""Mapping files, and what they make of a table."""

from datetime import UTC, datetime

import pytest

from tests.intake.imports.logs import WriteLog, findings, refs, taken
from tocsin.intake.imports import mapping
from tocsin.intake.imports.generic import generic
from tocsin.intake.imports.opening import EXAMPLE, format_of
from tocsin.kernel.errors import InvalidInput

SMALL = """
source: desk
dates: "%d.%m.%Y %H:%M"
zone: Europe/Prague
delimiter: ";"
missing: ["", "-"]
columns:
  ref: Ticket
  at: When
  state: State
  priority: Prio
  team: {column: Group, prefix: "Group "}
  line: Level
  owner: Who
  by: Who
  missed: Kept
statuses: {Neu: new, Offen: open, Fertig: closed, Notiz: keep}
unowned: [Neu]
priorities: {A: 1, B: 2}
lines: {one: L1, two: L2}
missed: ["no"]
"""
HEADER = "Ticket;When;State;Prio;Group;Level;Who;Kept"


def test_row_is_read_as_the_mapping_says(write_log: WriteLog) -> None:
    path = write_log(
        HEADER,
        "1;01.07.2016 12:00;Offen;B;7;two;Eva;no",
        "2;01.07.2016 12:01;Neu;-;-;-;Eva;-",
        "3;1.7.2016 12:02;Notiz;A;7;one;-;yes",
    )
    found, problems = taken(path, generic(mapping.load(SMALL)))
    one, two, three = (case.events[0] for case in found)
    assert problems.found == []
    assert one.at == datetime(2016, 7, 1, 10, 0, tzinfo=UTC)
    assert (one.status, one.priority, one.team, one.line, one.owner, one.missed) == (
        "open", 2, "Group 7", "L2", "Eva", True,
    )  # fmt: skip
    assert (two.status, two.priority, two.team, two.line, two.owner, two.missed) == ("new", None, None, None, "", False)
    assert (three.status, three.priority, three.owner) == (None, 1, "")


def test_zone_of_the_command_line_wins(write_log: WriteLog) -> None:
    path = write_log(HEADER, "1;01.07.2016 12:00;Offen;B;7;two;Eva;no")
    found, _ = taken(path, generic(mapping.load(SMALL), "UTC"))
    assert found[0].events[0].at == datetime(2016, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("missing_id", "-;01.07.2016 12:00;Offen;B;7;two;Eva;no"),
        ("bad_date", "1;2016-07-01;Offen;B;7;two;Eva;no"),
        ("unknown_state", "1;01.07.2016 12:00;Weg;B;7;two;Eva;no"),
        ("bad_value", "1;01.07.2016 12:00;Offen;Z;7;two;Eva;no"),
        ("unknown_level", "1;01.07.2016 12:00;Offen;B;7;nine;Eva;no"),
        ("columns", "1;01.07.2016 12:00"),
        ("too_long", f"1;01.07.2016 12:00;Offen;B;7;two;{'E' * 120};no"),
    ],
)
def test_broken_row_is_reported_and_the_rest_is_read(write_log: WriteLog, kind: str, row: str) -> None:
    found, problems = taken(
        write_log(HEADER, row, "2;01.07.2016 12:00;Offen;B;7;two;Eva;no"), generic(mapping.load(SMALL))
    )
    assert findings(problems) == [(2, kind, True)]
    assert refs(found) == ["2"]


def test_other_states_may_be_kept(write_log: WriteLog) -> None:
    path = write_log(HEADER, "1;01.07.2016 12:00;Weg;B;7;two;Eva;no")
    found, problems = taken(path, generic(mapping.load(SMALL + "other_states: keep\n")))
    assert found[0].events[0].status is None
    assert findings(problems) == [(2, "unknown_state", False)]


def test_column_that_the_file_has_not_is_named(write_log: WriteLog) -> None:
    with pytest.raises(InvalidInput, match="Level"):
        taken(write_log(HEADER.replace("Level", "Ebene"), ""), generic(mapping.load(SMALL)))


WRONG = [
    ("source: desk\ndates: iso\n", "columns", "missing"),
    ("dates: iso\ncolumns: {ref: A, at: B}\n", "source", "missing"),
    ("source: volvo\ndates: iso\ncolumns: {ref: A, at: B}\n", "source (line 1)", "small letters"),
    ("source: My Desk\ndates: iso\ncolumns: {ref: A, at: B}\n", "source (line 1)", "small letters"),
    ("source: desk\ndates: whenever\ncolumns: {ref: A, at: B}\n", "dates (line 2)", "strptime"),
    ("source: desk\ndates: iso\nzone: Mars/Base\ncolumns: {ref: A, at: B}\n", "zone (line 3)", "IANA"),
    ("source: desk\ndates: iso\ncolumns: {ref: A}\n", "columns (line 3)", "at must be there"),
    ("source: desk\ndates: iso\ncolumns: {ref: A, at: B, foo: C}\n", "columns.foo (line 3)", "Known are"),
    ("source: desk\ndates: iso\ncolumns: {ref: A, at: B, at: C}\n", "columns.at (line 3)", "twice"),
    ("source: desk\ndates: iso\ncolumns: {ref: A, at: B, state: C}\n", "statuses", "missing"),
    ("source: desk\ndates: iso\ncolumns: {ref: A, at: B, missed: C}\n", "missed", "missing"),
    (
        "source: desk\ndates: iso\ncolumns: {ref: A, at: B, state: C}\nstatuses: {Done: finished}\n",
        "statuses.Done (line 4)",
        "Choose one of",
    ),
    ("source: desk\ndates: iso\ncolumns: {ref: A, at: B}\npriorities: {X: 9}\n", "priorities.X (line 4)", "1, 2, 3, 4"),
    ("source: desk\ndates: iso\ncolumns: {ref: A, at: B}\ndelimiter: ';;'\n", "delimiter (line 4)", "One character"),
    ("source: desk\ndates: iso\ncolumns: {ref: A, at: {prefix: x}}\n", "columns.at (line 3)", "`column` is missing"),
    ("source: desk\ndates: iso\nspeed: 3\ncolumns: {ref: A, at: B}\n", "file.speed (line 3)", "Known are"),
]


@pytest.mark.parametrize(("text", "field", "remedy"), WRONG)
def test_wrong_mapping_names_the_field_and_the_remedy(text: str, field: str, remedy: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        mapping.load(text)
    assert remedy in refused.value.fields[field]


def test_every_error_is_named_at_once() -> None:
    with pytest.raises(InvalidInput, match="and 2 more") as refused:
        mapping.load("source: volvo\ndates: whenever\ncolumns: {ref: A}\n")
    assert list(refused.value.fields) == ["source (line 1)", "dates (line 2)", "columns (line 3)"]


def test_what_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidInput, match=r"desk\.yaml, line 2"):
        mapping.load("source: desk\n  dates: : x\n", filename="desk.yaml")


def test_example_that_is_shipped_is_right() -> None:
    assert mapping.load(EXAMPLE.read_text()).source == "italian-help-desk"


def test_format_and_mapping_belong_together() -> None:
    for name, path, told in (
        ("csv", None, "needs --mapping"),
        ("volvo", EXAMPLE, "takes no --mapping"),
        ("jira", None, "Use one of"),
    ):
        with pytest.raises(InvalidInput, match=told):
            format_of(name, mapping=path)
