"""Why somebody cannot be reached, said plainly (UX "reachable?"). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time

FAILED_IN_A_ROW = 3  # messages, after which an address counts as one that does not work
ALL_DAY = 23 * 3600  # seconds of quiet hours in a day that leave no time worth the name


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One contact method as far as it matters here."""

    name: str  # "Text message +49..."
    verified: bool = True
    stopped: bool = False  # whoever has it answered STOP
    carrier: str = ""  # why nothing goes out by its channel at all; "" while something does
    failed: int = 0  # messages in a row, the newest ones
    error: str = ""  # of the newest of them
    ended: bool = False  # a browser has given up its subscription, a chat its connection

    @property
    def trouble(self) -> str:
        """Say why this address does not work, or ""."""
        if self.stopped:
            return f"{self.name}: whoever has it answered STOP; START to the same sender takes it back."
        if not self.verified:
            return f"{self.name}: not verified yet."
        if self.ended:
            return f"{self.name}: the subscription has ended; connect it again."
        if self.carrier:
            return f"{self.name}: {self.carrier}."
        if self.failed >= FAILED_IN_A_ROW:
            why = f": {self.error}" if self.error else ""
            return f"{self.name}: the last {self.failed} messages failed{why}."
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything about one person. `urgent` and `other`: which of `addresses` a page of that urgency uses, by place."""

    active: bool = True
    addresses: tuple[Address, ...] = ()
    urgent: tuple[int, ...] = ()
    other: tuple[int, ...] = ()
    quiet: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """`cannot`: why no urgent page reaches the person; empty if one does. `limits`: what else is not as it should be."""

    cannot: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


def judge(person: Situation) -> Judgement:
    """Say why somebody cannot be reached, and what does not work although they can."""
    if not person.active:
        return Judgement(cannot=("The account is deactivated.",))
    if not person.addresses:
        return Judgement(cannot=("There is no address. Add one and verify it.",))
    if not any(one.verified for one in person.addresses):
        several = f"None of the {len(person.addresses)} addresses is verified." if len(person.addresses) > 1 else ""
        return Judgement(cannot=tuple(filter(None, (several, *(one.trouble for one in person.addresses)))))
    urgent, other = _used(person, person.urgent), _used(person, person.other)
    limits = list(_quiet(person.quiet))
    if _none_works(urgent):
        return Judgement(_all("urgent pages", urgent), tuple(limits))
    limits += _troubles(urgent)
    if _none_works(other):
        limits += _all("pages that are not urgent", other)
    return Judgement((), tuple(dict.fromkeys([*limits, *_troubles(other)])))


def quiet_seconds(starts: time, ends: time) -> int:
    """Return how long quiet hours last in a day without a change of clocks; equal times mean none."""
    span = _seconds(ends) - _seconds(starts)
    return span if span >= 0 else span + 24 * 3600


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _quiet(hours: tuple[time, time] | None) -> Iterable[str]:
    if hours is not None and quiet_seconds(*hours) >= ALL_DAY:
        yield "Quiet hours last all day: pages that are not urgent hardly ever get through."


def _used(person: Situation, places: Sequence[int]) -> list[Address]:
    return [person.addresses[place] for place in places]


def _none_works(addresses: Sequence[Address]) -> bool:
    return all(one.trouble for one in addresses)


def _troubles(addresses: Sequence[Address]) -> list[str]:
    return [one.trouble for one in addresses if one.trouble]


def _all(what: str, addresses: Sequence[Address]) -> tuple[str, ...]:
    if not addresses:
        return (f"No address is used for {what}.",)
    intro = (f"None of the {len(addresses)} addresses for {what} works.",) if len(addresses) > 1 else ()
    return (*intro, *_troubles(addresses))
