"""Hops and ping-pong (SEMANTICS 3: A-B-A counts twice; SEMANTICS 6: ping-pong is visible)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.tickets.logic.hops import (
    Holder,
    Hops,
    Move,
    count,
    fold,
    holders_of,
    is_hop,
    needs_arbiter,
    without_repeats,
)

names = st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=12)
holders = st.lists(
    st.builds(Holder, st.sampled_from(["", "x", "y"]), st.sampled_from(["", "a", "b", "c"])), max_size=10
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", Hops(0, 0)),
        ("A", Hops(0, 0)),
        ("AA", Hops(0, 0)),
        ("AB", Hops(1, 0)),
        ("ABA", Hops(2, 1)),
        ("AABBA", Hops(2, 1)),
        ("A.A", Hops(0, 0)),
        ("A.B.A", Hops(2, 1)),
        ("ABAB", Hops(3, 2)),
        ("ABCA", Hops(3, 0)),
        ("ABCBA", Hops(4, 1)),
    ],
)
def test_count_after_removing_repeats(path: str, expected: Hops) -> None:
    assert count([name.replace(".", "") for name in path]) == expected


def test_a_b_a_counts_twice() -> None:
    assert count("ABA").weight == 3  # the hop there, and the hop back twice
    assert count("ABC").weight == 2


@given(names)
def test_repeats_and_gaps_never_count(path: list[str]) -> None:
    doubled = [name for one in path for name in (one, one, "")]
    assert count(doubled) == count(path)


@given(names)
def test_there_is_never_more_ping_pong_than_hops(path: list[str]) -> None:
    found = count(path)
    assert 0 <= found.ping_pongs <= max(found.handovers - 1, 0)
    assert found.handovers == max(len(without_repeats(path)) - 1, 0)


@given(names)
def test_count_reads_the_same_backwards(path: list[str]) -> None:
    assert count(path) == count(path[::-1])


@given(names)
def test_with_one_team_or_none_the_fold_counts_owners(path: list[str]) -> None:
    assert fold([Holder("", name) for name in path]) == count(path)
    assert fold([Holder("x", name) for name in path]) == count(path)


@given(names)
def test_without_owners_the_fold_counts_teams(path: list[str]) -> None:
    assert fold([Holder(name, "") for name in path]) == count(path)


@given(holders)
def test_a_step_adds_at_most_one_hop_unless_it_changes_nothing(steps: list[Holder]) -> None:
    for end in range(1, len(steps) + 1):
        before, after = fold(steps[: end - 1]), fold(steps[:end])
        assert 0 <= after.handovers - before.handovers <= 1
        assert 0 <= after.ping_pongs - before.ping_pongs <= after.handovers - before.handovers
        assert is_hop(steps[:end]) == (after.handovers > before.handovers)


def test_taking_from_the_queue_it_has_just_reached_is_part_of_that_hop() -> None:
    assert fold([Holder("desk", "ana"), Holder("network", ""), Holder("network", "nora")]) == Hops(1, 0)


def test_team_and_owner_moved_by_one_act_are_one_hop() -> None:
    moves = [Move(1, "team", "desk"), Move(1, "owner", "ana"), Move(2, "team", "network"), Move(2, "owner", "nora")]
    steps = holders_of(moves)
    assert steps == [Holder("desk", "ana"), Holder("network", "nora")]
    assert fold(steps) == Hops(1, 0)


def test_two_acts_at_one_instant_are_two_steps() -> None:
    assert holders_of([Move(1, "owner", "ana"), Move(1, "owner", "ben")]) == [Holder("", "ana"), Holder("", "ben")]


@pytest.mark.parametrize(("used", "needed"), [(0, False), (2, False), (3, True), (9, True)])
def test_the_hop_after_the_budget_needs_an_arbiter(used: int, needed: bool) -> None:
    assert needs_arbiter(used) is needed
