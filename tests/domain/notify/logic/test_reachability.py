"""UX "reachable?": why somebody cannot be reached, in plain words."""

from datetime import time

import pytest

from tocsin.domain.notify.logic.reachability import Address, Judgement, Situation, judge, quiet_seconds

MAIL = Address(name="E-mail kai@example.org")
TEXT = Address(name="Text message +4915123456789")


def situation(*addresses: Address, **more: object) -> Situation:
    everywhere = tuple(range(len(addresses)))
    wanted = {"urgent": everywhere, "other": everywhere} | more
    return Situation(addresses=addresses, **wanted)


def test_who_has_one_address_that_works_can_be_reached() -> None:
    assert judge(situation(MAIL)) == Judgement()


@pytest.mark.parametrize(
    ("person", "reasons"),
    [
        (Situation(active=False), ("The account is deactivated.",)),
        (Situation(), ("There is no address. Add one and verify it.",)),
        (situation(Address(name="A", verified=False)), ("A: not verified yet.",)),
        (
            situation(Address(name="A", verified=False), Address(name="B", verified=False)),
            ("None of the 2 addresses is verified.", "A: not verified yet.", "B: not verified yet."),
        ),
        (
            situation(Address(name="A", verified=False, stopped=True)),
            ("A: whoever has it answered STOP; START to the same sender takes it back.",),
        ),
        (situation(Address(name="A", carrier="no provider is set up")), ("A: no provider is set up.",)),
        (situation(Address(name="A", failed=3, error="550 no")), ("A: the last 3 messages failed: 550 no.",)),
        (situation(Address(name="A", ended=True)), ("A: the subscription has ended; connect it again.",)),
        (situation(MAIL, urgent=()), ("No address is used for urgent pages.",)),
        (
            situation(Address(name="A", failed=9), Address(name="B", carrier="its provider fails")),
            (
                "None of the 2 addresses for urgent pages works.",
                "A: the last 9 messages failed.",
                "B: its provider fails.",
            ),
        ),
    ],
)
def test_each_reason_is_named(person: Situation, reasons: tuple[str, ...]) -> None:
    assert judge(person).cannot == reasons


def test_two_failures_in_a_row_are_not_yet_a_reason() -> None:
    assert judge(situation(Address(name="A", failed=2))) == Judgement()


def test_one_address_that_works_is_enough_and_the_broken_one_is_named() -> None:
    broken = Address(name="B", failed=3)
    assert judge(situation(MAIL, broken)) == Judgement((), ("B: the last 3 messages failed.",))


def test_an_address_that_urgent_pages_do_not_use_does_not_make_anybody_reachable() -> None:
    broken = Address(name="B", failed=3)
    judged = judge(situation(MAIL, broken, urgent=(1,), other=(0,)))
    assert judged.cannot == ("B: the last 3 messages failed.",)


def test_pages_that_are_not_urgent_may_reach_nobody_although_urgent_ones_do() -> None:
    judged = judge(situation(MAIL, Address(name="B", failed=3), urgent=(0,), other=(1,)))
    assert judged == Judgement((), ("B: the last 3 messages failed.",))
    assert judge(situation(MAIL, other=())).limits == ("No address is used for pages that are not urgent.",)


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ((time(22), time(7)), False),
        ((time(0), time(23, 59)), True),
        ((time(8), time(7, 30)), True),
        ((time(8), time(8)), False),
    ],
)
def test_quiet_hours_that_last_all_day_are_pointed_out(hours: tuple[time, time], told: bool) -> None:
    judged = judge(situation(MAIL, quiet=hours))
    assert judged.cannot == ()
    assert bool(judged.limits) is told


def test_quiet_hours_may_cross_midnight() -> None:
    assert quiet_seconds(time(22), time(7)) == 9 * 3600
    assert quiet_seconds(time(7), time(22)) == 15 * 3600
    assert quiet_seconds(time(7), time(7)) == 0
