"""A listening record's one status, and what moves it (SEMANTICS 7: played back and confirmed). Pure."""

from enum import StrEnum

from tocsin.domain.listening.logic.phrases import Book, parse_pattern, words_of


class Act(StrEnum):
    """What can be done with a record."""

    REVISE = "revise"
    PLAY_BACK = "play_back"
    CONFIRM = "confirm"
    CORRECT = "correct"


NOTED, WAITING, CONFIRMED, CORRECTED = "noted", "waiting", "confirmed", "corrected"

# A customer may think better of it for as long as the wording is the same.
MOVES: dict[str, dict[Act, str]] = {
    NOTED: {Act.REVISE: NOTED, Act.PLAY_BACK: WAITING, Act.CONFIRM: CONFIRMED, Act.CORRECT: CORRECTED},
    WAITING: {Act.REVISE: NOTED, Act.PLAY_BACK: WAITING, Act.CONFIRM: CONFIRMED, Act.CORRECT: CORRECTED},
    CONFIRMED: {Act.REVISE: NOTED, Act.CONFIRM: CONFIRMED, Act.CORRECT: CORRECTED},
    CORRECTED: {Act.REVISE: NOTED, Act.PLAY_BACK: WAITING, Act.CONFIRM: CONFIRMED, Act.CORRECT: CORRECTED},
}


def after(state: str, act: Act) -> str | None:
    """Return the state after an act, None if the record has no such move."""
    return MOVES[state].get(act)


YES = (
    "yes", "that is it", "that's it", "that is right", "that's right", "exactly", "correct", "ja", "genau", "das stimmt",
    "stimmt", "richtig", "das ist es", "korrekt", "passt so",
)  # fmt: skip
NOT_QUITE = (
    "not quite", "not exactly", "not correct", "no", "wrong", "that is not", "that's not", "nein", "nicht ganz", "falsch",
    "stimmt nicht", "stimmt so nicht", "das ist nicht", "fehlt", "missing",
)  # fmt: skip
_BOOK = Book(
    [(f"yes {n}", parse_pattern(one)) for n, one in enumerate(YES)]
    + [(f"no {n}", parse_pattern(one)) for n, one in enumerate(NOT_QUITE)]
)
OPENING = 25  # words of an answer in which its yes or no stands


def reads_as(reply: str) -> str:
    """Return "yes", "no" or "": how the beginning of a reply to a record reads. Only a hint: a person decides."""
    found = {one.key.split()[0] for one in _BOOK.find(words_of(reply)[:OPENING])}
    return "no" if "no" in found else "yes" if "yes" in found else ""
