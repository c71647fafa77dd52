"""Which methods are used for a page, in which order and when (SEMANTICS 5). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Method:
    """A verified address on one channel."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A person's wish: for pages of `urgency`, use `method` `delay` after the page was made."""

    urgency: str
    position: int
    delay: timedelta
    method: Method


@dataclass(frozen=True, slots=True)
class Step:
    position: int  # 1, 2, 3 ... in order of use
    delay: timedelta
    method: Method


def steps(methods: Sequence[Method], rules: Sequence[Rule], urgency: str) -> tuple[Step, ...]:
    """Return the steps of one page to a person with these verified `methods` and `rules`.

    Rules whose method is not among the verified ones count for nothing. Without a rule that counts for this
    urgency every method is used at once: better too loud than not told. The first step is always due
    at once, and a method is used once, at its earliest step.
    """
    if len(methods) == 1 and not rules:
        return (Step(1, timedelta(), methods[0]),)  # thousands who are told by their account's own mail
    counting = [rule for rule in rules if rule.urgency == urgency and rule.method in methods]
    wanted = [(rule.delay, rule.method) for rule in sorted(counting, key=lambda r: (r.delay, r.position))]
    if not wanted:
        wanted = [(timedelta(), method) for method in methods]
    else:
        wanted[0] = (timedelta(), wanted[0][1])
    seen: dict[Method, timedelta] = {}
    for delay, method in wanted:
        seen.setdefault(method, delay)
    return tuple(Step(position, delay, method) for position, (method, delay) in enumerate(seen.items(), start=1))


def chosen(methods: Sequence[Method], channels: Sequence[str], mail_to: str = "") -> tuple[Method, ...]:
    """Return those of a person's verified methods that are on `channels` (none: all of them).

    Where e-mail is among them and no address for it is verified, `mail_to` (the account's own address) is used.
    """
    found = tuple(method for method in methods if not channels or method.channel in channels)
    if mail_to and "email" in channels and all(method.channel != "email" for method in found):
        return (*found, Method("email", mail_to))
    return found
