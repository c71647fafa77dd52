"""How a review moves. One table (SEMANTICS 8)."""

from enum import StrEnum


class Act(StrEnum):
    MEET = "meet"
    FINISH = "finish"
    SIGN = "sign"
    REVISE = "revise"


LABELS = {Act.MEET: "Start the meeting", Act.FINISH: "Meeting is over", Act.SIGN: "Sign off", Act.REVISE: "Change it"}
# {state: {act: state after}}. Signing needs no meeting: a small review is read and signed.
MOVES: dict[str, dict[Act, str]] = {
    "draft": {Act.MEET: "meeting", Act.SIGN: "signed_off"},
    "meeting": {Act.FINISH: "actions_open", Act.SIGN: "signed_off"},
    "actions_open": {Act.MEET: "meeting", Act.SIGN: "signed_off"},
    "signed_off": {Act.REVISE: "actions_open"},
}


class Refused(Exception):
    """The lifecycle has no such move; the message says the remedy."""


def after(state: str, act: str) -> str:
    """Return the state after `act`. Raises Refused."""
    moves = MOVES[state]
    if act not in moves:
        raise Refused(f"A review that is {state.replace('_', ' ')} cannot do this. Look at it again.")
    return moves[Act(act)]


def missing(*, summary: str, contributing: int, facilitator: bool) -> list[str]:
    """Return what a sign-off still needs, each with its remedy. A review without a cause has taught nothing."""
    wanted = []
    if not summary.strip():
        wanted.append("Write the summary.")
    if not contributing:
        wanted.append("Mark at least one contributing cause.")
    if not facilitator:
        wanted.append("Name who facilitates it.")
    return wanted
