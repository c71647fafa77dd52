"""What `tocsin check` finds in the database."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from tocsin.config import checks_stored
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Setting
from tocsin.domain.notify.models import ContactMethod, Heartbeat
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Team, User
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db

HEAD = """
slug: outage
name: Outage
type: technical
reason: complexity
direction: functional
levels:
"""


def publish(*targets: str) -> None:
    """Publish a policy with one level per target."""
    levels = [f"  - name: Level {number}\n    targets:\n      - {target}\n" for number, target in enumerate(targets, 1)]
    publishing.apply(documents=[("outage.yaml", HEAD + "".join(levels))], by="system", now=now())


def now() -> datetime:
    return database_now(connection)


def codes() -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in checks_stored.stored_findings(now())]


@pytest.fixture
def ana() -> User:
    return User.objects.create(email="ana@example.org", name="Ana Ruiz", role=Role.ADMINISTRATOR)


@pytest.fixture
def sound(ana: User) -> User:
    """An installation in which nothing is wrong; Ana, reachable, is its catch-all."""
    ContactMethod.objects.create(user=ana, channel="email", address=ana.email, verified_at=now())
    Setting.objects.update_or_create(pk=1, defaults={"catch_all": ana})
    publish("user: ana@example.org")
    for name in ("auditor", "ticker:one", "sender:one"):
        Heartbeat.objects.create(name=name, at=now())
    return ana


def test_sound_installation_has_no_findings(sound: User) -> None:
    assert checks_stored.schema_findings() == []
    assert checks_stored.stored_findings(now()) == []


def test_bare_installation_names_what_is_missing() -> None:
    assert codes() == [
        ("no_catch_all", "error"),
        ("no_administrator", "warning"),
        ("no_policy", "warning"),
        ("engine_stopped", "error"),
    ]


def test_catch_all_without_a_verified_method_is_found(sound: User) -> None:
    ContactMethod.objects.update(verified_at=None)
    assert ("catch_all_unreachable", "error") in codes()


def test_policy_that_reaches_nobody_is_an_error(sound: User) -> None:
    User.objects.create(email="ben@example.org", name="Ben Ode")
    publish("user: ben@example.org")
    (finding,) = checks_stored.stored_findings(now())
    assert (finding.code, finding.severity) == ("policy_reaches_nobody", "error")
    assert "Ben Ode has no verified contact method" in finding.message


def test_level_that_reaches_nobody_is_a_warning(sound: User) -> None:
    Team.objects.create(name="Network", slug="network")
    publish("user: ana@example.org", "team: network")
    (finding,) = checks_stored.stored_findings(now())
    assert (finding.code, finding.severity) == ("level_reaches_nobody", "warning")
    assert "Level 2 of the policy “Outage”" in finding.message


def test_roles_that_depend_on_the_ticket_are_left_to_the_moment(sound: User) -> None:
    publish("owner", "team_lead")
    assert codes() == []


def test_silent_engine_is_found(sound: User) -> None:
    Heartbeat.objects.filter(name="ticker:one").update(at=now() - timedelta(minutes=5))
    (finding,) = checks_stored.stored_findings(now())
    assert finding.code == "engine_stopped"
    assert "Nobody runs: ticker" in finding.message


def test_overdue_work_is_found(sound: User) -> None:
    Heartbeat.objects.filter(name="auditor").update(data={"overdue": {"levels": 240.0}})
    (finding,) = checks_stored.stored_findings(now())
    assert finding.message == "levels has been due for 240 s and has not happened."


def test_clock_that_is_off_is_found(sound: User) -> None:
    found = checks_stored.stored_findings(now() + timedelta(seconds=100))
    assert [(finding.code, finding.severity) for finding in found] == [("clock_off", "warning")]


def test_pending_migrations_are_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'people'")
    (finding,) = checks_stored.schema_findings()
    assert finding.code == "pending_migrations"
    assert finding.remedy == "Run `tocsin migrate`."
