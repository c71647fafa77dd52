"""What the product itself has put into notes and briefs, in the reader's language.

Notes of escalations, what comes back from experts, and briefs of handovers are stored as text: the product's heads and
facts in English (ADR 0007), between them what people wrote. When they are shown, the product's part is said in the
reader's language; what people wrote stays as it is.
"""

import re

from tocsin.domain.decisions.actions import BRIEF, LESSON
from tocsin.domain.tickets.enums import Status
from tocsin.web.languages.catalogue import SOURCE, exact, language_now, say

COMPOSED = (BRIEF, LESSON)  # how a note says that the product composed it (Message.via)
HEADS = (
    "What happened", "What was tried", "Tried", "Known", "Known impact", "Impact", "Wanted", "Next promise", "Outcome",
    "What the expert did",
)  # fmt: skip
_STATUSES = {str(one.label).lower() for one in Status}
_BOLD = re.compile(rf"\*\*({'|'.join(HEADS)})\*\*( \(.*\))?")
_HEAD = re.compile(rf"({'|'.join(HEADS)}):(?: (.*))?")
_TICK = re.compile(r"(- .*: )(done|did not help|skipped)( \(.*\))?")
_FACT = re.compile(r"(priority|service|item|customer) .+|passed on \d+ times")
_PROMISE = re.compile(r"(.+?) by (\S.*?)( \(late\))?")
_IMPACT = re.compile(r"Impact ([^,;]+), urgency ([^,;]+)(; .*)?")


def composed(text: str) -> str:
    """Return a composed text in the language being spoken."""
    if language_now() == SOURCE:
        return text
    return "\n".join(_line(line) for line in text.split("\n"))


def _own(text: str) -> str | None:
    """Return words of the product's own in the language being spoken; None for anything else."""
    return {
        "(nothing written down yet)": exact("(nothing written down yet)"),
        "nothing is written down yet": exact("nothing is written down yet"),
        "none is running": exact("none is running"),
        "see the timeline": exact("see the timeline"),
        "an owner until this is resolved": exact("an owner until this is resolved"),
        "Files for the escalation.": exact("Files for the escalation."),
        "Known impact": exact("Known impact"),
        "done": exact("done"),
        "did not help": exact("did not help"),
        "skipped": exact("skipped"),
        "priority": exact("priority"),
        "service": exact("service"),
        "item": exact("item"),
        "customer": exact("customer"),
        "late": exact("late"),
    }.get(text)


def _line(line: str) -> str:
    if bold := _BOLD.fullmatch(line):
        return f"**{exact(bold[1])}**{bold[2] or ''}"
    if head := _HEAD.fullmatch(line):
        rest = head[2] or ""
        told = {"Known": _facts, "Next promise": _promises}.get(head[1], _rest)(rest)
        return f"{exact(head[1])}: {told}".rstrip()
    return _rest(line)


def _rest(text: str) -> str:
    if own := _own(text):
        return own
    if tick := _TICK.fullmatch(text):
        return f"{tick[1]}{_own(tick[2])}{tick[3] or ''}"
    if impact := _IMPACT.fullmatch(text):
        return say(f"Impact {_word(impact[1])}, urgency {_word(impact[2])}{impact[3] or ''}")
    return _facts(text)


def _word(label: str) -> str:
    return exact(label.capitalize()).lower()


def _facts(text: str) -> str:
    """Facts stand in one line, joined by commas; a line with anything else is what somebody wrote."""
    parts = text.split(", ")
    if not text or not all(_FACT.fullmatch(part) or part in _STATUSES for part in parts):
        return text
    return ", ".join(_fact(part) for part in parts)


def _fact(part: str) -> str:
    word, _, rest = part.partition(" ")
    if part in _STATUSES:
        return _word(part)
    if word == "passed":
        return say(part)
    return f"{_own(word)} {_word(rest) if word == 'priority' else rest}"


def _promises(text: str) -> str:
    if own := _own(text):
        return own
    return "; ".join(_promise(part) for part in text.split("; "))


def _promise(part: str) -> str:
    if not (found := _PROMISE.fullmatch(part)):
        return say(part)
    late = f" ({_own('late')})" if found[3] else ""
    return f"{say(found[1])}, {found[2]}{late}"
