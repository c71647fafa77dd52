"""A scene that many tests begin with, built once for a while: each test has it in a savepoint of its own.

Building the small desk takes as long as what most tests then do with it. A scene is never older than a few seconds when a
test begins, so that its instants are as near to now as if the test had built it, and it is gone before a test begins that
does not ask for it.
"""

import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE / "web", HERE / "api")  # tests of pages and of the API, nearly all of which begin with the small desk
SECONDS = 15.0  # a test on a busy machine may take as long by itself


class Standing:
    """The scene that stands in the test database now, in a transaction around those of the tests."""

    def __init__(self) -> None:
        self._atomic: transaction.Atomic | None = None
        self._of: Any = None  # the connection to the database that holds it
        self._built = 0.0
        self._build: Callable[[], Any] | None = None
        self._scene: Any = None

    @staticmethod
    def is_for(path: Path) -> bool:
        return any(folder in path.parents for folder in FOLDERS)

    def stand(self, build: Callable[[], Any]) -> None:
        """Make sure that the scene stands that `build` makes."""
        fresh = self._is_whole() and time.perf_counter() - self._built < SECONDS
        if fresh and self._build is build:
            return
        self.leave()
        self._atomic = transaction.atomic()
        self._atomic._from_testcase = True  # type: ignore[attr-defined]  # as Django marks its own around tests
        self._atomic.__enter__()
        self._of, self._build, self._built = connection.connection, build, time.perf_counter()
        try:
            self._scene = build()
        except BaseException:
            self.leave()
            raise

    def scene(self) -> Any:
        """Return a copy of the scene, None where none stands: what a test does to its objects is its own affair.

        The same people come again in the next test, so nothing that was cached about them may.
        """
        if self._scene is None:
            return None
        cache.clear()
        return copy.deepcopy(self._scene)

    def leave(self) -> None:
        """Take the scene down."""
        if self._atomic is not None and self._is_whole():
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)
        elif self._atomic is not None:
            connection.close()  # a test has ended the connection, and the scene with it
        self._atomic = self._of = self._scene = self._build = None

    def _is_whole(self) -> bool:
        return self._atomic is not None and connection.connection is self._of and connection.in_atomic_block


standing = Standing()
