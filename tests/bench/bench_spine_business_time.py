"""Business-time operations beside pandas' CustomBusinessHour, on the same calendar and the same instants."""

import random
import time
from datetime import UTC, datetime, timedelta

import pandas
from pandas.tseries.offsets import CustomBusinessHour

from tests.bench.figure import Figure
from tocsin.domain.calendars.logic.business import DAYS, BusinessCalendar

ROUNDS = 5
INSTANTS = 20_000
BASELINE = 300
HOLIDAYS = [datetime(2026, 1, 1), datetime(2026, 5, 1), datetime(2026, 12, 25)]  # noqa: DTZ001 - local days
START = datetime(2026, 1, 1, tzinfo=UTC)


def _best(work: object, count: int) -> float:
    """Microseconds an operation, in the best of several rounds: noise only ever slows."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()  # type: ignore[operator]
        took.append((time.perf_counter() - began) / count * 1e6)
    return min(took)


def run() -> list[Figure]:
    weekly = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in DAYS[:5]}
    closed = frozenset(day.date() for day in HOLIDAYS)
    calendar = BusinessCalendar.build(zone="Europe/Berlin", weekly=weekly, closed=closed)
    chance = random.Random(7)
    pairs = [
        (START + timedelta(seconds=chance.randrange(300 * 86_400)), chance.uniform(60, 200_000))
        for _ in range(INSTANTS)
    ]
    ends = [(start, start + timedelta(seconds=seconds)) for start, seconds in pairs]
    calendar.add_business_time(*pairs[0])

    def add() -> None:
        for start, seconds in pairs:
            calendar.add_business_time(start, seconds)

    def between() -> None:
        for start, end in ends:
            calendar.business_time_between(start, end)

    def peer() -> None:
        for start, seconds in pairs[:BASELINE]:
            hours = max(int(seconds // 3600), 1)
            offset = CustomBusinessHour(n=hours, start=["08:00", "13:00"], end=["12:00", "17:00"], holidays=HOLIDAYS)
            pandas.Timestamp(start.replace(tzinfo=None)) + offset

    told = "pandas CustomBusinessHour (whole hours, no zone)"
    baseline = _best(peer, BASELINE)
    return [
        Figure(
            name=f"spine business_time_{name}_us", value=value, unit="us", baseline=told, baseline_value=baseline,
            goal="< 5 us", met=value < 5,
        )
        for name, value in (("add", _best(add, INSTANTS)), ("between", _best(between, INSTANTS)))
    ]  # fmt: skip
