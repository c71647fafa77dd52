"""Identifiers."""

import uuid

from tocsin.kernel.ids import new_id, new_ids


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = new_id()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_ids_are_unique_and_rise_with_time() -> None:
    made = [new_id() for _ in range(5_000)]
    assert len(set(made)) == len(made)
    milliseconds = [one.int >> 80 for one in made]
    assert milliseconds == sorted(milliseconds)


def test_many_at_once_are_ids_like_any_other() -> None:
    made = new_ids(5_000)
    assert len(set(made)) == 5_000
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert all(abs((one.int >> 80) - (new_id().int >> 80)) < 60_000 for one in made[:10])
    assert len({one.int >> 64 & 0xFFF for one in made}) > 1_000  # the random bits beside the version too
    assert new_ids(0) == []
