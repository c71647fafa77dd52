"""The forms of the four parties: short, different, and with words in common so that views can be compared. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

SCALE, TEXT = "scale", "text"
MOST, LONGEST = 6, 200
LONGEST_ANSWER = 5_000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `key` is the same in every form that asks the same."""

    key: str
    kind: str  # scale (1 bad to 5 good) or text
    en: str
    de: str

    def said(self, language: str) -> str:
        """Return it in a person's language ("de-AT" too); English where it has no other."""
        return self.de if language.lower().startswith("de") and self.de else self.en

    def as_json(self) -> dict[str, str]:
        return asdict(self)


class BadQuestions(ValueError):
    """A form that cannot be used. `field` names the place, the message the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


DEFAULTS: dict[str, tuple[Question, ...]] = {
    "customer": (
        Question("outcome", SCALE, "Is the problem solved for you?", "Ist das Problem für Sie gelöst?"),
        Question("timing", SCALE, "Did help come in time?", "Kam die Hilfe rechtzeitig?"),
        Question("informed", SCALE, "Did you know at all times how it stood?", "Wussten Sie jederzeit, wie es steht?"),
        Question("better", TEXT, "What should go better next time?", "Was soll beim nächsten Mal besser gehen?"),
    ),
    "front_line": (
        Question("timing", SCALE, "Did the next level help in time?", "Hat die nächste Stufe rechtzeitig geholfen?"),
        Question("informed", SCALE, "Were you kept in the picture?", "Wurden Sie auf dem Laufenden gehalten?"),
        Question("learnt", SCALE, "Could you solve the next one alone?", "Könnten Sie den nächsten Fall allein lösen?"),
        Question("better", TEXT, "What would have spared it?", "Was hätte sie erspart?"),
    ),
    "expert": (
        Question("outcome", SCALE, "Is the cause removed?", "Ist die Ursache beseitigt?"),
        Question("handover", SCALE, "Did you get all that you needed?", "Haben Sie alles bekommen, was Sie brauchten?"),
        Question("needed", SCALE, "Was it right to escalate?", "War es richtig zu eskalieren?"),
        Question("better", TEXT, "What was missing?", "Was hat gefehlt?"),
    ),
    "manager": (
        Question("outcome", SCALE, "Is it solved for the customer?", "Ist es für den Kunden gelöst?"),
        Question("timing", SCALE, "Did the ladder work in time?", "Hat die Stufenfolge rechtzeitig gegriffen?"),
        Question("needed", SCALE, "Was it right to escalate?", "War es richtig zu eskalieren?"),
        Question("better", TEXT, "What do we change?", "Was ändern wir?"),
    ),
}


def read(stored: Sequence[Mapping[str, str]]) -> tuple[Question, ...]:
    """Return a form as it is stored."""
    return tuple(Question(one["key"], one["kind"], one["en"], one.get("de", "")) for one in stored)


def checked(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return a form that may be stored. Raises BadQuestions: field names of the form are `en_1`, `key_2` and so on."""
    if not questions:
        raise BadQuestions("en_1", "Ask at least one question.")
    if len(questions) > MOST:
        raise BadQuestions(f"en_{MOST + 1}", f"Ask at most {MOST} questions: longer forms are not answered.")
    seen: set[str] = set()
    for place, one in enumerate(questions, start=1):
        if not one.en.strip():
            raise BadQuestions(f"en_{place}", "Write the question in English.")
        if len(one.en) > LONGEST or len(one.de) > LONGEST:
            raise BadQuestions(f"en_{place}", f"At most {LONGEST} characters.")
        if not _KEY.fullmatch(one.key):
            raise BadQuestions(f"key_{place}", "Use small letters, digits and underscores, a letter first.")
        if one.key in seen:
            raise BadQuestions(f"key_{place}", "Each question of a form needs a word of its own.")
        if one.kind not in (SCALE, TEXT):
            raise BadQuestions(f"kind_{place}", "Choose scale or text.")
        seen.add(one.key)
    if not any(one.kind == SCALE for one in questions):
        raise BadQuestions("kind_1", "Ask at least one question with a scale: words alone cannot be compared.")
    return tuple(questions)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it is stored."""

    key: str
    score: int | None
    text: str


def answered(questions: Sequence[Question], given: Mapping[str, str]) -> tuple[list[Given], dict[str, str]]:
    """Return the answers to a form, and {key: what is wrong}. Scales are answered, words may be left out."""
    answers: list[Given] = []
    wrong: dict[str, str] = {}
    known = {one.key for one in questions}
    for key in given:
        if key not in known:
            wrong[key] = "This form does not ask that."
    for one in questions:
        said = given.get(one.key, "").strip()
        if one.kind == SCALE:
            if said not in ("1", "2", "3", "4", "5"):
                wrong[one.key] = "Choose 1 (bad) to 5 (good)."
            else:
                answers.append(Given(one.key, int(said), ""))
        elif len(said) > LONGEST_ANSWER:
            wrong[one.key] = f"At most {LONGEST_ANSWER} characters; this has {len(said)}."
        elif "\x00" in said:
            wrong[one.key] = "It holds a NUL character, which cannot be stored. Remove it."
        elif said:
            answers.append(Given(one.key, None, said))
    return answers, wrong
