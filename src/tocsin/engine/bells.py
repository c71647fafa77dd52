"""Doorbells inside the process: what wakes a sleeping loop, and the thread that hears PostgreSQL ring."""

import threading
from collections.abc import Mapping, Sequence

import psycopg
import structlog
from django.db import connection
from psycopg import sql

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 10.0  # seconds between attempts to hear the database again


class Bell:
    """Wakes one loop. Clear it before looking at the rows, so that a ring during the look is not lost.

    `name`: what the loop answers to; a ring for somebody else passes it by.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._event = threading.Event()

    def ring(self) -> None:
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds` at most, or until somebody rings."""
        self._event.wait(seconds)


class Listener(threading.Thread):
    """Hears NOTIFY on a connection of its own and rings the bells that belong to each channel.

    While the database is away it tries again and again; when it is back every bell rings, because what was
    called out meanwhile was not heard. Loops look by themselves every few seconds, so a deaf listener only
    makes them slower.
    """

    def __init__(self, bells: Mapping[str, Sequence[Bell]], stopping: threading.Event) -> None:
        super().__init__(name="listener", daemon=True)
        self._bells = bells
        self._stopping = stopping

    def run(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            try:
                with _connect() as heard:
                    self._listen(heard)
                    pause = 0.1
                    self._hear(heard)
            except (psycopg.Error, OSError) as error:
                if not self._stopping.is_set():
                    log.warning("the doorbell's connection is lost", error=str(error).strip(), again_in=pause)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _listen(self, heard: psycopg.Connection) -> None:
        for channel in self._bells:
            heard.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        for bells in self._bells.values():
            for bell in bells:
                bell.ring()

    def _hear(self, heard: psycopg.Connection) -> None:
        while not self._stopping.is_set():
            for call in heard.notifies(timeout=0.5):
                for bell in self._bells.get(call.channel, ()):
                    if call.payload in ("", bell.name):
                        bell.ring()


def _connect() -> psycopg.Connection:
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("host", "port", "user", "password", "dbname", "sslmode") if name in given}
    # A database host that vanished without a word is noticed by the kernel's own probes.
    return psycopg.connect(**wanted, autocommit=True, keepalives_idle=10, keepalives_interval=5, keepalives_count=3)
