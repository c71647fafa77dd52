"""`tocsin oncall` on a real database."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from typer.testing import CliRunner, Result

from tocsin.cli.oncall import app
from tocsin.domain.oncall import actions
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind
from tocsin.domain.oncall.models import Shift
from tocsin.domain.people.models import User
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import InvalidInput, NotFound

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@pytest.fixture
def ana(db: None) -> User:
    """Ana and Ben take weeks in turns from 2 March 2026 on, Monday 09:00 UTC."""
    ana = User.objects.create(email="ana@example.org", name="Ana", role="agent")
    ben = User.objects.create(email="ben@example.org", name="Ben", role="agent")
    weeks = Rotation(
        RotationKind.WEEKLY, ((str(ana.pk),), (str(ben.pk),)), MONDAY + timedelta(hours=9), handover=time(9)
    )
    actions.create_schedule(
        name="Network", slug="network", zone="UTC", by=None, now=MONDAY, layers=[Layer("Weeks", (weeks,))]
    )
    return ana


def test_who_says_names_and_reasons(ana):
    done = run("who", "network", "--at", "2026-03-10T10:00+01:00", "--json")
    (told,) = json.loads(done.stdout)
    assert done.exit_code == 0
    assert [(person["name"], person["why"]) for person in told["people"]] == [
        ("Ben", "on call in Network: weekly rotation until 2026-03-16 09:00 UTC")
    ]
    assert "Ana: on call in Network" in run("who", "--at", "2026-03-03").stdout


def test_nobody_on_call_is_a_finding(ana):
    done = run("who", "--at", "2026-03-02T08:00")
    assert (done.exit_code, "nobody is on call" in done.stdout) == (1, True)


def test_a_schedule_or_time_that_is_none_is_refused(ana):
    with pytest.raises(NotFound):
        run("who", "netwrok")
    with pytest.raises(InvalidInput):
        run("who", "--at", "yesterday")


def test_shifts_are_imported_after_a_dry_run_that_changes_nothing(ana, tmp_path: Path):
    day = (database_now(connection) + timedelta(days=2)).strftime("%Y%m%d")
    file = tmp_path / "duty.ics"
    file.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        f"DTSTART:{day}T080000Z\r\nDTEND:{day}T180000Z\r\nSUMMARY:Ana\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert "1 shifts would be in Network." in run("import", "network", str(file), "--dry-run").stdout
    assert not Shift.objects.exists()
    told = json.loads(run("import", "network", str(file), "--json").stdout)
    assert (told["shifts"], told["unknown"]) == (1, [])
    assert Shift.objects.get().person == ana
    with pytest.raises(InvalidInput):
        run("import", "network", str(tmp_path / "none.ics"))


def test_a_feed_is_made_and_answers(ana):
    address = run("feed", "ana@example.org", "--schedule", "network").stdout.splitlines()[0]
    assert Client().get("/calendars/" + address.rpartition("/")[2]).status_code == 200
    with pytest.raises(NotFound):
        run("feed", "nobody@example.org")
