"""Telling open pages which streams have changed, once the change is committed.

The bell is rung after the commit, in a statement of its own: PostgreSQL lets transactions that notify commit one at a
time, and an engine or an API under load must not wait for that with its writes unflushed. A process that dies in
between leaves pages as they were until they look by themselves, half a minute later.
"""

import threading
from collections.abc import Iterable

from django.db import connection, transaction

from tocsin.kernel.doorbell import LIVE, ring

SHOWN_LIVE = ("ticket:", "person:")
MOST = 7_000  # characters: PostgreSQL takes less than 8,000 in one call
EVERYTHING = "*"  # too many to name: whoever listens looks at all it shows


class _Touched(threading.local):
    """Streams of this thread's transactions whose pages have not been told."""

    def __init__(self) -> None:
        self.names: set[str] = set()


_touched = _Touched()


def tell_after_commit(streams: Iterable[str]) -> None:
    """Have the pages that show these streams told when the present transaction commits.

    Those of a transaction that is rolled back may be told with the next one, which costs a look and nothing else.
    """
    shown = [name for name in streams if name.startswith(SHOWN_LIVE)]
    if shown:
        _touched.names.update(shown)
        transaction.on_commit(_tell, robust=True)


def _tell() -> None:
    names, _touched.names = sorted(_touched.names), set()
    if names:
        told = ",".join(names)
        ring(connection, LIVE, told if len(told) <= MOST else EVERYTHING)
