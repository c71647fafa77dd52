"""`tocsin import`: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.intake.imports.logs import SERVICENOW_HEADER, VOLVO_HEADER, WriteLog, log_writer, servicenow_row, volvo_case
from tocsin.cli.imports import app
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.imports.opening import EXAMPLE
from tocsin.kernel.errors import InvalidInput

WORK = ("Accepted", "In Progress")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def write_log(tmp_path: Path) -> WriteLog:
    return log_writer(tmp_path)


@pytest.fixture
def volvo_log(write_log: WriteLog) -> Path:
    rows = volvo_case((*WORK, "A", "L1"), (*WORK, "B", "L2"), (*WORK, "A", "L1"), ("Completed", "Closed", "A", "L1"))
    return write_log(VOLVO_HEADER, *rows, "1-37,not a date,Accepted,In Progress,A,L1,Low,P,fr,X,fr-X", packed=True)


COUNTS = {
    "tickets": 1, "events": 4, "highest_line": {"L1": 0, "L2": 1, "L3": 0}, "started_l1": 1, "escalated_after_l1": 1,
    "came_back": 1, "ping_pong": 1, "ping_pong_same_line": 0, "handovers": 2, "reopened": 0,
}  # fmt: skip


@pytest.mark.django_db
def test_summary_as_json_is_nothing_but_the_counts(volvo_log: Path) -> None:
    done = run("log", str(volvo_log), "--format", "volvo", "--summary", "--json")
    assert done.exit_code == 0
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout) == COUNTS
    assert "line 6: 'not a date' is no date" in done.stderr
    assert "1 rows left out (bad_date 1)" in done.stderr
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_json_says_what_was_done(volvo_log: Path) -> None:
    run("log", str(volvo_log), "--format", "volvo", "--json")
    told = json.loads(run("log", str(volvo_log), "--format", "volvo", "--json").stdout)
    assert told["imported"] == {"created": 0, "extended": 0, "unchanged": 1, "left": 0, "events": 0, "made": {}}
    assert (told["source"], told["rows_left_out"], told["summary"]) == ("volvo", 1, COUNTS)
    assert told["findings"][0]["line"] == 6


@pytest.mark.django_db
def test_people_get_a_table(volvo_log: Path) -> None:
    done = run("log", str(volvo_log), "--format", "volvo")
    assert "ping pong same line" in done.stdout
    assert "1 tickets imported, 0 extended, 0 unchanged" in done.stdout


def test_dry_run_needs_no_database_and_writes_nothing(volvo_log: Path) -> None:
    # Without the django_db mark any query is an error.
    done = run("log", str(volvo_log), "--format", "volvo", "--dry-run", "--json")
    assert json.loads(done.stdout)["imported"] is None
    assert (
        json.loads(run("log", str(volvo_log), "--format", "volvo", "--dry-run", "--summary", "--json").stdout) == COUNTS
    )


def test_header_tells_the_format(volvo_log: Path, write_log: WriteLog) -> None:
    assert json.loads(run("log", str(volvo_log), "--dry-run", "--summary", "--json").stdout) == COUNTS
    unknown = write_log("a,b", "1,2", name="unknown.csv")
    done = run("log", str(unknown), "--dry-run")
    assert isinstance(done.exception, InvalidInput)
    assert "does not tell what it is" in done.exception.message


def test_strict_ends_with_1_if_a_row_was_left_out(volvo_log: Path, write_log: WriteLog) -> None:
    arguments = ("--dry-run", "--strict", "--json")
    assert run("log", str(volvo_log), "--format", "volvo", *arguments).exit_code == 1
    clean = write_log(SERVICENOW_HEADER, servicenow_row(), name="clean.csv")
    assert run("log", str(clean), "--format", "servicenow", *arguments).exit_code == 0


def test_all_findings_are_written_to_a_file(write_log: WriteLog, tmp_path: Path) -> None:
    path = write_log(SERVICENOW_HEADER, *(servicenow_row(sys_updated_at="never") for _ in range(60)))
    into = tmp_path / "findings.csv"
    done = run("log", str(path), "--format", "servicenow", "--dry-run", "--findings", str(into))
    assert "and 20 more findings" in done.stderr
    lines = into.read_text().splitlines()
    assert len(lines) == 61
    assert lines[1] == "2,yes,bad_date,'never' is no date as d/m/yyyy hh:mm."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--format", "volvo"], "has no column SR Number"),
        (["--format", "jira"], "no format 'jira'"),
        (["--format", "csv"], "needs --mapping"),
        (["--format", "servicenow", "--zone", "Mars/Base"], "no time zone"),
    ],
)
def test_refusals_say_the_remedy(write_log: WriteLog, arguments: list[str], told: str) -> None:
    done = run("log", str(write_log(SERVICENOW_HEADER, servicenow_row())), *arguments, "--dry-run")
    assert isinstance(done.exception, InvalidInput)
    assert told in done.exception.message


def test_example_prints_a_mapping_to_begin_with() -> None:
    assert run("example").stdout == EXAMPLE.read_text()
