"""What comes back to whoever escalated: what the expert did, from the ticket's own story (SEMANTICS 8)."""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 1_200
MOST = 5


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that somebody wrote or tried while the escalation was open."""

    author: str
    body: str


def lesson(*, outcome: str, experts: Sequence[str], said: Sequence[Said], tried: Sequence[Said]) -> str:
    """Return the note (markdown), empty if nobody but the escalating person did anything there is to tell."""
    if not experts or not (outcome.strip() or said or tried):
        return ""
    parts = [f"**What the expert did** ({', '.join(experts)})"]
    if outcome.strip():
        parts.append(f"Outcome: {outcome.strip()}")
    if tried:
        parts.append("\n".join(f"- {one.author}: {one.body}" for one in tried))
    parts += [f"{one.author}:\n\n{_quoted(one.body)}" for one in said[-MOST:]]
    return "\n\n".join(parts)


def _quoted(body: str) -> str:
    text = body.strip()
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return "\n".join(f"> {line}" if line else ">" for line in text.splitlines())
