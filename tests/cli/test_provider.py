"""`tocsin provider`: set up from the command line, secrets never on it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from typer.testing import CliRunner

from tests.channels.twilio_server import SENDER, SID, TOKEN, running
from tocsin.cli.provider import app
from tocsin.config.checks_providers import provider_findings
from tocsin.domain.notify import providers
from tocsin.domain.notify.models import ContactMethod
from tocsin.domain.people.models import User
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import TocsinError

pytestmark = pytest.mark.django_db

PLAIN = ["--set", f"account_sid={SID}", "--set", f"sender={SENDER}"]


@pytest.fixture
def run() -> Callable[..., Any]:
    def call(*arguments: str, given: str = "") -> Any:
        result = CliRunner().invoke(app, list(arguments), input=given)
        if isinstance(result.exception, TocsinError):
            raise result.exception
        assert TOKEN not in result.output
        return result

    return call


def add(run: Callable[..., Any], name: str = "Texts", *more: str) -> Any:
    return run("add", "twilio_sms", "--name", name, *PLAIN, *more, "--secrets-stdin", given=f"auth_token={TOKEN}\n")


def codes() -> set[str]:
    return {finding.code for finding in provider_findings(database_now(connection))}


def test_a_provider_is_added_listed_disabled_and_enabled(run) -> None:
    add(run)
    assert providers.opened(providers.provider_called("Texts")).values["auth_token"] == TOKEN
    run("disable", "Texts")
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["name"], listed["state"], listed["enabled"]) == ("Texts", "disabled", False)
    run("enable", "Texts")
    assert json.loads(run("list", "--json").output)[0]["state"] == "unused"
    assert "auth_token*" in run("kinds").output


def test_a_secret_on_the_command_line_is_refused(run) -> None:
    with pytest.raises(TocsinError, match="auth_token is secret"):
        run("add", "twilio_sms", "--name", "x", *PLAIN, "--set", "auth_token=abc")


def test_keys_are_rotated_and_what_stays_locked_is_told(run, settings) -> None:
    add(run)
    new = run("new-key").output.strip()
    Fernet(new)
    settings.CREDENTIAL_KEYS = [new]
    assert json.loads(run("rotate", "--json").output)["done"] == 1
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    settings.SECRET_KEY = "k" * 50
    result = run("rotate")
    assert result.exit_code == 1
    assert "No key opens: Texts" in result.output
    assert "unreadable_credentials" in codes()
    settings.CREDENTIAL_KEYS = ["hunter2"]
    assert codes() == {"bad_credential_key", "any_country"}


def test_a_test_goes_to_a_persons_own_verified_address(run, settings) -> None:
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    with running() as account:
        add(run, "Texts", "--set", f"api_url={account.address}")
        user = User.objects.create(email="kai@example.org", name="Kai")
        with pytest.raises(TocsinError, match="no verified address"):
            run("test", "Texts", "--to", "kai@example.org")
        ContactMethod.objects.create(
            user=user, channel="sms", address="+4915123456789", verified_at=database_now(connection)
        )
        assert "has accepted a test" in run("test", "Texts", "--to", "kai@example.org").output
        assert account.taken[0][1]["To"] == "+4915123456789"
        account.refuse = (401, 20003, f"Bad token {TOKEN}")
        with pytest.raises(TocsinError, match="did not accept") as refused:
            run("test", "Texts", "--to", "kai@example.org")
        assert TOKEN not in refused.value.message
    assert {"provider_rests", "any_country"} == codes()


def test_check_names_channels_that_nobody_carries_and_countries_that_do_not_exist(settings) -> None:
    user = User.objects.create(email="kai@example.org", name="Kai")
    ContactMethod.objects.create(
        user=user, channel="sms", address="+4915123456789", verified_at=database_now(connection)
    )
    settings.PHONE_COUNTRIES = frozenset({"DE", "XX"})
    assert codes() == {"channel_without_provider", "unknown_country"}
