"""Dates as logs write them, to UTC. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.intake.imports.problems import RowError, shown
from tocsin.kernel.errors import InvalidInput

EARLIEST, LATEST = 1970, 2200  # years; beyond them a date is a typing error, not a date

type ReadTime = Callable[[str], datetime]


def zone_of(name: str) -> ZoneInfo:
    """Return the IANA zone. Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            "unknown_zone", f"There is no time zone {name!r}. Use an IANA name such as Europe/Prague.", {"zone": name}
        ) from None


def day_first(zone: ZoneInfo) -> ReadTime:
    """Read `d/m/yyyy H:MM`, optionally with seconds, as local time of `zone`.

    An hour that comes twice (end of summer time) is taken as its first occurrence.
    """

    @lru_cache(maxsize=100_000)
    def read(text: str) -> datetime:
        try:
            day, clock = text.strip().split(" ", 1)
            d, m, y = day.split("/")
            parts = [int(part) for part in clock.split(":")]
            if len(y) != 4 or len(parts) not in (2, 3):
                raise ValueError
            hour, minute, second = (*parts, 0)[:3]
            return _utc(datetime(int(y), int(m), int(d), hour, minute, second, tzinfo=zone))
        except (ValueError, OverflowError):
            raise RowError("bad_date", f"{shown(text)} is no date as d/m/yyyy hh:mm.") from None

    return read


def iso(zone: ZoneInfo) -> ReadTime:
    """Read ISO 8601; a time without offset is local time of `zone`."""

    @lru_cache(maxsize=100_000)
    def read(text: str) -> datetime:
        try:
            found = datetime.fromisoformat(text.strip())
            return _utc(found if found.tzinfo else found.replace(tzinfo=zone))
        except (ValueError, OverflowError):
            raise RowError("bad_date", f"{shown(text)} is no date as yyyy-mm-ddThh:mm:ss+hh:mm.") from None

    return read


def pattern(form: str, zone: ZoneInfo) -> ReadTime:
    """Read with a strptime pattern such as `%Y/%m/%d %H:%M:%S.%f`."""

    @lru_cache(maxsize=100_000)
    def read(text: str) -> datetime:
        try:
            found = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - the next line gives it its zone
            return _utc(found if found.tzinfo else found.replace(tzinfo=zone))
        except (ValueError, OverflowError):
            raise RowError("bad_date", f"{shown(text)} is no date as {form}.") from None

    return read


def _utc(found: datetime) -> datetime:
    if not EARLIEST <= found.year <= LATEST:
        raise ValueError
    return found.astimezone(UTC)
