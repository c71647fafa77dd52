"""SECURITY 2 and 7: what is due is worked off, whatever one source does and whatever the machine's clock says."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection

from tocsin.domain.journal.models import Entry
from tocsin.engine import ticker as tickers
from tocsin.engine.due import DueSource
from tocsin.engine.ticker import Ticker
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db


class Rows:
    """A source whose rows are kept in memory: `due` instants, claimed as a domain app would."""

    def __init__(self, name: str, due: list[datetime]) -> None:
        self.name = name
        self.due = due
        self.claims: list[tuple[datetime, int]] = []
        self.error: Exception | None = None

    def claim(self, *, now: datetime, limit: int) -> int:
        self.claims.append((now, limit))
        if self.error is not None:
            raise self.error
        taken = sorted(at for at in self.due if at <= now)[:limit]
        for at in taken:
            self.due.remove(at)
        return len(taken)

    def source(self, one_by_one: Callable[..., int] | None = None) -> DueSource:
        return DueSource(
            name=self.name, claim=self.claim, next_due=lambda: min(self.due, default=None), one_by_one=one_by_one
        )


@pytest.fixture
def now() -> datetime:
    return database_now(connection)


def ticker(*rows: Rows, batch: int = 10) -> Ticker:
    return Ticker([r.source() for r in rows], threading.Event(), batch)


def test_a_round_claims_from_every_source_and_asks_for_more(now: datetime) -> None:
    runs, clocks = Rows("runs", [now] * 25), Rows("clocks", [now])
    working = ticker(runs, clocks)
    assert [working.round() for _ in range(3)] == [0, 0, 0]
    assert runs.due == clocks.due == []
    assert working.round() == tickers.LONGEST_SLEEP


def test_only_a_sweep_claims_from_a_source_with_nothing_due(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 0.0
    monkeypatch.setattr(tickers, "steady_seconds", lambda: seconds)
    quiet, busy = Rows("quiet", [now + timedelta(hours=1)]), Rows("busy", [now] * 25)
    working = ticker(quiet, busy)
    claims = []
    for seconds in (0, 1, 29, 31, 32):  # noqa: B007 - read by the clock above
        working.round()
        claims.append(len(quiet.claims))
    assert claims == [1, 1, 1, 2, 2]
    assert busy.due == []


def test_drain_works_until_nothing_is_due(now: datetime) -> None:
    runs = Rows("runs", [now] * 25 + [now + timedelta(hours=1)])
    assert ticker(runs).drain() == 25
    assert len(runs.due) == 1


def test_it_sleeps_until_the_next_row_is_due(now: datetime) -> None:
    assert 1.5 < ticker(Rows("runs", [now + timedelta(seconds=2)])).round() <= 2.01


def test_it_never_sleeps_longer_than_a_lost_bell_may_cost(now: datetime) -> None:
    assert ticker(Rows("runs", [now + timedelta(hours=1)])).round() == 5


def test_a_full_claim_calls_for_help(now: datetime) -> None:
    calls: list[str] = []
    runs = Rows("runs", [now] * 15)
    working = Ticker([runs.source()], threading.Event(), 10, call_help=lambda: calls.append("help"))
    working.drain()
    assert calls == ["help"]


def test_a_helper_leaves_the_first_ticker_a_moment(now: datetime) -> None:
    helper = Ticker([Rows("runs", [now + timedelta(seconds=2)]).source()], threading.Event(), 10, lag=1)
    assert 2.5 < helper.round() <= 3.01


def test_now_is_read_anew_for_every_claim(now: datetime) -> None:
    runs = Rows("runs", [now] * 15)
    ticker(runs).drain()
    instants = [at for at, _ in runs.claims]
    assert instants == sorted(set(instants))


def test_one_sources_failure_does_not_stop_the_others(now: datetime) -> None:
    broken, clocks = Rows("runs", [now]), Rows("clocks", [now])
    broken.error = ValueError("poison")
    working = ticker(broken, clocks)
    working.round()
    assert clocks.due == []


def test_a_failing_source_is_left_alone_for_a_while_and_then_tried_again(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.0
    monkeypatch.setattr(tickers, "steady_seconds", lambda: seconds)
    broken = Rows("runs", [now])
    broken.error = ValueError("poison")
    working = ticker(broken)
    tried = []
    for seconds in (0, 0.5, 1.1, 2, 3.2, 4, 8, 9):  # noqa: B007 - read by the clock above
        before = len(broken.claims)
        working.round()
        tried.append(len(broken.claims) > before)
    assert tried == [True, False, True, False, True, False, True, False]
    broken.error = None
    seconds = 100
    working.round()
    assert broken.due == []


def test_a_source_that_keeps_failing_raises_an_alarm_once(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickers, "FIRST_REST", 0)
    broken = Rows("runs", [now])
    broken.error = ValueError("poison")
    working = ticker(broken)
    for _ in range(6):
        working.round()
    assert Entry.objects.get(kind="alarm.source").data == {"source": "runs", "failures": 3}


def test_after_a_failed_batch_rows_are_taken_one_by_one_where_the_source_can(now: datetime) -> None:
    rows = Rows("runs", [now, now])
    rows.error = ValueError("poison")
    calls = []

    def one_by_one(*, now: datetime, limit: int) -> int:
        calls.append(limit)
        return 1

    working = Ticker([rows.source(one_by_one)], threading.Event(), 10)
    assert working.round() == 0
    assert calls == [10]


def test_the_databases_trouble_is_for_the_loop_to_handle(now: datetime) -> None:
    rows = Rows("runs", [now])
    rows.error = OperationalError("server closed the connection")
    with pytest.raises(OperationalError):
        ticker(rows).round()


def test_rows_that_another_worker_holds_are_looked_at_less_and_less_often(now: datetime) -> None:
    held = DueSource(name="runs", claim=lambda *, now, limit: 0, next_due=lambda: now)
    working = Ticker([held], threading.Event(), 10)
    waits = [working.round() for _ in range(12)]
    assert waits == sorted(waits)
    assert waits[0] <= 0.02
    assert waits[-1] == 1


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), timedelta(days=365)])
def test_a_worker_whose_clock_is_off_decides_nothing_differently(now: datetime, off: timedelta) -> None:
    runs = Rows("runs", [now - timedelta(seconds=1), now + timedelta(hours=1)])
    with time_machine.travel(datetime.now(UTC) + off):  # noqa: TID251 - the machine's clock is the subject
        working = ticker(runs)
        assert working.drain() == 1
        assert working.round() == 5
    assert abs(runs.claims[0][0] - now) < timedelta(minutes=1)
