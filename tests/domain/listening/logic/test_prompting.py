"""What a language model is told, and what is read from its answer."""

import json

import pytest

from tocsin.domain.listening.logic.prompting import (
    LONGEST_ANSWER,
    LONGEST_MESSAGE,
    MOST_MESSAGES,
    Turn,
    Unusable,
    chosen,
    masked,
    read_answer,
    request_body,
)


def test_addresses_numbers_and_names_are_masked() -> None:
    text = "Call Ana Silva at +49 30 1234 567 or ana.silva@acme.example. Ana waits since 14:30 for T-104."
    assert masked(text, ["Ana Silva"]) == ("Call [name] at [number] or [address]. [name] waits since 14:30 for T-104.")


def test_the_first_and_the_newest_messages_are_told_as_far_as_they_fit() -> None:
    turns = [Turn(str(n), "customer", "x" * 2_000) for n in range(60)]
    told = chosen(turns)
    assert told[0].id == "0"
    assert told[-1].id == "59"
    assert len(told) <= MOST_MESSAGES
    assert sum(len(one.body) for one in told) <= 40_000
    body = request_body(model="m", wanted="summary", subject="s", turns=[Turn("", "customer", "y" * 9_000)])
    assert json.loads(body)["messages"][1]["content"].count("y" * LONGEST_MESSAGE) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"{}", "refused the key"), (429, b"", "asked too often"), (404, b"", "no such address or model"),
        (500, b"", "error"), (302, b"", "redirect"), (200, b"<html>", "not of the form"), (200, b'{"choices": []}', "not of the form"),
        (200, b'{"choices": [{"message": {"content": "  "}}]}', "empty"), (200, b"[1]", "not of the form"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_says_what_to_do(status: int, body: bytes, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        read_answer(status, body)


def test_an_answer_is_read_and_cut() -> None:
    body = json.dumps({"choices": [{"message": {"content": " a\x00" + "b" * 20_000}}]}).encode()
    text = read_answer(200, body)
    assert text.startswith("ab")
    assert len(text) <= LONGEST_ANSWER
