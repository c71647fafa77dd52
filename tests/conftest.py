"""What tests of every part share. Fixtures of one part stand in the conftest.py of its folder."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.signals import setting_changed
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import post_migrate
from django.test import override_settings
from django.test.client import ClientHandler
from hypothesis import HealthCheck, settings

from tests.emptying import keep_as_it_is
from tests.standing import standing

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"

# A loaded machine must not fail a property for being slow; CI draws the same examples every time.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first: at the end they would leave the other worker idle.

    They also stay together then, so that one demonstration is started for them and not one for each worker.
    """
    items.sort(key=lambda item: "e2e" not in item.path.parts)


@pytest.fixture
def now() -> datetime:
    """A fixed instant (UTC), a Wednesday morning: tests move time by adding to it, never by sleeping."""
    return datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return the path of a real data file by name; skip, with the reason, where the data is not at hand."""

    def path_of(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"the real data file ../shared/data/{name} is not beside this repository")
        return path

    return path_of


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash passwords at no cost; the product's own setting is held in tests/test_defaults.py."""
    with override_settings(PASSWORD_HASHERS=["tests.hashing.QuickScrypt"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def one_chain_of_middleware() -> Iterator[None]:
    """Give every test client the chain of middleware that the first one made, until a test changes a setting.

    Each client would make its own, and look through all static files for it.
    """
    made: dict[str, Any] = {}
    names = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")
    load = ClientHandler.load_middleware

    def load_once(handler: ClientHandler, is_async: bool = False) -> None:
        if not made:
            load(handler, is_async)
            made.update({name: getattr(handler, name) for name in names})
        for name in names:
            setattr(handler, name, made[name])

    def forget(**_: Any) -> None:
        made.clear()

    with patch.object(ClientHandler, "load_middleware", load_once):
        setting_changed.connect(forget)
        yield
        setting_changed.disconnect(forget)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Let commits of the test database not wait for the disk: no test pulls the plug of the machine."""
    options = connection.settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()


@pytest.fixture
def _ground(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> None:
    """Let the scene stand that the test begins with, if it is one of those in tests/standing.py; take down any other."""
    from tests.web.conftest import built  # noqa: PLC0415 - it imports models, which need Django's settings

    marker = request.node.get_closest_marker("django_db")
    is_transactional = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    with django_db_blocker.unblock():
        if standing.is_for(request.path) and "desk" in request.fixturenames and not is_transactional:
            standing.stand(built)
        else:
            standing.leave()


@pytest.fixture
def _django_db_helper(_ground: None, _django_db_helper: None) -> None:
    """Open the test's own transaction (or savepoint) on that ground."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let tests with real transactions empty the test database: elsewhere the journal refuses TRUNCATE."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("journal_entry", "journal_checkpoint", "journal_stream"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
        _write_defaults_anew()
        keep_as_it_is()
    yield
    with django_db_blocker.unblock():
        standing.leave()


def _write_defaults_anew() -> None:
    """Empty the database and write again what migrations write into new ones."""
    loader = MigrationLoader(None)
    defaults = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("tocsin."):
            continue
        own = sorted(name for app, name in loader.graph.nodes if app == config.label)
        made = [one for name in own for one in loader.graph.nodes[config.label, name].operations]
        defaults[config.label] = [one.code for one in made if isinstance(one, RunPython)]

    def write(app_config: Any, **_: Any) -> None:
        for code in defaults.get(app_config.label, ()):
            with connection.schema_editor() as editor:
                code(apps, editor)

    # `flush` sends it last, for each app. Django's own apps have their permissions made by it in the same way.
    post_migrate.connect(write, weak=False, dispatch_uid="tests.defaults")
    call_command("flush", verbosity=0, interactive=False)  # also of what a run that was broken off has left
