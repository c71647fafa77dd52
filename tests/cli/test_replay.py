"""`tocsin replay`: the same bytes every time, and no database."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.imports.logs import SERVICENOW_HEADER, log_writer, servicenow_row
from tocsin.domain import escalation

TECHNICAL = Path(escalation.__file__).parent / "examples" / "technical.yaml"


def replay(*arguments: object, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own, in which nothing has loaded Django or found a database."""
    command = [sys.executable, "-m", "tocsin", "replay", *map(str, arguments)]
    environment = {"PYTHONHASHSEED": seed, "COLUMNS": "160", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    def ticket(ref: str, closed: str, made: str) -> list[str]:
        rows = [
            {"incident_state": "New", "sys_updated_at": "1/3/2016 09:00"},
            {"incident_state": "Active", "sys_updated_at": "1/3/2016 10:00"},
            {"incident_state": "Closed", "sys_updated_at": closed, "made_sla": made},
        ]
        opened = {"number": ref, "opened_at": "1/3/2016 09:00"}
        return [servicenow_row(**opened, **row, sys_mod_count=str(n)) for n, row in enumerate(rows)]

    return log_writer(tmp_path)(
        SERVICENOW_HEADER,
        *ticket("INC1", "20/3/2016 09:00", "false"),
        *ticket("INC2", "2/3/2016 09:00", "true"),
        *ticket("INC3", "6/3/2016 09:00", "true"),
    )


def test_replay_reports_per_trigger_and_level(log: Path) -> None:
    done = replay("--log", log, "--format", "servicenow", "--policy", TECHNICAL, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["log"]["ended_badly"] == 1
    assert told["log"]["tickets"] == 3
    (policy,) = told["policies"]
    at_risk = next(trigger for trigger in policy["triggers"] if trigger["key"] == "resolution-at-risk")
    # 75 % of 93 h (213 h, less the 120 h until the desk closes) after the opening.
    assert (at_risk["fired"], at_risk["tickets"], at_risk["ended_badly_warned"], at_risk["ended_well"]) == (2, 2, 1, 1)
    assert at_risk["hours_before_the_end"] == {"median": 386.2, "p90": 386.2}
    assert policy["pages"] == sum(level["pages"] for level in policy["levels"])
    assert "stuck-at-first-line" in policy["not_in_this_log"]


def test_same_input_gives_the_same_bytes(log: Path) -> None:
    arguments = ("--log", log, "--format", "servicenow", "--policy", TECHNICAL, "--policy", TECHNICAL)
    for more in ((), ("--json",)):
        assert replay(*arguments, *more, seed="1").stdout == replay(*arguments, *more, seed="2").stdout


def test_versions_of_one_policy_are_told_apart(log: Path) -> None:
    done = replay("--log", log, "--policy", TECHNICAL, TECHNICAL, "--json")
    first, second = json.loads(done.stdout)["policies"]
    assert (first.pop("policy"), second.pop("policy")) == ("technical", "technical#2")
    assert first == second


def test_interrupted_replay_ends_cleanly(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("servicenow_incident_log.csv.gz")
    command = [sys.executable, "-u", "-m", "tocsin", "replay", "--log", str(path), "--policy", str(TECHNICAL)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        with pytest.raises(subprocess.TimeoutExpired):  # it takes longer than this
            running.wait(timeout=2)
        running.send_signal(signal.SIGINT)
        out, told = running.communicate(timeout=30)
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in told


def test_targets_and_answers_are_options(log: Path) -> None:
    arguments = ("--log", log, "--format", "servicenow", "--policy", TECHNICAL, "--json")
    generous = json.loads(replay(*arguments, "--targets", "3=90d", "--no-answers").stdout)
    assert generous["assumed"] == {
        "answers": "none",
        "targets": {"1": "8h", "2": "1d", "3": "90d", "4": "20d16h"},
        "close_after": "5d",
    }
    assert generous["policies"][0]["tickets"] == 0


def test_people_get_tables(log: Path) -> None:
    done = replay("--log", log, "--format", "servicenow", "--policy", TECHNICAL)
    assert "3 tickets, 9 events; 1 ended badly" in done.stdout
    assert "not replayed: no-update: the log holds no messages" in done.stdout


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--targets", "3=soon"], "priority=duration"),
        (["--close-after", "soon"], "is no duration"),
        (["--policy", "/nowhere.yaml"], "No such file"),
    ],
)
def test_refusals_say_the_remedy(log: Path, more: list[str], told: str) -> None:
    done = replay("--log", log, "--format", "servicenow", "--policy", TECHNICAL, *more)
    assert done.returncode == 2
    assert told in done.stderr


def test_wrong_policy_is_named_by_line(log: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("slug: x\nname: X\nlevels: []\n")
    done = replay("--log", log, "--format", "servicenow", "--policy", wrong, "--json")
    assert done.returncode == 2
    assert any(field.startswith("wrong.yaml:") for field in json.loads(done.stdout)["fields"])


def test_real_log_warns_of_most_broken_promises(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("servicenow_incident_log.csv.gz")
    done = replay("--log", path, "--format", "servicenow", "--policy", TECHNICAL, "--json")
    told = json.loads(done.stdout)
    assert (told["log"]["tickets"], told["log"]["ended_badly"]) == (15_744, 6_096)
    (policy,) = told["policies"]
    assert policy["ended_badly_warned_share"] > 0.6
    assert policy["ended_badly_warned_in_time"] <= policy["ended_badly_warned"] <= policy["tickets"]
