"""ServiceNow's audit log."""

from datetime import UTC, datetime

import pytest

from tests.intake.imports.logs import SERVICENOW_HEADER, WriteLog, findings, refs, servicenow_row, taken
from tocsin.intake.imports.servicenow import STATUSES, servicenow
from tocsin.kernel.errors import InvalidInput


def test_row_becomes_an_event(write_log: WriteLog) -> None:
    found, problems = taken(write_log(SERVICENOW_HEADER, servicenow_row(assigned_to="Resolver 89")), servicenow())
    event = found[0].events[0]
    assert problems.found == []
    assert (event.ref, event.line_number, event.sequence) == ("INC1", 2, 0)
    assert event.at == datetime(2016, 2, 29, 1, 23, tzinfo=UTC)
    assert event.opened_at == datetime(2016, 2, 29, 1, 16, tzinfo=UTC)
    assert (event.status, event.priority, event.impact, event.urgency) == ("new", 3, 2, 2)
    assert (event.team, event.owner, event.by) == ("Group 56", "Resolver 89", "Updated by 21")
    assert (event.service, event.category, event.item) == ("Category 55", "Subcategory 170", "")
    assert (event.channel, event.missed) == ("phone", False)


def test_question_mark_is_missing(write_log: WriteLog) -> None:
    row = servicenow_row(assignment_group="?", assigned_to="?", impact="?", priority="?", opened_at="?")
    event = taken(write_log(SERVICENOW_HEADER, row), servicenow())[0][0].events[0]
    assert (event.team, event.owner, event.impact, event.priority, event.opened_at) == (None, "", None, None, None)


@pytest.mark.parametrize(("state", "status"), [*STATUSES.items(), ("-100", None)])
def test_states_are_mapped(write_log: WriteLog, state: str, status: str | None) -> None:
    found, problems = taken(write_log(SERVICENOW_HEADER, servicenow_row(incident_state=state)), servicenow())
    assert found[0].events[0].status == status
    assert findings(problems) == ([(2, "unknown_state", False)] if state == "-100" else [])


def test_zone_says_where_the_clock_hangs(write_log: WriteLog) -> None:
    path = write_log(SERVICENOW_HEADER, servicenow_row(sys_updated_at="1/7/2016 09:00"))
    assert taken(path, servicenow("Europe/Prague"))[0][0].events[0].at == datetime(2016, 7, 1, 7, 0, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="Europe/Nowhere"):
        servicenow("Europe/Nowhere")


def test_events_are_ordered_by_the_desks_own_count(write_log: WriteLog) -> None:
    rows = [servicenow_row(sys_mod_count=count, sys_updated_by=f"u{count}") for count in ("2", "10", "0")]
    found, _ = taken(write_log(SERVICENOW_HEADER, *rows), servicenow())
    assert [event.by for event in found[0].events] == ["u0", "u2", "u10"]


def test_columns_that_are_filled_in_afterwards_are_never_read(write_log: WriteLog) -> None:
    later = {"closed_code": "code 9", "resolved_by": "x", "resolved_at": "no date at all", "closed_at": "?"}
    first, _ = taken(write_log(SERVICENOW_HEADER, servicenow_row()), servicenow())
    second, problems = taken(write_log(SERVICENOW_HEADER, servicenow_row(**later)), servicenow())
    assert first == second
    assert problems.found == []


BROKEN = {
    "missing_id": {"number": "?"},
    "bad_date": {"sys_updated_at": "31/2/2016 10:00"},
    "unknown_state": {"incident_state": "Banana"},
    "bad_value": {"priority": "7 - Odd"},
    "too_long": {"assignment_group": "G" * 200},
    "bad_character": {"assigned_to": "a\x00b"},
}
ALSO_BROKEN = [
    ("bad_date", {"sys_updated_at": "2016-02-29 10:00"}),
    ("bad_date", {"sys_updated_at": "29/2/0016 10:00"}),
    ("bad_date", {"sys_updated_at": "?"}),
    ("bad_date", {"opened_at": "yesterday"}),
    ("missing_id", {"number": ""}),
    ("bad_value", {"sys_mod_count": "?"}),
    ("bad_value", {"reassignment_count": "-1"}),
    ("bad_value", {"made_sla": "perhaps"}),
    ("too_long", {"number": "I" * 101}),
]


@pytest.mark.parametrize(("kind", "changes"), [*BROKEN.items(), *ALSO_BROKEN])
def test_broken_row_is_reported_with_its_line_and_the_rest_is_read(
    write_log: WriteLog, kind: str, changes: dict[str, str]
) -> None:
    path = write_log(
        SERVICENOW_HEADER, servicenow_row(), servicenow_row(**changes), servicenow_row(number="INC2"), packed=True
    )
    found, problems = taken(path, servicenow())
    assert findings(problems) == [(3, kind, True)]
    assert refs(found) == ["INC1", "INC2"]


@pytest.mark.parametrize(("row", "told"), [("INC1,New", "too few"), (servicenow_row() + ",more", "too many")])
def test_row_of_another_width_is_reported(write_log: WriteLog, row: str, told: str) -> None:
    found, problems = taken(write_log(SERVICENOW_HEADER, row, servicenow_row()), servicenow())
    assert findings(problems) == [(2, "columns", True)]
    assert told in problems.found[0].reason
    assert refs(found) == ["INC1"]


def test_long_values_are_shortened_in_messages(write_log: WriteLog) -> None:
    _, problems = taken(write_log(SERVICENOW_HEADER, servicenow_row(incident_state="x" * 5_000)), servicenow())
    assert len(problems.found[0].reason) < 250


def test_log_of_another_kind_is_refused(write_log: WriteLog) -> None:
    with pytest.raises(InvalidInput, match="Is it a servicenow log") as refused:
        taken(write_log("Case ID,Activity", "1,x"), servicenow())
    assert "number" in refused.value.fields


def test_empty_file_is_refused(write_log: WriteLog) -> None:
    path = write_log("")
    path.write_bytes(b"")
    with pytest.raises(InvalidInput, match="is empty"):
        taken(path, servicenow())
