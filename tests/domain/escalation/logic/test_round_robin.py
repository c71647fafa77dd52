"""Whose turn it is, without a database."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.escalation.logic.round_robin import (
    Chosen,
    Nobody,
    Standing,
    again,
    choose,
    ordinal,
    passed_words,
)

FIVE = ("ana", "ben", "cyd", "dan", "eve")


def can(_person: str) -> str:
    return ""


def test_the_first_turn_is_the_first_participants() -> None:
    assert choose(FIVE, Standing(), can) == Chosen("ana", 0, 5)


def test_the_next_turn_is_the_next_participants_and_the_words_say_the_place() -> None:
    chosen = choose(FIVE, Standing("ben", 1), can)
    assert isinstance(chosen, Chosen)
    assert (chosen.person, chosen.words) == ("cyd", "round robin: 3rd of 5")


def test_after_the_last_comes_the_first() -> None:
    assert choose(FIVE, Standing("eve", 4), can) == Chosen("ana", 0, 5)


def test_whoever_cannot_be_told_is_passed_over_with_the_reason() -> None:
    chosen = choose(FIVE, Standing("ana", 0), lambda person: "away" if person in ("ben", "cyd") else "")
    assert chosen == Chosen("dan", 3, 5, (("ben", "away"), ("cyd", "away")))


def test_nobody_who_can_be_told_is_an_answer_with_every_reason() -> None:
    assert choose(("ana", "ben"), Standing("ana", 0), lambda _: "mute") == Nobody((("ben", "mute"), ("ana", "mute")))
    assert choose((), Standing("ana", 0), can) == Nobody()


def test_somebody_who_joins_moves_nobodys_turn() -> None:
    assert choose(("new", *FIVE), Standing("ben", 1), can) == Chosen("cyd", 3, 6)


def test_where_the_last_has_left_the_one_who_moved_up_is_next() -> None:
    assert choose(("ana", "cyd", "dan"), Standing("ben", 1), can) == Chosen("cyd", 1, 3)
    assert choose(("ana", "ben"), Standing("cyd", 2), can) == Chosen("ana", 0, 2)


def test_the_same_place_asks_the_same_person_unless_they_cannot_any_more() -> None:
    assert again(FIVE, "cyd", can) == Chosen("cyd", 2, 5)
    assert again(FIVE, "cyd", lambda _: "has declined") is None
    assert again(FIVE, "zoe", can) is None


def test_reasons_are_told_once_and_name_the_person() -> None:
    passed = (("a", "away until noon"), ("b", "Ben has declined"), ("b", "Ben has declined"))
    assert passed_words(passed, {"a": "Ana", "b": "Ben"}) == ["Ana: away until noon", "Ben has declined"]


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (113, "113th")]
)  # fmt: skip
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word


@given(st.integers(1, 12), st.integers(1, 5))
def test_after_whole_rounds_everybody_has_had_as_many_turns(count: int, rounds: int) -> None:
    people = tuple(f"p{number}" for number in range(count))
    standing, turns = Standing(), Counter[str]()
    for _ in range(count * rounds):
        chosen = choose(people, standing, can)
        assert isinstance(chosen, Chosen)
        turns[chosen.person] += 1
        standing = Standing(chosen.person, chosen.position)
    assert set(turns.values()) == {rounds}


@given(st.lists(st.sampled_from(FIVE), unique=True), st.sampled_from(FIVE), st.sets(st.sampled_from(FIVE)))
def test_somebody_is_found_whenever_anybody_can_be_told(people: list[str], last: str, mute: set[str]) -> None:
    chosen = choose(people, Standing(last, 2), lambda person: "mute" if person in mute else "")
    able = set(people) - mute
    assert isinstance(chosen, Chosen) == bool(able)
    assert not isinstance(chosen, Chosen) or chosen.person in able
