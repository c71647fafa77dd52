"""What `tocsin check` finds in the environment and at the mail server."""

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from tocsin.config import checks
from tocsin.config.postgres_server import free_port

GOOD = {
    "TOCSIN_SECRET_KEY": "q7Lw0c1yZrX8mV5nB2kJ4hG6fD3sA9pT",
    "TOCSIN_BASE_URL": "https://tocsin.example.org",
    "TOCSIN_ALLOWED_HOSTS": "tocsin.example.org",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOCSIN_WEBHOOK_SECRET", "TOCSIN_DEBUG", "TOCSIN_DEMO", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def found() -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in checks.environment_findings()]


def test_a_sound_environment_has_no_findings() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TOCSIN_SECRET_KEY", "changeme", ("default_secret", "error")),
        ("TOCSIN_SECRET_KEY", "changeme-changeme-changeme-changeme-changeme", ("default_secret", "error")),
        ("TOCSIN_SECRET_KEY", "q7Lw0c1yZr", ("default_secret", "error")),
        ("TOCSIN_SECRET_KEY", "", ("secret_on_disk", "warning")),
        ("TOCSIN_WEBHOOK_SECRET", "secret", ("default_secret", "error")),
        ("DATABASE_URL", "postgres://tocsin:tocsin@db.example.org/tocsin", ("default_database_password", "error")),
        ("DATABASE_URL", "postgres://tocsin@db.example.org/tocsin", ("default_database_password", "error")),
        ("TOCSIN_BASE_URL", "", ("no_base_url", "error")),
        ("TOCSIN_BASE_URL", "tocsin.example.org", ("bad_base_url", "error")),
        ("TOCSIN_BASE_URL", "http://tocsin.example.org", ("plain_http", "warning")),
        ("TOCSIN_BASE_URL", "https://help.example.org", ("host_not_allowed", "error")),
        ("TOCSIN_DEBUG", "1", ("debug", "error")),
        ("TOCSIN_DEMO", "1", ("demo_mode", "warning")),
    ],
)
def test_environment_that_is_not_sound_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: tuple[str, str]
) -> None:
    monkeypatch.setenv(name, value)
    assert found() == [expected]


@pytest.mark.parametrize("allowed", ["*", ".example.org", "other.example.org,tocsin.example.org"])
def test_allowed_hosts_may_be_patterns(monkeypatch: pytest.MonkeyPatch, allowed: str) -> None:
    monkeypatch.setenv("TOCSIN_ALLOWED_HOSTS", allowed)
    assert found() == []


def test_every_finding_names_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_BASE_URL", "http://help.example.org")
    monkeypatch.setenv("TOCSIN_SECRET_KEY", "secret")
    findings = checks.environment_findings()
    assert len(findings) == 3
    assert all(finding.remedy.endswith(".") for finding in findings)


@pytest.fixture
def mail_server() -> Iterator[int]:
    """A real SMTP server on loopback; its port."""
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


def mail_findings(port: int, *, host: str = "127.0.0.1", user: str = "", tls: str = "", sender: str = "") -> list[str]:
    sender = sender or "Tocsin <tocsin@example.org>"
    return [finding.code for finding in checks.smtp_findings(host, port, user, "password", tls, sender)]


def test_mail_server_that_answers_is_fine(mail_server: int) -> None:
    assert mail_findings(mail_server) == []


def test_mail_server_must_be_named() -> None:
    assert mail_findings(25, host="") == ["no_smtp"]


def test_dead_mail_server_is_found() -> None:
    with socket.socket() as reserved:  # bound and not listening: connections are refused
        reserved.bind(("127.0.0.1", 0))
        assert mail_findings(reserved.getsockname()[1]) == ["dead_smtp"]


@pytest.mark.parametrize(("user", "tls"), [("tocsin", ""), ("", "starttls"), ("", "tls")])
def test_mail_server_that_does_not_serve_us_as_configured_is_found(mail_server: int, user: str, tls: str) -> None:
    assert mail_findings(mail_server, user=user, tls=tls) == ["dead_smtp"]


def test_sender_that_others_refuse_is_found() -> None:
    codes = mail_findings(25, host="mail.invalid", sender="Tocsin <tocsin@localhost>")
    assert codes == ["dead_smtp", "mail_from"]
