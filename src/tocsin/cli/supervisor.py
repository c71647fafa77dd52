"""Keeping a handful of child processes up, and taking them down cleanly."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between a crash and the next start, doubling
STEADY_AFTER = 60.0  # a child that ran so long starts with the first pause again
DRAIN_SECONDS = 30.0  # what SIGTERM gives a child to finish what it holds
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process to keep up."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0  # monotonic
    pause: float = FIRST_PAUSE
    restart_at: float = field(default=0.0)  # monotonic; the next start is not before

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts children, starts them again when they end, and stops them all on SIGTERM, SIGINT or `stop()`.

    `say` takes one line for the operator. `check` is called about every two seconds; when it returns true, all
    children are restarted (the database has moved to another address).
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        check: Callable[[], bool] = lambda: False,
    ) -> None:
        self._children = list(children)
        self.environment = dict(environment)
        self._say = say
        self._check = check
        self.stopping = False
        self._impatient = False

    def run(self, on_start: Callable[[], None] = lambda: None) -> None:
        """Run until told to stop. `on_start` is called once, after every child was started."""
        handlers = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            for child in self._children:
                self._start(child)
            on_start()
            checked = time.monotonic()
            while not self.stopping:
                self._revive()
                if time.monotonic() - checked > 2:
                    if self._check():
                        self._restart_all()
                    checked = time.monotonic()
                time.sleep(0.1)
        finally:
            self._stop_all()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """End `run` soon."""
        self.stopping = True

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._impatient = self.stopping and number == signal.SIGINT  # a second Ctrl-C does not wait
        self.stopping = True

    def _start(self, child: Child) -> None:
        # Its own process group: Ctrl-C on the terminal reaches us alone, and we end the children in order.
        child.process = subprocess.Popen(
            child.command,
            env=self.environment,
            process_group=0,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one thread
        )
        child.started = time.monotonic()

    def _revive(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.is_up:
                continue
            if child.process is not None:
                if now - child.started > STEADY_AFTER:
                    child.pause = FIRST_PAUSE
                self._say(
                    f"{child.name} ended ({_how(child.process.returncode)}); starting it again in {child.pause:.0f} s"
                )
                child.process, child.restart_at = None, now + child.pause
                child.pause = min(child.pause * 2, LONGEST_PAUSE)
            elif now >= child.restart_at:
                self._start(child)

    def _restart_all(self) -> None:
        self._say("the database has moved; restarting all processes")
        self._end_children()
        for child in self._children:
            self._start(child)

    def _stop_all(self) -> None:
        if any(child.is_up for child in self._children):
            self._say("stopping ...")
        self._end_children()

    def _end_children(self) -> None:
        """SIGTERM to all, then SIGKILL to whoever is still there: the engine is safe against both."""
        up = [child.process for child in self._children if child.process is not None and child.is_up]
        for process in up:
            process.terminate()
        end = time.monotonic() + DRAIN_SECONDS
        while any(process.poll() is None for process in up) and time.monotonic() < end and not self._impatient:
            time.sleep(0.05)
        for process in up:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def _end_with_parent() -> None:
    """Runs in the new child: have the kernel send it SIGTERM when we die, even by kill -9 (Linux)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _how(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
