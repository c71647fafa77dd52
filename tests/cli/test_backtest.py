"""`tocsin backtest`: over a log without a database, over own tickets, and what bad input is answered."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.intake.imports.logs import SERVICENOW_HEADER, log_writer, servicenow_row
from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk
from tocsin.cli.backtest import backtest
from tocsin.domain.escalation import publishing
from tocsin.domain.notify.models import Page
from tocsin.kernel.errors import InvalidInput, NotFound

POLICY = """
slug: watch
name: Watch
type: technical
reason: sla_at_risk
direction: functional
triggers: [{key: waits, kind: KIND}]
levels: [{targets: [team_lead]}]
"""
command = typer.Typer()
command.command()(backtest)


def policy(folder: Path, name: str, kind: str) -> Path:
    file = folder / name
    file.write_text(POLICY.replace("KIND", kind))
    return file


def over(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own, in which nothing has loaded Django or found a database."""
    line = [sys.executable, "-m", "tocsin", "backtest", *map(str, arguments), "--json"]
    environment = {
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "COLUMNS": "160",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    }
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, env=environment)


def test_over_a_log_a_share_of_the_clock_that_comes_earlier_fires_earlier(tmp_path: Path) -> None:
    rows = [
        servicenow_row(
            number="INC1", opened_at="1/3/2016 09:00", incident_state=state, sys_updated_at=at, sys_mod_count=str(n)
        )
        for n, (state, at) in enumerate((("New", "1/3/2016 09:00"), ("Active", "1/3/2016 10:00"), ("Closed", "7/3/2016 09:00")))
    ]  # fmt: skip
    log = log_writer(tmp_path)(SERVICENOW_HEADER, *rows)
    late = policy(tmp_path, "late.yaml", "clock_at, clock: resolution, percent: 100%")
    early = policy(tmp_path, "early.yaml", "clock_at, clock: resolution, percent: 25%")
    same = over("--log", log, "--format", "servicenow", "--policy", early, "--policy", early)
    assert (same.returncode, same.stderr) == (0, "")
    difference = json.loads(same.stdout)["tally"]["difference"]
    assert difference["tickets"] == {"same": 1}
    assert not any(difference[way]["people"] for way in ("added", "avoided"))
    other = json.loads(over("--log", log, "--format", "servicenow", "--policy", late, "--policy", early).stdout)
    assert other["tally"]["difference"]["tickets"] == {"changed": 1}  # by both, at other times


def test_bad_input_ends_with_two_and_names_the_remedy(tmp_path: Path) -> None:
    file = policy(tmp_path, "one.yaml", "unassigned_for, after: 30m")
    for arguments, field in (
        ((), None),
        (("--policy", tmp_path / "none.yaml"), "policy"),
        (("--policy", file, "--log", file), "policy"),
        (("--policy", file, "--answers", "maybe"), "answers"),
        (("--policy", file, "--whose", "theirs"), "whose"),
        (("--policy", file, "--policy", file, "--log", file, "--answers", "recorded"), "answers"),
    ):
        done = over(*arguments)
        assert done.returncode == 2, arguments
        told = json.loads(done.stdout)
        assert told["message"].endswith("."), told
        assert field is None or field in told["fields"], told
    assert over("--policy", file, "--days", "0").returncode == 2


def test_over_own_tickets_it_compares_with_the_live_version_and_pages_nobody(desk: Desk, tmp_path: Path) -> None:
    text = POLICY.replace("KIND", "unassigned_for, after: 60m")
    publishing.apply(documents=[("watch.yaml", text)], by="system", now=desk.now)
    pages = Page.objects.count()
    found = _own(policy(tmp_path, "same.yaml", "unassigned_for, after: 60m"), "--days", "3650")
    assert (found["policy"], found["tickets"]) == ("watch", [])
    assert found["figures"]["different"] == 0
    later = _own(policy(tmp_path, "later.yaml", "unassigned_for, after: 90d"), "--days", "3650")
    assert later["figures"]["different"] == len(later["tickets"])
    assert Page.objects.count() == pages
    with pytest.raises(NotFound):
        _own(policy(tmp_path, "x.yaml", "unassigned_for, after: 60m"), "--slug", "never-was")
    with pytest.raises(InvalidInput):
        _own(policy(tmp_path, "x.yaml", "unassigned_for, after: 60m"), "--answers", "maybe")


def _own(file: Path, *arguments: str) -> Any:
    done = CliRunner().invoke(command, ["--policy", str(file), "--json", *arguments])
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout)
