"""A loop survives everything and says that it lives."""

import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError

from tocsin.domain.notify.models import Heartbeat
from tocsin.engine import loop as loops
from tocsin.engine.bells import Bell
from tocsin.engine.loop import Loop

pytestmark = pytest.mark.django_db(transaction=True)


def run(rounds: Callable[[int, threading.Event], float]) -> None:
    """Run a loop until its rounds tell it to stop."""
    stopping = threading.Event()
    count = 0

    def round_() -> float:
        nonlocal count
        count += 1
        return rounds(count, stopping)

    loop = Loop("ticker:test", round_, Bell(), stopping)
    loop.start()
    loop.join(20)
    assert not loop.is_alive()


@pytest.mark.parametrize("error", [ValueError("a defect"), OperationalError("server closed the connection")])
def test_an_error_does_not_end_a_loop(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "FIRST_PAUSE", 0.001)
    seen = []

    def rounds(count: int, stopping: threading.Event) -> float:
        seen.append(count)
        if count < 4:
            raise error
        stopping.set()
        return 0

    run(rounds)
    assert seen == [1, 2, 3, 4]


def test_pauses_after_errors_double_up_to_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(Bell, "wait", lambda self, seconds: pauses.append(seconds))

    def rounds(count: int, stopping: threading.Event) -> float:
        if count > 8:
            stopping.set()
            return 0
        raise OperationalError("down")

    run(rounds)
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]


def test_a_loop_leaves_a_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    def rounds(count: int, stopping: threading.Event) -> float:
        if count == 2:
            stopping.set()
        return 0

    run(rounds)
    assert Heartbeat.objects.get().name == "ticker:test"
