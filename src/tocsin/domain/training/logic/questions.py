"""Questions of a course: written as plain text, asked, and judged. Pure.

One question begins with `?`; its choices follow, one a line: `*` before a right one, `-` before a wrong one; `>` begins
the explanation, which is shown after answering. A question with several right choices asks for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

MOST, MOST_CHOICES, LONGEST = 30, 8, 500


class BadQuestions(ValueError):
    """The text is not understood; the message names the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer."""

    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `several`: more than one choice is right, and all of them are wanted."""

    text: str
    choices: tuple[Choice, ...]
    explanation: str = ""

    @property
    def several(self) -> bool:
        return sum(one.right for one in self.choices) > 1

    @property
    def right(self) -> frozenset[int]:
        """The places of the right choices."""
        return frozenset(n for n, one in enumerate(self.choices) if one.right)


def questions_of(text: str) -> list[Question]:
    """Return the questions that a text holds. Raises BadQuestions with line and remedy."""
    found: list[tuple[int, str, list[Choice], list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.strip()
        if not said:
            continue
        mark, rest = said[0], said[1:].strip()
        if len(rest) > LONGEST:
            raise BadQuestions(f"Line {number}: at most {LONGEST} characters.")
        if mark == "?" and rest:
            found.append((number, rest, [], []))
        elif not found:
            raise BadQuestions(f'Line {number}: begin with a question, as in "? What does a red light mean".')
        elif mark in "*-" and rest:
            found[-1][2].append(Choice(rest, mark == "*"))
        elif mark == ">" and rest:
            found[-1][3].append(rest)
        else:
            raise BadQuestions(f'Line {number}: begin it with "?", "*", "-" or ">", and write something after it.')
    if len(found) > MOST:
        raise BadQuestions(f"At most {MOST} questions; this has {len(found)}. Make two courses of it.")
    return [_question(number, words, choices, why) for number, words, choices, why in found]


def _question(number: int, words: str, choices: list[Choice], why: list[str]) -> Question:
    if not 2 <= len(choices) <= MOST_CHOICES:
        raise BadQuestions(f'Line {number}: "{words[:40]}" needs 2 to {MOST_CHOICES} choices; it has {len(choices)}.')
    if not any(one.right for one in choices):
        raise BadQuestions(f'Line {number}: "{words[:40]}" has no right choice. Put "*" before it.')
    if len({one.text.lower() for one in choices}) < len(choices):
        raise BadQuestions(f'Line {number}: "{words[:40]}" has the same choice twice.')
    return Question(words, tuple(choices), " ".join(why))


def as_text(questions: Sequence[Question]) -> str:
    """Return questions as they are edited."""
    blocks = []
    for one in questions:
        lines = [f"? {one.text}", *[f"{'*' if choice.right else '-'} {choice.text}" for choice in one.choices]]
        blocks.append("\n".join([*lines, *([f"> {one.explanation}"] if one.explanation else [])]))
    return "\n\n".join(blocks)


def to_json(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return questions as they are stored."""
    return [
        {"text": one.text, "choices": [[c.text, c.right] for c in one.choices], "explanation": one.explanation}
        for one in questions
    ]


def from_json(stored: Sequence[Mapping[str, Any]]) -> list[Question]:
    """Return stored questions."""
    return [
        Question(one["text"], tuple(Choice(text, right) for text, right in one["choices"]), one["explanation"])
        for one in stored
    ]


def shown_order(question: Question, seed: str) -> list[int]:
    """Return the places of the choices in the order in which they are shown: another for each seed, always the same.

    Authors write the right one first; whoever answers must not see that.
    """
    return sorted(
        range(len(question.choices)),
        key=lambda place: sha256(f"{seed} {question.text} {question.choices[place].text}".encode()).digest(),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of an attempt."""

    right: int
    of: int
    passed: bool

    @property
    def percent(self) -> int:
        """The share that was right, rounded down: 79.9 is not 80."""
        return 100 * self.right // self.of if self.of else 100


def judge(questions: Sequence[Question], answers: Sequence[Sequence[int]], pass_mark: int) -> Judged:
    """Return what came of these answers. A question counts when exactly its right choices were taken.

    A course without questions is passed by saying that one has read it. Exact, never rounded up.
    """
    given = [frozenset(one) for one in answers]
    right = sum(n < len(given) and given[n] == question.right for n, question in enumerate(questions))
    return Judged(right, len(questions), right * 100 >= pass_mark * len(questions))
