"""Takes stored events of monitoring in, by turns (intake/alerts/taking.py)."""

import threading

from django.db import connection

from tocsin.engine.steady import steady_seconds
from tocsin.intake.alerts import taking
from tocsin.kernel.clock import database_now

PAUSE = 1.0  # seconds between looks, if nobody has rung
FORGET_EVERY = 3600.0


class Events:
    """One engine process's share of the taking. Several processes take turns with the integrations."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._forgot = float("-inf")

    def round(self) -> float:
        """Take one turn; return how many seconds may pass before the next."""
        if taking.take_due(now=database_now(connection), going_on=lambda: not self._stopping.is_set()):
            return 0
        if steady_seconds() - self._forgot >= FORGET_EVERY:
            self._forgot = steady_seconds()
            taking.forget_old(now=database_now(connection))
        return PAUSE

    def drain(self) -> int:
        """Take in what is due now, and return how many events were looked at."""
        done = 0
        while taken := taking.take_due(now=database_now(connection)):
            done += taken
        return done
