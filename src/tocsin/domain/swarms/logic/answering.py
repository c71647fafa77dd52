"""What becomes of an invitation: {state: {act: state after}}. What is not listed is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    LEAVE = "leave"
    ASK_AGAIN = "ask_again"


# Whoever declined, was too slow or has left may still come (or come back) while the swarm is open.
MOVES: dict[str, dict[Act, str]] = {
    "invited": {
        Act.ACCEPT: "accepted", Act.DECLINE: "declined", Act.EXPIRE: "expired", Act.WITHDRAW: "withdrawn",
    },
    "accepted": {Act.LEAVE: "left"},
    "declined": {Act.ACCEPT: "accepted", Act.ASK_AGAIN: "invited"},
    "expired": {Act.ACCEPT: "accepted", Act.DECLINE: "declined", Act.ASK_AGAIN: "invited"},
    "left": {Act.ACCEPT: "accepted", Act.ASK_AGAIN: "invited"},
    "withdrawn": {},
}  # fmt: skip


class Refused(ValueError):
    """The invitation has no such move; the message says how it stands."""


def after(state: str, act: Act) -> str:
    """Return the state after `act`. Raises Refused."""
    try:
        return MOVES[state][act]
    except KeyError:
        raise Refused(f"This invitation is {state} already.") from None


def is_repeated(state: str, act: Act) -> bool:
    """Tell whether the act was done before: answering twice in the same way changes nothing."""
    return (act, state) in {(Act.ACCEPT, "accepted"), (Act.DECLINE, "declined"), (Act.LEAVE, "left")}


def nobody_comes(states: Iterable[str]) -> bool:
    """Tell whether a swarm is left with nobody who helps and nobody who may still answer."""
    return not any(state in ("invited", "accepted") for state in states)


@dataclass(frozen=True, slots=True)
class Count:
    """How a swarm stands, in figures."""

    helping: int
    asked: int
    declined: int
    silent: int


def count(states: Iterable[str]) -> Count:
    """Count the invitations by what became of them; those who have left helped."""
    given = list(states)
    return Count(
        helping=sum(one in ("accepted", "left") for one in given), asked=given.count("invited"),
        declined=given.count("declined"), silent=given.count("expired"),
    )  # fmt: skip


def is_late(expires_at: datetime, now: datetime) -> bool:
    """Tell whether the time to answer is over at `now`."""
    return now >= expires_at
