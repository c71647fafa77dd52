"""How fast the roster answers: who is on call now, and the final view of 30 days.

The baselines do what most tools do: they expand every hand-over of every layer as a recurrence rule
(dateutil) over the span, place it in local time, and look for the first layer that has somebody on.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from zoneinfo import ZoneInfo

from dateutil import rrule

from tests.bench.figure import Figure
from tocsin.domain.oncall.logic.roster import final_view, who_is_on
from tocsin.domain.oncall.logic.schedule import Layer, Override, Restriction, Rotation, RotationKind, Schedule

ROUNDS = 7
START = datetime(2026, 3, 16, tzinfo=UTC)  # 30 days over the change of Berlin's clock
END = START + timedelta(days=30)
DAY = timedelta(days=1)
OFFICE = (Restriction(frozenset(range(5)), day_time(9), day_time(17)),)
DAYTIME = (Restriction(frozenset(range(7)), day_time(8), day_time(16)),)


def _schedule() -> Schedule:
    """Five layers (office hours in three zones, twelve-hour turns, days) and 100 overrides within the span."""
    began = START - 200 * DAY

    def layer(name: str, kind: RotationKind, zone: str, limits: tuple[Restriction, ...], every: int = 1) -> Layer:
        crews = tuple((f"{name} {number}",) for number in range(6))
        return Layer(name, (Rotation(kind, crews, began, every=every, restrictions=limits),), zone)

    layers = (
        layer("office", RotationKind.WEEKLY, "", OFFICE),
        layer("america", RotationKind.WEEKLY, "America/New_York", DAYTIME),
        layer("australia", RotationKind.DAILY, "Australia/Lord_Howe", DAYTIME),
        layer("halves", RotationKind.HOURLY, "", OFFICE, 12),
        layer("days", RotationKind.DAILY, "", ()),
    )
    starts = [START + timedelta(hours=7 * number) for number in range(100)]
    overrides = tuple(Override(at, at + timedelta(hours=5), f"cover {number % 9}") for number, at in enumerate(starts))
    return Schedule("Europe/Berlin", layers, overrides, name="Bench")


def _expanded(schedule: Schedule, start: datetime, end: datetime) -> list[tuple[datetime, datetime, int, str]]:
    """Return (start, end, layer, person) of every occurrence that touches the span."""
    found = []
    for number, layer in enumerate(schedule.layers):
        (rotation,) = layer.rotations
        zone = ZoneInfo(layer.zone or schedule.zone)
        began = rotation.starts.astimezone(zone).replace(tzinfo=None)
        anchor = datetime.combine(began.date(), rotation.handover)
        anchor -= DAY if anchor > began else timedelta()
        if rotation.kind is RotationKind.WEEKLY:
            anchor -= anchor.weekday() * DAY
        frequency = {"weekly": rrule.WEEKLY, "daily": rrule.DAILY, "hourly": rrule.HOURLY}[rotation.kind]
        rule = rrule.rrule(frequency, dtstart=anchor, interval=rotation.every, until=end.replace(tzinfo=None) + 8 * DAY)
        turns = [
            (local, local + rotation.turn, rotation.crews[turn % len(rotation.crews)][0])
            for turn, local in enumerate(rule)
            if local + rotation.turn >= start.replace(tzinfo=None) - DAY
        ]
        for begin, until, person in turns:
            for opens, closes in _windows(rotation, begin, until):
                first, last = opens.replace(tzinfo=zone).astimezone(UTC), closes.replace(tzinfo=zone).astimezone(UTC)
                if first < end and last > start:
                    found.append((first, last, number, person))
    return found


def _windows(rotation: Rotation, begin: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    if not rotation.restrictions:
        return [(begin, until)]
    (limit,) = rotation.restrictions
    first = datetime.combine(begin.date(), limit.start)
    rule = rrule.rrule(rrule.DAILY, dtstart=first, until=until, byweekday=sorted(limit.weekdays))
    length = timedelta(hours=limit.end.hour - limit.start.hour)
    spans = [(max(opens, begin), min(opens + length, until)) for opens in rule]
    return [(opens, closes) for opens, closes in spans if opens < closes]


def _plain_view(schedule: Schedule, start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """Return (start, person) of every change, by asking each occurrence at each edge."""
    turns = _expanded(schedule, start, end)
    changes = [
        (one.start, one.end, -1, one.person) for one in schedule.overrides if one.start < end and one.end > start
    ]
    items = [*changes, *turns]
    edges = sorted({start, *(at for item in items for at in item[:2] if start <= at < end)})
    found: list[tuple[datetime, str]] = []
    for edge in edges:
        on = min(((number, person) for begin, until, number, person in items if begin <= edge < until), default=(9, ""))
        if not found or found[-1][1] != on[1]:
            found.append((edge, on[1]))
    return found


def _people(schedule: Schedule) -> list[tuple[datetime, str]]:
    """Return our final view in the baseline's shape, without the evidence."""
    found: list[tuple[datetime, str]] = []
    for span in final_view(schedule, START, END):
        if not found or found[-1][1] != span.people[0]:
            found.append((span.start, span.people[0]))
    return found


def _best(work: Callable[[], object], count: int) -> float:
    """Return the best time (ms) of one call over several rounds: noise only ever slows."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(count):
            work()
        times.append((time.perf_counter() - started) / count * 1_000)
    return min(times)


def run() -> list[Figure]:
    schedule = _schedule()
    if _people(schedule) != _plain_view(schedule, START, END):
        raise AssertionError("the roster and the plain expansion do not agree on who is on call")
    at = START + timedelta(days=10, hours=6)  # between two overrides, so that the layers are asked
    point = _best(lambda: who_is_on(schedule, at), 200)
    plain_point = _best(lambda: _plain_view(schedule, at, at + timedelta.resolution), 2)
    view = _best(lambda: final_view(schedule, START, END), 20)
    plain_view = _best(lambda: _plain_view(schedule, START, END), 1)
    baseline = "every hand-over expanded as a recurrence rule (dateutil)"
    return [
        Figure(
            name="reach who_is_on_ms", value=point, unit="ms", baseline=baseline, baseline_value=plain_point,
            goal="< 0.5 ms, 5 layers and 100 overrides", met=point < 0.5,
        ),
        Figure(
            name="reach final_view_30_days_ms", value=view, unit="ms", baseline=baseline, baseline_value=plain_view,
            goal="< 5 ms, 5 layers and 100 overrides", met=view < 5,
        ),
    ]  # fmt: skip
