"""The lifecycle table, every cell of it."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.logic.lifecycle import REOPEN_WINDOW, STATUSES, Act, Refused

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)

# One row a status, one column an act; "-" is refused. Written out a second time on purpose.
EXPECTED = """
                  touch             customer_message  work  wait_customer     wait_vendor     wait_change     resolve   close   reopen
new               open              new               open  waiting_customer  waiting_vendor  waiting_change  resolved  -       -
open              open              open              open  waiting_customer  waiting_vendor  waiting_change  resolved  -       -
waiting_customer  waiting_customer  open              open  waiting_customer  waiting_vendor  waiting_change  resolved  -       -
waiting_vendor    waiting_vendor    waiting_vendor    open  waiting_customer  waiting_vendor  waiting_change  resolved  -       -
waiting_change    waiting_change    waiting_change    open  waiting_customer  waiting_vendor  waiting_change  resolved  -       -
resolved          resolved          reopened          -     -                 -               -               resolved  closed  reopened
closed            closed            reopened          -     -                 -               -               -         closed  reopened
reopened          open              reopened          open  waiting_customer  waiting_vendor  waiting_change  resolved  -       reopened
"""


def cells() -> list[tuple[str, str, str]]:
    head, *rows = EXPECTED.strip("\n").splitlines()
    acts = head.split()
    return [(row.split()[0], act, after) for row in rows for act, after in zip(acts, row.split()[1:], strict=True)]


def test_the_table_is_complete() -> None:
    assert {(status, act) for status, act, _ in cells()} == {(s, str(a)) for s in STATUSES for a in Act}
    assert set(STATUSES) == set(Status.values)


@pytest.mark.parametrize(("status", "act", "after"), cells())
def test_each_cell(status: str, act: str, after: str) -> None:
    if after == "-":
        with pytest.raises(Refused) as refused:
            lifecycle.after(status, Act(act))
        assert refused.value.remedy.endswith(".")
    else:
        assert lifecycle.after(status, Act(act)) == after


@pytest.mark.parametrize("status", STATUSES)
def test_asking_for_the_present_status_means_nothing(status: str) -> None:
    assert lifecycle.act_for(status, status) is None


@pytest.mark.parametrize("status", [s for s in STATUSES if s != "new"])
def test_nobody_can_make_a_ticket_new(status: str) -> None:
    with pytest.raises(Refused, match="Choose open instead"):
        lifecycle.act_for(status, "new")


def test_a_word_that_is_no_status_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused, match=r"There is no status 'done'\. Choose one of open, waiting_customer"):
        lifecycle.act_for("open", "done")


@pytest.mark.parametrize(("late", "refused"), [(timedelta(0), False), (timedelta(microseconds=1), True)])
def test_a_closed_ticket_comes_back_within_the_window_only(late: timedelta, refused: bool) -> None:
    closed_at = NOW - REOPEN_WINDOW - late
    if refused:
        with pytest.raises(Refused, match="Open a new ticket and link it"):
            lifecycle.check_reopen("closed", closed_at, NOW)
    else:
        lifecycle.check_reopen("closed", closed_at, NOW)


def test_a_resolved_ticket_comes_back_without_limit() -> None:
    lifecycle.check_reopen("resolved", None, NOW)
    assert lifecycle.may_reopen_until(None) is None
