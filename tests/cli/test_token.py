"""`tocsin token` on a real database."""

import json

import pytest
from django.db import connection
from typer.testing import CliRunner

from tocsin.cli.token import app
from tocsin.domain.people import actions, queries
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import InvalidInput, NotFound

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False).stdout


@pytest.fixture(autouse=True)
def agent() -> None:
    actions.create_person(
        email="bot@example.org", name="Bot", role="agent", by=None, now=database_now(connection)
    )  # fmt: skip


def test_a_token_is_made_listed_and_revoked() -> None:
    told = json.loads(
        run("make", "bot@example.org", "--name", "ci", "--scope", "tickets:read", "--days", "7", "--json")
    )
    found = queries.token_of(told["token"], database_now(connection))
    assert found is not None and (found.name, found.scopes) == ("ci", ["tickets:read"])
    listed = json.loads(run("list", "bot@example.org", "--json"))
    assert [(one["id"], one["name"], one["used_at"]) for one in listed] == [(told["id"], "ci", None)]
    assert told["token"] not in run("list")
    assert "opens nothing" in run("revoke", told["id"])
    assert queries.token_of(told["token"], database_now(connection)) is None
    assert "no tokens" in run("list")


def test_a_token_is_printed_alone_so_that_a_script_can_take_it() -> None:
    printed = run("make", "bot@example.org", "--name", "ci", "--scope", "admin").strip()
    assert queries.token_of(printed.splitlines()[0], database_now(connection)) is not None


def test_what_is_missing_is_said() -> None:
    with pytest.raises(InvalidInput, match="tickets:read"):
        run("make", "bot@example.org", "--name", "x")
    with pytest.raises(NotFound):
        run("make", "nobody@example.org", "--name", "x", "--scope", "admin")
    with pytest.raises(NotFound):
        run("revoke", "not-an-id")
