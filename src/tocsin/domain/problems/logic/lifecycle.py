"""A problem's one status, and what moves it. One table; everything else refuses."""

from enum import StrEnum


class State(StrEnum):
    CANDIDATE = "candidate"
    OPEN = "open"
    CAUSE_KNOWN = "cause_known"
    WORKAROUND = "workaround"
    KNOWN_ERROR = "known_error"
    FIX_PLANNED = "fix_planned"
    FIXED = "fixed"
    VERIFIED = "verified"
    CLOSED = "closed"


class Act(StrEnum):
    ACCEPT = "accept"
    FIND_CAUSE = "find_cause"
    GIVE_WORKAROUND = "give_workaround"
    PUBLISH = "publish"
    PLAN_FIX = "plan_fix"
    FIX = "fix"
    VERIFY = "verify"
    CLOSE = "close"
    REOPEN = "reopen"


_S = State
AT_WORK = (_S.OPEN, _S.CAUSE_KNOWN, _S.WORKAROUND, _S.KNOWN_ERROR, _S.FIX_PLANNED)
ENDED = (_S.FIXED, _S.VERIFIED, _S.CLOSED)
# {act: (from which states, to which)}
MOVES: dict[Act, tuple[tuple[State, ...], State]] = {
    Act.ACCEPT: ((_S.CANDIDATE,), _S.OPEN),
    Act.FIND_CAUSE: ((_S.OPEN, _S.WORKAROUND), _S.CAUSE_KNOWN),
    Act.GIVE_WORKAROUND: ((_S.OPEN, _S.CAUSE_KNOWN), _S.WORKAROUND),
    Act.PUBLISH: ((_S.OPEN, _S.CAUSE_KNOWN, _S.WORKAROUND), _S.KNOWN_ERROR),
    Act.PLAN_FIX: ((_S.OPEN, _S.CAUSE_KNOWN, _S.WORKAROUND, _S.KNOWN_ERROR), _S.FIX_PLANNED),
    Act.FIX: (AT_WORK, _S.FIXED),
    Act.VERIFY: ((_S.FIXED,), _S.VERIFIED),
    Act.CLOSE: ((_S.CANDIDATE, *AT_WORK, _S.FIXED, _S.VERIFIED), _S.CLOSED),
    Act.REOPEN: (ENDED, _S.OPEN),
}
LABELS = {
    Act.ACCEPT: "Take it up",
    Act.FIND_CAUSE: "The cause is known",
    Act.GIVE_WORKAROUND: "There is a workaround",
    Act.PUBLISH: "Publish known error",
    Act.PLAN_FIX: "A fix is planned",
    Act.FIX: "It is fixed",
    Act.VERIFY: "The fix is verified",
    Act.CLOSE: "Close",
    Act.REOPEN: "Reopen",
}


class Refused(Exception):
    """The table has no such move; says what could be done instead."""


def after(state: str, act: Act) -> State:
    """Return the state that `act` leads to. Raises Refused."""
    sources, target = MOVES[act]
    if state not in sources:
        could = [LABELS[one].lower() for one in acts_in(state)]
        raise Refused(f"This cannot be done while it is {state.replace('_', ' ')}. It could be: {', '.join(could)}.")
    return target


def acts_in(state: str) -> list[Act]:
    """Return what can be done in a state, in the order of the table."""
    return [act for act, (sources, _) in MOVES.items() if state in sources]


def missing(act: Act, *, cause: str, workaround: str, change: str, word: str) -> dict[str, str]:
    """Return what an act still needs: {field: remedy}. Nothing is claimed of a problem that is not written on it."""
    wanted: dict[str, str] = {}
    if act is Act.FIND_CAUSE and not cause:
        wanted["cause"] = "Write down the cause first."
    if act in (Act.GIVE_WORKAROUND, Act.PUBLISH) and not workaround:
        wanted["workaround"] = "Write down the workaround first."
    if act is Act.PLAN_FIX and not change:
        wanted["change"] = "Name the change or release that fixes it."
    if act in (Act.CLOSE, Act.REOPEN) and not word:
        wanted["word"] = "Say why."
    return wanted
