"""What a simulation reads and what it returns: facts of a ticket's history in, firings and levels out. Pure data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from tocsin.domain.escalation.logic.actions import Notify
from tocsin.domain.escalation.logic.events import LevelEmpty, LevelReached, LevelSkipped, RunEvent
from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.escalation.logic.triggers import ClockAt, Happening
from tocsin.domain.escalation.logic.view import TicketView

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Lived(NamedTuple):
    """What our own records tell of a fact beside what changed; an imported log holds none of it."""

    by_owner: bool = False  # the owner showed a sign of life
    moved_to: str | None = None  # the new owner's id, empty for a queue; None: it was not moved
    happened: tuple[Happening, ...] = ()  # what event-driven triggers look at beside the change itself
    answer: RunEvent | None = None  # what somebody answered to a run of `policy`
    policy: str = ""  # slug
    by_hand: bool = False  # somebody escalated by `policy`


class Fact(NamedTuple):
    """Something that happened to the ticket at `at`.

    `changes` are fields of TicketView that hold from now on. `kind`: opened, changed, reply,
    customer (message), asked (the customer pressed the button), resolved, reopened, handover, acknowledged,
    declined, machine (a change that is nobody's work and answers nothing). `by`: who did it, if known.
    """

    at: datetime
    kind: str
    changes: Mapping[str, Any] = _NOTHING
    by: str = ""
    text: str = ""
    lived: Lived | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger that came true and began (or reopened) an escalation; `refused` says why one did not."""

    at: datetime
    policy: str
    trigger: str
    why: str
    refused: str = ""


class Step(NamedTuple):
    """A level that opened. `people` is empty where nobody could be reached."""

    at: datetime
    policy: str
    cycle: int
    level: int
    people: tuple[str, ...]
    outcome: str  # paged, empty, skipped, catch_all


@dataclass(frozen=True, slots=True)
class Simulation:
    fired: tuple[Firing, ...]
    refused: tuple[Firing, ...]
    steps: tuple[Step, ...]
    ends: Mapping[str, str]  # policy slug -> status of its last run
    next_at: datetime | None = None  # when something more happens if the history does not go on


class Clocks(Protocol):
    """The SLA clocks of one ticket, told of each fact in order."""

    def tell(self, fact: Fact, before: TicketView, after: TicketView) -> None: ...

    def standing(self) -> Sequence[ClockAt]: ...


type Resolve = Callable[[Policy, Notify, TicketView], LevelReached | LevelEmpty | LevelSkipped]
