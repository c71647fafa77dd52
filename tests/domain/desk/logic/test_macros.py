"""Filling in macros."""

import pytest

from tocsin.domain.desk.logic.macros import fill, unknown


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Hello {{ requester_first }},", "Hello Rita,"),
        ("{{requester_first}}", "Rita"),
        ("{{ next_update|later today }}", "later today"),
        ("{{ customer }}", ""),
        ("{{ nothing }}", ""),
        ("no variables {here} {{", "no variables {here} {{"),
        ("{% load x %}{{ requester_first.__class__ }}", "{% load x %}{{ requester_first.__class__ }}"),
    ],
)
def test_variables_are_filled_in_and_nothing_else(body: str, text: str) -> None:
    assert fill(body, {"requester_first": "Rita"}) == text


def test_a_value_is_not_filled_in_again() -> None:
    assert fill("{{ subject }}", {"subject": "{{ me }}", "me": "Ana"}) == "{{ me }}"


def test_unknown_variables_are_named() -> None:
    assert unknown("{{ requester }} {{ reqester }}") == ["reqester"]
