"""The hop budget, simulated over recorded hops."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.tickets.logic.arbitration import Stop, arbitrate
from tocsin.domain.tickets.logic.hops import count

BEGAN = datetime(2026, 3, 4, 9, tzinfo=UTC)


def stops(names: str) -> list[Stop]:
    """Return one stop an hour; a blank is a queue without a holder."""
    return [Stop(name.strip(), BEGAN + timedelta(hours=hour)) for hour, name in enumerate(names)]


def test_three_hops_are_free_and_the_fourth_meets_the_arbiter() -> None:
    assert arbitrate(stops("ABCD")).met_at is None
    assert arbitrate(stops("ABCDE")).met_at == BEGAN + timedelta(hours=4)


def test_with_returns_counted_twice_the_third_hop_of_a_b_a_meets_the_arbiter() -> None:
    assert arbitrate(stops("ABAC")).met_at is None
    assert arbitrate(stops("ABAC"), returns_count_twice=True).met_at == BEGAN + timedelta(hours=3)


def test_how_much_earlier_is_measured_to_the_last_return() -> None:
    found = arbitrate(stops("ABABABAB"))
    assert (found.returns, found.earlier) == (6, timedelta(hours=3))


def test_a_return_before_the_arbiter_leaves_nothing_to_gain() -> None:
    assert arbitrate(stops("ABACDE")).earlier is None


def test_queues_and_repeats_are_passed_over() -> None:
    assert arbitrate(stops("AA B BA")) == arbitrate([stops("AA B BA")[place] for place in (0, 3, 6)])


@given(st.text("ABC ", max_size=30))
def test_it_counts_as_the_product_counts(names: str) -> None:
    found, counted = arbitrate(stops(names)), count(name.strip() for name in names)
    assert (found.hops, found.returns) == (counted.handovers, counted.ping_pongs)
