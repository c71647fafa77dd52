"""What repeats in a log that is not imported: by hand-made logs in each shape, and by planted repeats."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.intake.imports.logs import SERVICENOW_HEADER, VOLVO_HEADER, log_writer, servicenow_row, volvo_row
from tocsin.intake.imports.events import cases
from tocsin.intake.imports.formats import read
from tocsin.intake.imports.opening import format_for
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.repeating import Opened, counts_of, opened_in, opened_in_xes, shuffled, walk
from tocsin.kernel.errors import InvalidInput

FIRST = date(2026, 1, 5)  # a Monday

XES = """<log xmlns="http://www.xes-standard.org/">
<trace><event><date key="time:timestamp" value="2026-01-06T00:30:00+01:00"/><string key="product" value="PROD1"/>
<string key="org:group" value="Org A"/></event>
<event><date key="time:timestamp" value="2026-01-05T22:00:00+01:00"/><string key="product" value="PROD2"/></event></trace>
<trace/></log>"""


def planted(*, lately: int) -> list[Opened]:
    """52 weeks of twelve services with two tickets a week each; VPN gets `lately` a week in the last four."""
    made: list[Opened] = []
    for week in range(52):
        for name in ("VPN", *(f"Mail {at}" for at in range(11))):
            many = lately if name == "VPN" and week >= 48 else 2
            made += [(FIRST + timedelta(weeks=week, days=at * 7 // many), {"service": name}) for at in range(many)]
    return made


def test_a_planted_repeat_is_found_with_its_day() -> None:
    told = planted(lately=9)
    counts = counts_of([*told, (FIRST + timedelta(weeks=52, days=-1), {})])
    assert counts.tickets == len(told) + 1
    looked: list[tuple[int, int]] = []
    looks, found = walk(counts, looks=3, looked=lambda done, of: looked.append((done, of)))
    assert (looks, looked) == (3, [(1, 3), (2, 3), (3, 3)])
    vpn = next(one for one in found if one.repeat.key.kinds == ("service",))
    assert vpn.repeat.key.values == ("VPN",)
    assert vpn.repeat.recent in range(30, 37)
    assert vpn.change is not None
    assert abs((vpn.change.on - (FIRST + timedelta(weeks=48))).days) <= 3
    assert [one.repeat.key.values for one in found] == [("VPN",)]


def test_where_nothing_repeats_nothing_is_found_and_neither_when_days_are_shuffled() -> None:
    assert walk(counts_of(planted(lately=2)), looks=24)[1] == []
    assert shuffled(planted(lately=9), times=2) == 0


def test_an_empty_log_and_a_short_one_say_so() -> None:
    with pytest.raises(InvalidInput, match="no ticket"):
        counts_of([])
    assert walk(counts_of([(FIRST, {"service": "VPN"})]), looks=24) == (0, [])


def test_each_shape_of_log_is_counted_by_what_it_tells(tmp_path: Path) -> None:
    def opened(header: str, *rows: str) -> list[Opened]:
        path = log_writer(tmp_path)(header, *rows)
        return list(opened_in(cases(read(path, format_for(path), Problems()))))

    ((day, values),) = opened(SERVICENOW_HEADER, servicenow_row(), servicenow_row(sys_mod_count="1"))
    assert (day, values["service"], values["category"]) == (date(2016, 2, 29), "Category 55", "Subcategory 170")
    ((day, values),) = opened(VOLVO_HEADER, volvo_row(at="2010-04-01T00:30:00+01:00"))
    assert (day, values["service"]) == (date(2010, 3, 31), "PROD582")  # a UTC day
    path = tmp_path / "log.xes"
    path.write_text(XES)
    assert list(opened_in_xes(path)) == [(date(2026, 1, 5), {"service": "PROD2", "customer": ""})]
    path.write_text("<log><trace>")
    with pytest.raises(InvalidInput, match="is no XES log"):
        list(opened_in_xes(path))
