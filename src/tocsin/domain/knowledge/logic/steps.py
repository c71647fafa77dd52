"""A runbook's steps: one a line, as people write them."""

import re
from collections.abc import Sequence

MOST = 40
LONGEST = 500
_MARK = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")


class TooMany(ValueError):
    """More steps, or longer ones, than anybody follows."""


def steps_of(text: str) -> list[str]:
    """Return the steps of a text with one a line; numbers and bullets before them are dropped, empty lines too.

    Raises TooMany for more than 40 steps or a step of more than 500 characters.
    """
    steps = [_MARK.sub("", line).strip() for line in text.splitlines()]
    steps = [step for step in steps if step]
    if len(steps) > MOST:
        raise TooMany(f"At most {MOST} steps; this has {len(steps)}. Split the runbook.")
    if any(len(step) > LONGEST for step in steps):
        raise TooMany(f"A step has at most {LONGEST} characters. Put what is longer into the text.")
    return steps


def as_text(steps: Sequence[str]) -> str:
    """Return steps as they are edited."""
    return "\n".join(steps)


WORDS = {"done": "done", "no_help": "did not help", "skipped": "skipped"}


def tried(ticks: Sequence[tuple[str, str, str, str]]) -> str:
    """Return what was tried, in words, from (runbook, step, result, word) in order: the "already tried" of a brief.

    What was skipped was not tried and is left out.
    """
    lines: list[str] = []
    last = ""
    for runbook, step, result, word in ticks:
        if result == "skipped":
            continue
        if runbook != last:
            lines.append(f"{runbook}:")
            last = runbook
        more = f" ({word})" if word else ""
        lines.append(f"- {step}: {WORDS[result]}{more}")
    return "\n".join(lines)
