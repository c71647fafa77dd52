"""`tocsin problems scan`: what repeated in another desk's log, without importing it."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.intake.imports.logs import SERVICENOW_HEADER, log_writer, servicenow_row
from tocsin.cli.problems import app


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """30 weeks of eight categories with two tickets a week each; ten a week of one in the last four."""
    rows, first = [], date(2016, 1, 4)
    for week in range(30):
        for category, at in [(one, at) for one in range(8) for at in range(10 if week >= 26 and one == 7 else 2)]:
            day = first + timedelta(weeks=week, days=at * 3 % 7)
            written = f"{day.day}/{day.month}/{day.year} 09:00"
            rows.append(
                servicenow_row(
                    number=f"INC{len(rows)}", opened_at=written, sys_updated_at=written, category=f"Category {category}"
                )
            )
    return log_writer(tmp_path)(SERVICENOW_HEADER, *rows)


def test_a_log_is_scanned_and_its_repeats_are_listed_with_rates_and_p(log: Path) -> None:
    told = CliRunner().invoke(app, ["scan", str(log), "--json", "--check"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["tickets"], found["first"], found["found_when_shuffled"]) == (512, "2016-01-04", 0)
    category = next(one for one in found["found"] if one["series"] == "tickets&service=Category 7")
    assert category["ratio"] > 3
    assert category["adjusted"] <= 0.05
    shown = CliRunner().invoke(app, ["scan", str(log)])
    assert "Tickets: Category 7: " in shown.stdout
    assert "p=" in shown.stdout


def test_what_is_no_log_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "x.xes"
    path.write_text("nothing")
    refused = CliRunner().invoke(app, ["scan", str(path)])
    assert refused.exit_code != 0
    assert "is no XES log" in str(refused.exception)
