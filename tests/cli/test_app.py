"""The `tocsin` command: quick, lazy, and clean when it refuses."""

import importlib
import json
import os
import signal
import subprocess
import sys

import pytest
import typer

from tocsin.cli import app
from tocsin.kernel.errors import InvalidInput


def tocsin(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own; `code` runs before it."""
    script = f"{code}\nfrom tocsin.cli.app import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "120", **environment},
    )


def test_help_lists_every_command_without_django_and_without_a_database() -> None:
    probe = "import atexit, sys; atexit.register(lambda: print('django' in sys.modules))"
    done = tocsin("--help", code=probe, DATABASE_URL="postgres://nobody@127.0.0.1:9/none")
    assert done.returncode == 0
    assert all(name in done.stdout for name in app.COMMANDS)
    assert done.stdout.strip().endswith("False")


def test_version() -> None:
    done = tocsin("--version")
    assert (done.returncode, done.stdout) == (0, "tocsin 0.1.0\n")


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_of_the_table_exists(name: str) -> None:
    command = app.COMMANDS[name]
    found = getattr(importlib.import_module(command.module), command.attribute)
    assert isinstance(found, typer.Typer) or callable(found)


EXPLAINED = {name: command for name, command in app.COMMANDS.items() if not command.passes_all}


@pytest.mark.parametrize("name", [name for name, command in EXPLAINED.items() if not command.needs_django])
def test_every_command_that_loads_django_itself_explains_itself(name: str) -> None:
    done = tocsin(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"tocsin {name}" in done.stdout


@pytest.mark.parametrize("name", [name for name, command in EXPLAINED.items() if command.needs_django])
def test_every_other_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In this process: for these the outer command has loaded Django before theirs is imported, as here."""
    with pytest.raises(SystemExit) as ended:
        app.main([name, "--help"])
    assert ended.value.code == 0
    assert f"tocsin {name}" in capsys.readouterr().out


def test_unknown_command_is_refused() -> None:
    done = tocsin("esclate")
    assert done.returncode == 2
    assert "No such command" in done.stderr


def test_refusal_is_a_message_for_people() -> None:
    done = tocsin("postgres", "status", TOCSIN_STATE="/nonexistent/state")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("There is no embedded server in /nonexistent/state")
    assert "Traceback" not in done.stderr


def test_refusal_is_json_for_programs() -> None:
    done = tocsin("postgres", "status", "--json", TOCSIN_STATE="/nonexistent/state")
    assert done.returncode == 2
    assert json.loads(done.stdout)["code"] == "no_embedded_server"
    assert done.stderr == ""


def test_refusal_names_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    app.report(InvalidInput("bad", "This will not do.", {"port": "taken"}), as_json=False)
    assert capsys.readouterr().err == "This will not do.\n  port: taken\n"


def test_database_that_does_not_answer_is_a_refusal() -> None:
    done = tocsin("migrate", DATABASE_URL="postgres://nobody@127.0.0.1:9/none")
    assert done.returncode == 2
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_defects_keep_their_traceback() -> None:
    done = tocsin(
        "postgres", "status", code="from tocsin.config import postgres\npostgres.recorded = lambda state: 1 / 0"
    )
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_interrupt_ends_cleanly() -> None:
    code = "from tocsin.config import postgres\nimport time\n"
    code += "def wait(state):\n    print('waiting', flush=True)\n    time.sleep(60)\npostgres.recorded = wait\n"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nfrom tocsin.cli.app import main\nmain()", "postgres", "status"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.strip() == "Interrupted."
