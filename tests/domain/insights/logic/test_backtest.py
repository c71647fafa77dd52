"""Counting what two runs did: differences, and pieces that merge exactly (SEMANTICS 10)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.insights.logic.backtest import (
    ADDED,
    AVOIDED,
    BADLY,
    CHANGED,
    SAME,
    WELL,
    Page,
    Ran,
    Ticket,
    compare,
    count,
    is_night,
    lead_of,
    leaf,
    merge,
    merged,
    quantile,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def ran(*pages: tuple[float, str], fired: float | None = 0) -> Ran:
    began = () if fired is None else ((at(fired), "opened", ""),)
    return Ran(began, tuple(Page(at(minute), person, 1) for minute, person in pages))


QUIET = Ran()
TALLIES = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
)
PAGES = st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["ana", "ben", "kim"])), max_size=6)


def test_a_run_beside_itself_differs_in_nothing():
    found = compare(ran((0, "ana"), (10, "ben")), ran((0, "ana"), (10, "ben")))
    assert (found.change, found.added, found.avoided, found.sooner, found.later) == (SAME, (), (), 0, 0)


@given(PAGES)
def test_whatever_a_run_did_beside_itself_it_differs_in_nothing(pages):
    one = ran(*sorted(pages))
    told = count(Ticket(1, WELL), (one, one), {})["difference"]
    assert leaf(told, "added") == leaf(told, "avoided") == leaf(told, "sooner") == leaf(told, "later") == 0


def test_a_page_at_another_time_is_one_avoided_and_one_added():
    found = compare(ran((0, "ana")), ran((20, "ana")))
    assert (found.change, len(found.added), len(found.avoided), found.later) == (CHANGED, 1, 1, 1)


def test_only_one_of_them_fires():
    assert compare(QUIET, ran((0, "ana"))).change == ADDED
    assert compare(ran((0, "ana")), QUIET).change == AVOIDED


def test_a_breach_is_warned_by_the_first_page_before_it():
    assert lead_of(ran((5, "ana"), (50, "ben")), at(65)) == 60
    assert lead_of(ran((65, "ana")), at(65)) is None
    ticket = Ticket(1, BADLY, (("resolution", at(65)),))
    told = count(ticket, (ran((35, "ana")), ran((5, "ana"))), {})["difference"]["breaches"]
    assert told == {"earlier": {"resolution": 1}, "earlier_minutes": {"30": 1}}


def test_noise_is_a_ticket_that_ended_well_and_was_escalated_all_the_same():
    told = count(Ticket(1, WELL), (ran((0, "ana")), QUIET), {})
    assert leaf(told, "sides", "0", "noise", "tickets") == 1
    assert leaf(count(Ticket(1, BADLY), (ran((0, "ana")), QUIET), {}), "sides", "0", "noise") == 0


def test_nights_are_by_the_clock_of_the_person_who_is_paged():
    assert [is_night(hour) for hour in (21, 22, 5, 6)] == [False, True, True, False]
    zones = {"kim": ZoneInfo("Asia/Tokyo")}  # noon in UTC is 21:00 there, 13:00 is 22:00
    told = count(Ticket(1, WELL), (ran((60, "kim"), (60, "ana")), QUIET), zones)["sides"]["0"]
    assert told["nights"] == {"kim": 1}
    assert told["hours"] == {"22": 1, "13": 1}


@given(TALLIES, TALLIES, TALLIES)
def test_merging_is_associative_and_commutative(one, two, three):
    try:
        whole = merge(merge(one, two), three)
    except (TypeError, AttributeError):
        return  # a number against a tree: tallies of one shape only are merged
    assert merge(one, merge(two, three)) == whole
    assert merged([three, one, two]) == whole
    assert merge(one, {}) == one


@given(st.lists(st.tuples(PAGES, PAGES), max_size=8), st.integers(0, 8))
def test_a_history_split_anywhere_counts_like_the_whole(runs, cut):
    tallies = [count(Ticket(n, WELL), (ran(*sorted(a)), ran(*sorted(b))), {}) for n, (a, b) in enumerate(runs)]
    assert merge(merged(tallies[:cut]), merged(tallies[cut:])) == merged(tallies)


def test_quantiles_of_a_histogram():
    assert quantile({}, 0.5) is None
    assert quantile({"1": 1, "10": 1, "100": 1}, 0.5) == 10
    assert quantile({"5": 9, "60": 1}, 0.9) == 5
