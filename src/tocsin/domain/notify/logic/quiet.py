"""Quiet hours of one person, in that person's zone (SEMANTICS 4, 11). Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(*, starts: time, ends: time, zone: str, now: datetime) -> datetime | None:
    """Return when the quiet hours that hold at `now` end (aware, UTC), or None outside of them.

    `starts` and `ends` are local times of `zone`; `ends` before `starts` crosses midnight; equal times mean
    no quiet hours. The start belongs to the quiet time, the end does not. Where clocks go back, quiet time runs
    from the first occurrence of its start to the last of its end; a local time that clocks jump over is
    read with the offset before the jump (as RFC 5545 does). Raises zoneinfo.ZoneInfoNotFoundError.
    """
    if starts == ends:
        return None
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    for day in (today - timedelta(days=1), today):
        begin = _instant(day, starts, place)
        end = _last_instant(day + timedelta(days=1) if ends < starts else day, ends, place)
        if begin <= now < end:
            return end
    return None


def _instant(day: date, at: time, place: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=place).replace(fold=0).astimezone(UTC)


def _last_instant(day: date, at: time, place: ZoneInfo) -> datetime:
    local = datetime.combine(day, at, tzinfo=place)
    # In an overlap fold=1 is the later instant; in a gap it is the earlier one, which is not wanted.
    return max(local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC))
