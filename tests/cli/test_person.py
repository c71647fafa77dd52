"""`tocsin person add` on a real database."""

import json

import pytest
from typer.testing import CliRunner

from tocsin.cli.person import app
from tocsin.domain.escalation.queries import catch_all
from tocsin.domain.notify.queries import reachable
from tocsin.domain.people.models import User

pytestmark = pytest.mark.django_db


def test_first_administrator_can_sign_in_and_is_the_catch_all():
    arguments = ["add", "root@example.org", "--name", "Root", "--role", "administrator", "--generate", "--as-catch-all"]
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    told = json.loads(done.stdout)
    user = User.objects.get(email="root@example.org")
    assert user.check_password(told["password"])
    assert reachable([user.pk]) == {user.pk}
    assert catch_all() == user


def test_password_is_read_from_standard_input():
    arguments = ["add", "ana@example.org", "--name", "Ana", "--password-stdin"]
    CliRunner().invoke(app, arguments, input="a long enough secret\n", catch_exceptions=False)
    assert User.objects.get(email="ana@example.org").check_password("a long enough secret")
