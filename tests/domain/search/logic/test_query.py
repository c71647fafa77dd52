"""What people type into the search field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.search.logic.query import Asked, Filter, read, span

FILTERS = ("status", "team", "sla")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("vpn drops ", Asked(words=("vpn", "drops"))),
        ("vpn", Asked(words=("vpn",), typing=True)),
        ('"access denied" vpn ', Asked(words=("vpn",), phrases=("access denied",))),
        ("status:open vpn ", Asked(words=("vpn",), filters=(Filter("status", "open"),))),
        ("-team:network vpn ", Asked(words=("vpn",), filters=(Filter("team", "network", excluded=True),))),
        ('team:"Field service" ', Asked(filters=(Filter("team", "Field service"),))),
        ("vpn -citrix ", Asked(words=("vpn",), without=("citrix",))),
        ("error:0x80 ", Asked(words=("error:0x80",))),
        ("sla:<1h", Asked(filters=(Filter("sla", "<1h"),))),
        ("STATUS:open ", Asked(filters=(Filter("status", "open"),))),
        ("", Asked()),
        ('"', Asked()),
        ("-", Asked(words=("-",), typing=True)),
        ("status: ", Asked(words=("status:",))),
    ],
)
def test_a_search_is_read(text: str, asked: Asked) -> None:
    assert read(text, FILTERS) == asked


@given(st.text(max_size=600))
def test_nothing_that_is_typed_is_an_error(text: str) -> None:
    asked = read(text, FILTERS)
    assert len(asked.words) <= 12


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("<1h", ("<", 3600)),
        (">2d", (">", 172_800)),
        ("30m", ("<", 1800)),
        ("<=5m", ("<", 300)),
        ("soon", None),
        ("", None),
    ],
)
def test_a_span_of_time_is_read(value: str, seconds: tuple[str, int] | None) -> None:
    assert span(value) == seconds
