"""Fields of the organisation's own, tags and mentions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.desk.logic.fields import NotReadable, mentions, read, tag


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("text", "  a ", "a"),
        ("text", " ", None),
        ("number", "12,50", "12.5"),
        ("number", "1 000", "1000"),
        ("number", "-0.0", "-0"),
        ("date", "2026-03-02", "2026-03-02"),
        ("yes_no", "Ja", True),
        ("yes_no", "off", False),
        ("choice", "b", "b"),
    ],
)
def test_what_is_typed_is_read_by_the_fields_kind(kind: str, typed: str, value: object) -> None:
    assert read(kind, typed, ["a", "b"]) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "many"),
        ("number", "NaN"),
        ("number", "1e99"),
        ("date", "02.03.2026"),
        ("yes_no", "perhaps"),
        ("choice", "c"),
        ("text", "\x00"),
    ],
)
def test_what_cannot_be_read_is_refused(kind: str, typed: str) -> None:
    with pytest.raises(NotReadable):
        read(kind, typed, ["a", "b"])


@given(st.sampled_from(["text", "number", "date", "yes_no", "choice"]), st.text(max_size=40))
def test_reading_answers_or_refuses(kind: str, typed: str) -> None:
    try:
        read(kind, typed, ["a"])
    except NotReadable as refused:
        assert str(refused)


@pytest.mark.parametrize(("typed", "kept"), [(" VPN  Berlin!", "vpn-berlin"), ("--", ""), ("größe", "größe")])
def test_a_tag_is_small_letters_with_hyphens(typed: str, kept: str) -> None:
    assert tag(typed) == kept


@pytest.mark.parametrize(
    ("body", "who"),
    [
        ("@ana look, and @Ben.Novak too, @ana!", ["ana", "ben.novak"]),
        ("write to ana@example.org", []),
        ("@ana@example.org.", ["ana@example.org"]),
        ("an @ alone", []),
    ],
)
def test_mentions_are_found_once_each(body: str, who: list[str]) -> None:
    assert mentions(body) == who
