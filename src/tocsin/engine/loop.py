"""A loop of the engine: one thread that repeats a round, sleeps until something is due, and survives everything."""

import threading
from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError, connection

from tocsin.domain.notify.actions import beat
from tocsin.engine import metrics
from tocsin.engine.bells import Bell
from tocsin.engine.steady import steady_seconds
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0  # well under the 30 s in which the engine must be back after the database is (SECURITY 2)
BEAT_EVERY = 5.0


class Loop(threading.Thread):
    """Runs `round_` until told to stop. A round returns how many seconds may pass before the next.

    An exception never ends the loop: it is logged, the database connection is given up, and the next round comes
    after a pause that doubles up to ten seconds. Every five seconds it leaves a heartbeat under `name`.
    """

    def __init__(self, name: str, round_: Callable[[], float], bell: Bell, stopping: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._round = round_
        self._bell = bell
        self._stopping = stopping
        self._beaten = float("-inf")

    def run(self) -> None:
        pause = FIRST_PAUSE
        try:
            while not self._stopping.is_set():
                self._bell.clear()
                try:
                    wait = self._round()
                    self._beat()
                    pause = FIRST_PAUSE
                except Exception as error:
                    self._after_failure(error, pause)
                    wait, pause = pause, min(pause * 2, LONGEST_PAUSE)
                if wait > 0 and not self._stopping.is_set():
                    self._bell.wait(wait)
        finally:
            connection.close()

    def _beat(self) -> None:
        if steady_seconds() - self._beaten >= BEAT_EVERY:
            beat(name=self.name, now=database_now(connection))
            self._beaten = steady_seconds()

    def _after_failure(self, error: Exception, pause: float) -> None:
        metrics.ROUND_FAILURES.labels(loop=self.name.partition(":")[0]).inc()
        if isinstance(error, (OperationalError, InterfaceError)):
            log.warning("the database does not answer", loop=self.name, error=str(error).strip(), again_in=pause)
        else:
            log.exception("a round failed", loop=self.name, again_in=pause)
        give_up_connection()


def give_up_connection() -> None:
    """Close this thread's database connection, whatever state it is in; the next query opens a new one."""
    try:
        connection.close()
    except Exception as error:  # a connection so broken that it cannot even be closed is simply dropped
        log.warning("a broken connection was dropped", error=str(error).strip())
        connection.connection = None
