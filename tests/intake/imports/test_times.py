"""Dates as logs write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tocsin.intake.imports.problems import RowError
from tocsin.intake.imports.times import ReadTime, day_first, iso, pattern

PRAGUE = ZoneInfo("Europe/Prague")
SUMMER_NOON = datetime(2016, 7, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (day_first(PRAGUE), "1/7/2016 12:00"),
        (day_first(PRAGUE), "01/07/2016 12:00:00"),
        (iso(PRAGUE), "2016-07-01T12:00:00"),
        (iso(PRAGUE), "2016-07-01 10:00Z"),
        (iso(PRAGUE), "2016-07-01T06:00:00-04:00"),
        (pattern("%Y/%m/%d %H:%M", PRAGUE), "2016/07/01 12:00"),
        (pattern("%Y/%m/%d %H:%M %z", PRAGUE), "2016/07/01 10:00 +0000"),
    ],
)
def test_time_is_read_to_utc(read: ReadTime, text: str) -> None:
    assert read(text) == SUMMER_NOON


def test_hour_that_comes_twice_is_the_first() -> None:
    assert day_first(PRAGUE)("30/10/2016 02:30") == datetime(2016, 10, 30, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "?", "30/2/2016 10:00", "1/7/16 10:00", "1/7/2016", "1/7/2016 25:00", "1/7/9999 1:1"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    for read in (day_first(PRAGUE), iso(PRAGUE), pattern("%d/%m/%Y %H:%M", PRAGUE)):
        with pytest.raises(RowError) as refused:
            read(text)
        assert refused.value.kind == "bad_date"
