from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.logic.resting import FIRST_REST, LONGEST_REST, Condition, after_failure, rest


@pytest.mark.parametrize(("fault", "patience"), [(Fault.PROVIDER, 3), (Fault.UNSURE, 2), (Fault.CREDENTIALS, 1)])
def test_a_provider_rests_after_failures_in_a_row(now, fault: Fault, patience: int) -> None:
    condition = Condition()
    for count in range(1, patience):
        condition = after_failure(condition, fault, now)
        assert condition == Condition(failures=count)
    assert after_failure(condition, fault, now) == Condition(patience, 1, now + FIRST_REST)


@pytest.mark.parametrize("fault", [Fault.MESSAGE, Fault.BUSY])
def test_what_is_about_a_message_says_nothing_of_the_provider(now, fault: Fault) -> None:
    assert after_failure(Condition(failures=2), fault, now) == Condition(failures=2)


def test_each_rest_is_twice_as_long_up_to_ten_minutes(now) -> None:
    condition, at, lengths = Condition(), now, []
    for _ in range(8):
        condition = after_failure(condition, Fault.CREDENTIALS, at)
        assert condition.resting_until is not None
        lengths.append(int((condition.resting_until - at).total_seconds()))
        at = condition.resting_until
    assert lengths == [15, 30, 60, 120, 240, 480, 600, 600]


def test_senders_that_were_at_work_do_not_lengthen_the_rest(now) -> None:
    resting = Condition(3, 1, now + FIRST_REST)
    assert after_failure(resting, Fault.PROVIDER, now + timedelta(seconds=14)) == resting
    assert resting.rests_at(now + timedelta(seconds=14))
    assert not resting.rests_at(now + FIRST_REST)


@given(st.integers(1, 10_000))
def test_a_rest_is_never_longer_than_the_longest(times: int) -> None:
    assert FIRST_REST <= rest(times) <= LONGEST_REST
