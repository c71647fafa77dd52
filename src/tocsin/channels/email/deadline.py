"""A bound for a whole conversation with a mail server (SECURITY 11).

A socket's own time-out begins anew with every byte, so a server that sends one now and then could hold a sender for
ever. When the time is over the line is cut, and whoever waits for it is told so by the usual error.
"""

import smtplib
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

AGAIN = 0.1  # seconds; the line may be only just about to be opened


class Deadline:
    """Cuts the watched line `seconds` after it was entered, unless it was left by then."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = threading.Event()
        self._line: smtplib.SMTP | None = None

    def watch(self, line: smtplib.SMTP) -> None:
        """Say which line it is about, as soon as there is one."""
        self._line = line

    def __enter__(self) -> Self:
        threading.Thread(target=self._wait, name="mail deadline", daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._left.set()

    def _wait(self) -> None:
        wait = self._seconds
        while not self._left.wait(wait):
            wait = AGAIN
            line = getattr(self._line, "sock", None)
            if isinstance(line, socket.socket):
                with suppress(OSError):
                    # The plain one also of an encrypted line: the other thread is in the middle of reading it.
                    socket.socket.shutdown(line, socket.SHUT_RDWR)
