"""The one form in which a fact is stored and hashed."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.journal.logic.chain import EMPTY, Link, NotJson, canonical, digest, normal, problem_of

AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def link(position: int, previous: bytes, data: Any = None, **changed: Any) -> Link:
    body = canonical("s", position, AT, "k", "a", data)
    own = digest(previous, body)
    fields = {"stream": "s", "position": position, "at": AT, "kind": "k", "actor": "a", "data": data}
    return Link(**{**fields, "previous": previous, "hash": own, **changed})


@given(values)
def test_normal_is_stable(value: Any) -> None:
    once = normal(value)
    assert normal(once) == once
    assert canonical("s", 1, AT, "k", "a", once) == canonical("s", 1, AT, "k", "a", normal(once))


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [(1.0, 1), (-0.0, 0), (1e16, 10**16), (0.1, 0.1), (1e308, int(1e308)), (True, True), ((1, 2), [1, 2])],
)
def test_normal_keeps_numbers_by_value(given_value: Any, kept: Any) -> None:
    found = normal(given_value)
    assert found == kept
    assert type(found) is type(kept)
    assert str(found) == str(kept)  # 0, not -0.0


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"a": "x\x00y"}, "data.a"),
        ({"a\x00": 1}, "data, a key"),
        ({"a": [1, float("nan")]}, "data.a[1]"),
        (float("inf"), "data"),
        ({"a": "\ud800"}, "data.a"),
        ({1: "a"}, "data"),
        ({"a": b"bytes"}, "data.a"),
        ({"a": AT}, "data.a"),
        ({"a": 10**400}, "data.a"),
    ],
)
def test_normal_refuses_what_cannot_be_kept_and_says_where(value: Any, where: str) -> None:
    with pytest.raises(NotJson) as refused:
        normal(value)
    assert refused.value.where == where


def test_normal_refuses_bottomless_data() -> None:
    bottomless: list[Any] = []
    bottomless.append(bottomless)
    with pytest.raises(NotJson, match="nested"):
        normal(bottomless)


def test_canonical_forgets_the_order_of_keys_and_the_zone_of_the_instant() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert canonical("s", 1, AT, "k", "a", {"x": 1, "y": 2}) == canonical("s", 1, elsewhere, "k", "a", {"y": 2, "x": 1})


def test_a_whole_chain_has_no_problem() -> None:
    first = link(1, EMPTY, {"n": 1})
    assert problem_of(first, 1, EMPTY) == ""
    assert problem_of(link(2, first.hash), 2, first.hash) == ""


def test_each_kind_of_break_is_named() -> None:
    first = link(1, EMPTY)
    assert "was changed" in problem_of(link(1, EMPTY, kind="other"), 1, EMPTY)
    assert "was changed" in problem_of(link(1, EMPTY, at=AT + timedelta(microseconds=1)), 1, EMPTY)
    assert "does not follow" in problem_of(link(2, EMPTY), 2, first.hash)
    assert problem_of(link(2, first.hash), 1, EMPTY) == "s: entry 1 is missing (deleted?)"
    assert problem_of(link(4, first.hash), 2, first.hash) == "s: entries 2 to 3 are missing (deleted?)"
    assert "stands twice" in problem_of(link(1, first.hash), 2, first.hash)
    assert "never written by Tocsin" in problem_of(link(1, EMPTY, data={"a": "\x00"}), 1, EMPTY)
