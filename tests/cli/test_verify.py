"""`tocsin verify`: what it prints, and its exit status."""

import json
from datetime import datetime

import pytest
import typer
from django.db import connection, transaction
from typer.testing import CliRunner

from tocsin.cli.verify import verify
from tocsin.domain.journal import queries
from tocsin.domain.journal.actions import checkpoint, record

pytestmark = pytest.mark.django_db(transaction=True)

command = typer.Typer()
command.command()(verify)


@pytest.fixture
def journal(now: datetime) -> None:
    with transaction.atomic():
        for step in range(3):
            record(stream="ticket:a", kind="test.step", actor="system", at=now, data={"step": step})
    checkpoint(now=now)


def tamper() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER journal_entry_no_change")
        cursor.execute("UPDATE journal_entry SET actor = 'engine' WHERE position = 2")
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER journal_entry_no_change")


def test_a_whole_journal(journal: None) -> None:
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert "The journal is whole: 4 entries in 2 chains, 1 checkpoints." in result.stdout
    assert "Anchor to keep elsewhere: " in result.stdout


def test_a_tampered_journal(journal: None) -> None:
    tamper()
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 1
    assert "ticket:a entry 2 was changed" in result.stdout


def test_json_and_nothing_else_is_printed_for_programs(journal: None) -> None:
    told = json.loads(CliRunner().invoke(command, ["--json"]).stdout)
    assert (told["whole"], told["entries"], told["streams"], told["problems"]) == (True, 4, 2, [])
    tamper()
    result = CliRunner().invoke(command, ["--json", "--anchor", told["anchor"]])
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["problems"]) == 1


def test_an_anchor_that_is_not_there(journal: None) -> None:
    result = CliRunner().invoke(command, ["--anchor", "9:ab"])
    assert result.exit_code == 1
    assert "checkpoint 9 of the given anchor is missing" in result.stdout


def test_an_interruption_ends_it_and_the_next_run_is_whole(journal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(queries, "_verify_checkpoints", lambda *_: interrupt(None))
        interrupted = CliRunner().invoke(command, [])
    assert interrupted.exit_code == 130
    assert CliRunner().invoke(command, []).exit_code == 0
