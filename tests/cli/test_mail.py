"""`tocsin mail import` and `check`: mails from files, and what is wrong with the set-up."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.intake.email.conftest import written
from tocsin.cli.mail import app
from tocsin.domain.people import actions as people
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.email.models import InboundMail
from tocsin.kernel.errors import InvalidInput, NotFound

runner = CliRunner()


def run(*arguments: str, given: bytes | None = None) -> Any:
    return runner.invoke(app, list(arguments), input=given, catch_exceptions=False)


@pytest.fixture
def known(db: None, now: Any, settings: Any, tmp_path: Path) -> Path:
    people.create_person(email="ana@acme.example", name="Ana", by=None, now=now)
    settings.MAIL_ADDRESSES = ("support@desk.example",)
    settings.ATTACHMENTS = tmp_path / "attachments"
    (tmp_path / "mails").mkdir()
    return tmp_path / "mails"


def test_a_folder_of_mails_is_taken_in_once(known: Path) -> None:
    (known / "1.eml").write_bytes(written(text="one").as_bytes())
    (known / "2.eml").write_bytes(written(frm="eve@evil.example", text="two").as_bytes())
    (known / "3.eml").write_bytes(b"")
    told = json.loads(run("import", str(known), "--json").stdout)
    assert told["counts"] == {"taken": 1, "quarantined": 1, "refused": 1}
    assert told["mails"][0]["ticket"] == Ticket.objects.get().reference
    assert json.loads(run("import", str(known), "--json").stdout)["counts"] == {"known already": 3}


def test_an_mbox_and_a_pipe_are_taken_in(known: Path) -> None:
    box = known / "old.mbox"
    box.write_bytes(
        b"".join(
            b"From ana@acme.example Wed Mar  4 09:00:00 2026\n" + written(text=f"mail {n}").as_bytes() + b"\n"
            for n in range(3)
        )
    )
    assert "3 taken" in run("import", str(box)).stdout
    piped = run("import", "-", "--envelope-from", "", given=written(text="by pipe").as_bytes())
    assert "ignored" in piped.stdout
    assert InboundMail.objects.get(source="file", envelope_from="").nature == "automatic reply"


def test_a_file_that_is_not_there_is_refused_with_its_name(known: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        run("import", str(known / "nowhere.eml"))


def test_check_names_each_problem_with_its_remedy(db: None, settings: Any) -> None:
    settings.MAIL_ADDRESSES, settings.MAIL_LISTEN, settings.IMAP_URL = ("no address",), "nonsense", ""
    settings.MAIL_SENDERS, settings.MAIL_SPAM, settings.MAIL_SPAM_CHECK = (
        "everybody",
        "X-Score >= high",
        "nowhere:check",
    )
    ended = run("check", "--json")
    found = [problem["what"] for problem in json.loads(ended.stdout)["problems"]]
    assert ended.exit_code == 1
    for word in ("no address", "no letter leaves", "nonsense", "everybody", "X-Score >= high", "nowhere:check"):
        assert any(word in what for what in found), (word, found)


def test_check_is_content_with_a_good_set_up(db: None, settings: Any) -> None:
    settings.MAIL_ADDRESSES, settings.MAIL_LISTEN, settings.SMTP_HOST = (
        ("support@desk.example",),
        "127.0.0.1:2525",
        "127.0.0.1",
    )
    ended = run("check")
    assert (ended.exit_code, ended.stdout) == (0, "Nothing is wrong with mail.\n")


def test_nothing_runs_without_a_way_in(settings: Any) -> None:
    settings.MAIL_LISTEN = settings.IMAP_URL = ""
    with pytest.raises(InvalidInput, match="TOCSIN_MAIL_LISTEN"):
        run()
