"""The fold from logged events to a ticket and its changes."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.intake.imports.digest import digest_of
from tocsin.intake.imports.events import Case, LoggedEvent
from tocsin.intake.imports.history import steps, whole

START = datetime(2016, 3, 1, 9, 0, tzinfo=UTC)


def event(minute: int = 0, **told: object) -> LoggedEvent:
    values: dict[str, object] = {"ref": "1", "at": START + timedelta(minutes=minute), "line_number": minute + 2}
    state = told.get("status")
    return LoggedEvent(**{**values, "state": str(state or ""), **told})  # type: ignore[arg-type]


def case(*events: LoggedEvent) -> Case:
    return Case("1", events)


def statuses(*words: str) -> list[str]:
    """Return the statuses that a ticket goes through when the log says these words, a minute apart."""
    _, changes = whole(case(*(event(n, status=word) for n, word in enumerate(words))))
    return [change.after for change in changes if change.field == "status"]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (["new", "open", "resolved", "closed"], ["new", "open", "resolved", "closed"]),
        (["open", "open"], ["new", "open"]),
        (["open", "new"], ["new", "open"]),  # new only until somebody acts
        (["open", "resolved", "open", "closed"], ["new", "open", "resolved", "reopened", "closed"]),
        (["open", "closed", "waiting_customer"], ["new", "open", "closed", "waiting_customer"]),
        (["closed", "new", "open"], ["new", "closed", "reopened", "open"]),
    ],
)
def test_statuses_follow_the_lifecycle(told: list[str], kept: list[str]) -> None:
    assert statuses(*told) == kept


def test_leaving_the_end_counts_as_reopened_and_clears_the_end() -> None:
    words = ("open", "resolved", "waiting_vendor", "closed", "open")
    rows = [event(n, status=word) for n, word in enumerate(words)]
    seen = [(h.reopens, h.resolved_at, h.closed_at) for _, h, _ in steps(case(*rows))]
    at = [START + timedelta(minutes=n) for n in range(5)]
    assert seen == [(0, None, None), (0, at[1], None), (1, None, None), (1, at[3], at[3]), (2, None, None)]


def test_first_facts_count_from_the_opening_and_the_rest_from_its_row() -> None:
    opened = START - timedelta(hours=1)
    history, changes = whole(case(event(status="open", team="A", priority=2, owner="Eva", opened_at=opened)))
    assert history.opened_at == opened
    assert [(c.field, c.after, c.at) for c in changes if c.field in ("status", "team", "priority", "owner")] == [
        ("status", "new", opened),
        ("priority", "2", opened),
        ("team", "A", opened),
        ("owner", "Eva", START),
        ("status", "open", START),
    ]


def test_opening_after_the_first_row_is_the_first_row() -> None:
    history, _ = whole(case(event(status="open", opened_at=START + timedelta(hours=1))))
    assert history.opened_at == START


def test_clock_that_runs_backwards_makes_no_past() -> None:
    history, changes = whole(case(event(5, status="open"), event(2, status="resolved")))
    assert [c.at for c in changes] == sorted(c.at for c in changes)
    assert history.resolved_at == START + timedelta(minutes=5)


def test_what_a_row_does_not_tell_stays() -> None:
    history, _ = whole(case(event(status="open", team="A", owner="Eva", service="S", priority=1), event(1)))
    assert (history.status, history.team, history.owner, history.service, history.priority) == (
        "open",
        "A",
        "Eva",
        "S",
        1,
    )


@pytest.mark.parametrize(
    ("holders", "handovers", "ping_pongs"),
    [
        ([("A", "")], 0, 0),
        ([("A", ""), ("A", "x")], 0, 0),
        ([("A", "x"), ("A", "y")], 1, 0),
        ([("A", "x"), ("B", ""), ("B", "y")], 1, 0),
        ([("A", ""), ("B", ""), ("A", "")], 2, 1),
    ],
)
def test_hops_are_counted_as_on_tickets_of_our_own(
    holders: list[tuple[str, str]], handovers: int, ping_pongs: int
) -> None:
    rows = [event(n, status="open", team=team, owner=owner) for n, (team, owner) in enumerate(holders)]
    history, _ = whole(case(*rows))
    assert (history.handovers, history.ping_pongs) == (handovers, ping_pongs)


def test_unassigned_since_the_owner_left_and_not_while_ended() -> None:
    rows = [
        event(0, status="open", owner=""),
        event(1, owner="Eva", status="open"),
        event(2, owner="", status="open"),
        event(3, status="resolved"),
    ]
    seen = [history.unassigned_since for _, history, _ in steps(case(*rows))]
    assert seen == [START, None, START + timedelta(minutes=2), None]


def test_digest_tells_pasts_apart_and_ignores_what_comes_afterwards() -> None:
    one = event(status="open", team="A", owner=None)
    assert digest_of([one]) != digest_of([event(status="open", team="A", owner="")])
    assert digest_of([one]) != digest_of([one, one])
    later = event(status="open", team="A", owner=None, missed=True, reassignments=4, line_number=99)
    assert digest_of([one]) == digest_of([later])
