"""Schedules for properties, and a second, plain way to say who is on, by looking at the clock minute by minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tocsin.domain.oncall.logic.schedule import (
    Absence,
    Layer,
    Override,
    Restriction,
    Rotation,
    RotationKind,
    Schedule,
    Shift,
)

MINUTE, HOUR, DAY, INSTANT = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta.resolution
PEOPLE = ("ana", "ben", "cyd", "dora", "eli")
# Instants about which the clock is turned (both ways), or never is.
TURNS = {
    "Europe/Berlin": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 10, 3, 15, 30, tzinfo=UTC), datetime(2026, 4, 4, 15, tzinfo=UTC)),
    "Asia/Kolkata": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
}
_NEAR = tuple((zone, at) for zone, turns in TURNS.items() for at in turns)
# Clocks are turned between 1 and 4 in the morning: half of all boundaries are drawn there.
_quarters = (st.integers(0, 95) | st.integers(4, 14)).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
_crews = st.lists(
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True).map(tuple), min_size=1, max_size=4
).map(tuple)


def minutes(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda number: number * MINUTE)


restrictions = st.builds(
    Restriction,
    st.frozensets(st.integers(0, 6), min_size=1),
    _quarters,
    _quarters,
    st.sampled_from((0, 0, 0, 1, 3)),
)


def rotations(start: datetime) -> st.SearchStrategy[Rotation]:
    return st.builds(
        Rotation,
        kind=st.sampled_from(RotationKind),
        crews=_crews,
        starts=minutes(0, 4 * 24 * 60).map(lambda ahead: start - ahead),
        ends=st.none() | minutes(0, 4 * 24 * 60).map(lambda after: start + after),
        handover=_quarters,
        weekday=st.integers(0, 6),
        every=st.integers(1, 12),
        length=minutes(60, 3_000),
        restrictions=st.lists(restrictions, max_size=2).map(tuple),
    )


def layers(start: datetime, zones: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Layer, ...]]:
    one = st.builds(Layer, st.sampled_from("abc"), st.lists(rotations(start), min_size=1, max_size=2).map(tuple), zones)
    return st.lists(one, min_size=1, max_size=3).map(tuple)


@st.composite
def near_a_change(draw: st.DrawFn, *, changed: bool = False) -> tuple[Schedule, datetime]:
    """A schedule, and an instant within two days of a change of its clock. `changed`: with overrides and the like."""
    zone, turn = draw(st.sampled_from(_NEAR))
    at = turn + draw(minutes(-2 * 24 * 60, 2 * 24 * 60) | minutes(-90, 90))
    built = draw(layers(turn, st.sampled_from(("", "", "Europe/Berlin", "Asia/Kolkata"))))
    schedule = Schedule(zone, built, name="Network")
    return (draw(_with_changes(schedule, turn)), at) if changed else (schedule, at)


@st.composite
def _with_changes(draw: st.DrawFn, schedule: Schedule, near: datetime) -> Schedule:
    person, offset, length = st.sampled_from(PEOPLE), minutes(-3_000, 3_000), minutes(1, 2_000)

    def spans() -> tuple[datetime, datetime]:
        start = near + draw(offset)
        return start, start + draw(length)

    def few() -> range:
        return range(draw(st.integers(0, 3)))

    overrides = tuple(
        Override(*spans(), draw(person), draw(st.sampled_from(("", "a", "b"))), draw(st.just("") | person))
        for _ in few()
    )
    shifts = tuple(Shift(*spans(), draw(person)) for _ in few())
    absences = tuple(Absence(*spans(), draw(person), draw(st.just("") | person)) for _ in few())
    return Schedule(schedule.zone, schedule.layers, overrides, shifts, absences, name="Network")


def plainly_on(schedule: Schedule, at: datetime) -> tuple[str, ...]:
    """Who is on by the layers alone, at a whole minute: what the clock has shown up to now and will show after."""
    for layer in schedule.layers:
        zone = ZoneInfo(layer.zone or schedule.zone)
        shown, to_come = _shown(at, zone), _to_come(at, zone)
        found: dict[str, None] = {}
        for rotation in layer.rotations:
            if at < rotation.starts or (rotation.ends is not None and at >= rotation.ends):
                continue
            if rotation.restrictions and not _open(rotation.restrictions, shown, to_come):
                continue
            for begin, crew in _turns(rotation, zone, shown + DAY):
                if begin <= shown and begin + rotation.turn > to_come:
                    found.update(dict.fromkeys(crew))
        if found:
            return tuple(found)
    return ()


def _shown(at: datetime, zone: ZoneInfo) -> datetime:
    """The latest time that the clock has shown up to `at`, or up to a minute before it was turned back."""
    return max(_clock(at - back * MINUTE, zone) for back in _near_minutes(at, -3 * HOUR, zone))


def _to_come(at: datetime, zone: ZoneInfo) -> datetime:
    """A span is over when the clock will show no time before its end, nor its end itself once more."""
    coming = (_clock(at + ahead * MINUTE, zone) - INSTANT for ahead in _near_minutes(at, 3 * HOUR, zone) if ahead)
    return min(_clock(at, zone), *coming)


def _near_minutes(at: datetime, distance: timedelta, zone: ZoneInfo) -> range:
    """Every minute of three hours if the clock is turned in them, else only the first and the next."""
    turned = at.astimezone(zone).utcoffset() != (at + distance).astimezone(zone).utcoffset()
    return range(181) if turned else range(2)


def _clock(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _turns(rotation: Rotation, zone: ZoneInfo, until: datetime) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """Every turn one after the other, from the hand-over before the rotation's start."""
    starts = _clock(rotation.starts, zone)
    begin = datetime.combine(starts.date(), rotation.handover)
    if rotation.kind is RotationKind.HOURLY:
        while begin > starts:
            begin -= rotation.turn
        while begin + rotation.turn <= starts:
            begin += rotation.turn
    else:
        while begin > starts or (rotation.kind is RotationKind.WEEKLY and begin.weekday() != rotation.weekday):
            begin -= DAY
    number = 0
    while begin <= until:
        yield begin, rotation.crews[number % len(rotation.crews)]
        begin, number = begin + rotation.turn, number + 1


def _open(rules: tuple[Restriction, ...], shown: datetime, to_come: datetime) -> bool:
    for rule in rules:
        for back in range(10):
            day: date = to_come.date() + DAY - back * DAY
            begin = datetime.combine(day, rule.start)
            end = datetime.combine(day + rule.days * DAY, rule.end)
            end = end if end > begin else end + DAY
            if day.weekday() in rule.weekdays and begin <= shown and end > to_come:
                return True
    return False
