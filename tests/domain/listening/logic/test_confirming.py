"""A record's status, and how a reply to it reads."""

import pytest

from tocsin.domain.listening.enums import State
from tocsin.domain.listening.logic.confirming import MOVES, Act, after, reads_as


def test_every_state_has_its_moves_and_they_lead_to_states() -> None:
    assert set(MOVES) == set(State.values)
    assert {state for moves in MOVES.values() for state in moves.values()} == set(State.values)


@pytest.mark.parametrize(
    ("state", "act", "then"),
    [
        ("noted", Act.PLAY_BACK, "waiting"), ("waiting", Act.CONFIRM, "confirmed"), ("waiting", Act.CORRECT, "corrected"),
        ("confirmed", Act.REVISE, "noted"), ("confirmed", Act.PLAY_BACK, None), ("corrected", Act.CONFIRM, "confirmed"),
    ],
)  # fmt: skip
def test_a_record_moves_by_its_table(state: str, act: Act, then: str | None) -> None:
    assert after(state, act) == then


@pytest.mark.parametrize(
    ("reply", "reads"),
    [
        ("Yes, that is it. Thank you for asking.", "yes"), ("Genau, das stimmt so.", "yes"),
        ("Not quite: it is the whole team.", "no"), ("Nein, es fehlt der zweite Standort.", "no"),
        ("Yes and no, that is not the main point", "no"), ("When will it be fixed?", ""),
    ],
)  # fmt: skip
def test_the_beginning_of_a_reply_reads_as_yes_or_no(reply: str, reads: str) -> None:
    assert reads_as(reply) == reads
