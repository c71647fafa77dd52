"""Volvo IT's incident log."""

from datetime import UTC, datetime

import pytest

from tests.intake.imports.logs import VOLVO_HEADER, WriteLog, findings, refs, taken, volvo_row
from tocsin.intake.imports.volvo import STATUSES, volvo


def test_row_becomes_an_event(write_log: WriteLog) -> None:
    found, problems = taken(write_log(VOLVO_HEADER, volvo_row()), volvo())
    event = found[0].events[0]
    assert problems.found == []
    assert event.at == datetime(2010, 3, 31, 14, 59, 42, tzinfo=UTC)
    assert (event.status, event.priority, event.impact) == ("open", 3, 2)
    assert (event.team, event.line, event.owner, event.by) == ("V30", "L1", "fr-Frederic", "fr-Frederic")
    assert event.service == "PROD582"


@pytest.mark.parametrize(("words", "status"), STATUSES.items())
def test_states_are_mapped(write_log: WriteLog, words: tuple[str, str], status: str | None) -> None:
    found, problems = taken(write_log(VOLVO_HEADER, volvo_row(status=words[0], sub=words[1])), volvo())
    assert found[0].events[0].status == status
    assert problems.found == []


def test_queue_has_no_owner_and_completing_leaves_the_owner(write_log: WriteLog) -> None:
    rows = [volvo_row(ref=str(n), status=status) for n, status in enumerate(("Queued", "Completed", "Accepted"))]
    found, _ = taken(write_log(VOLVO_HEADER, *rows), volvo())
    assert [case.events[0].owner for case in found] == ["", None, "fr-Frederic"]


@pytest.mark.parametrize("resource", ["se-Siebel", "se-0", "?"])
def test_machine_is_nobody(write_log: WriteLog, resource: str) -> None:
    event = taken(write_log(VOLVO_HEADER, volvo_row(resource=resource)), volvo())[0][0].events[0]
    assert (event.owner, event.by) == (None, "")


@pytest.mark.parametrize(("level", "line"), [("L1", "L1"), ("L2", "L2"), ("L3", "L3"), ("L2/L3", "L2")])
def test_level_is_the_line(write_log: WriteLog, level: str, line: str) -> None:
    event = taken(write_log(VOLVO_HEADER, volvo_row(level=level)), volvo())[0][0].events[0]
    assert event.line == line


@pytest.mark.parametrize(("team", "line"), [("V30", "L1"), ("G97 2nd", "L2"), ("V5 3rd", "L3")])
def test_without_a_level_the_teams_name_tells_the_line(write_log: WriteLog, team: str, line: str) -> None:
    header = VOLVO_HEADER.replace(",ST Level", "")
    row = volvo_row(team=team).replace(",L1,", ",")
    assert taken(write_log(header, row), volvo())[0][0].events[0].line == line


def test_unknown_sub_status_is_read_by_its_status_and_noted(write_log: WriteLog) -> None:
    found, problems = taken(write_log(VOLVO_HEADER, volvo_row(sub="Wait - Godot")), volvo())
    assert found[0].events[0].status == "open"
    assert findings(problems) == [(2, "unknown_state", False)]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("missing_id", {"ref": ""}),
        ("bad_date", {"at": "31.3.2010"}),
        ("bad_date", {"at": ""}),
        ("unknown_state", {"status": "Lost"}),
        ("unknown_level", {"level": "L9"}),
        ("bad_value", {"impact": "Huge"}),
        ("too_long", {"team": "V" * 111}),
    ],
)
def test_broken_row_is_reported_with_its_line_and_the_rest_is_read(
    write_log: WriteLog, kind: str, changes: dict[str, str]
) -> None:
    found, problems = taken(write_log(VOLVO_HEADER, volvo_row(**changes), volvo_row(ref="1-37")), volvo())
    assert findings(problems) == [(2, kind, True)]
    assert refs(found) == ["1-37"]
