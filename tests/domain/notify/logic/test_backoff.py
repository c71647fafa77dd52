from datetime import timedelta

import pytest

from tocsin.domain.notify.logic.backoff import retry_after


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 15), (3, 45), (4, 135), (5, 300), (6, 300), (1000, 300)])
def test_waits_triple_up_to_five_minutes(attempts: int, seconds: int) -> None:
    assert retry_after(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("asked", "seconds"), [(1, 5), (90, 90), (86_400, 3_600)])
def test_retry_after_lengthens_within_an_hour(asked: int, seconds: int) -> None:
    assert retry_after(1, timedelta(seconds=asked)) == timedelta(seconds=seconds)
