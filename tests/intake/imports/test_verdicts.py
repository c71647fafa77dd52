"""How tickets ended, judged afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.intake.imports.events import Case, LoggedEvent
from tocsin.intake.imports.promises import NONE, SERVICENOW, Promises
from tocsin.intake.imports.verdicts import judge_for

START = datetime(2016, 3, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def case(*rows: tuple[float, dict[str, object]]) -> Case:
    made = [LoggedEvent("1", START + hour * HOUR, n + 2, **told) for n, (hour, told) in enumerate(rows)]  # type: ignore[arg-type]
    return Case("1", tuple(made))


def wrong_at(source: str, found: Case, promises: Promises = SERVICENOW) -> float | None:
    at = judge_for(source, promises)(found).went_wrong_at
    return None if at is None else (at - START) / HOUR


@pytest.mark.parametrize(
    ("last", "hour", "wrong"),
    [
        ({"missed": True}, 300, 213),  # when the target passed
        ({"missed": True}, 100, 100),  # the desk says so, though we see no reason: at the end
        ({"missed": False}, 300, None),
        ({}, 300, None),
    ],
)
def test_servicenow_goes_by_made_sla_at_the_end(last: dict[str, object], hour: float, wrong: float | None) -> None:
    assert wrong_at("servicenow", case((0, {"priority": 3, "missed": False}), (hour, last))) == wrong


def test_servicenow_goes_by_the_last_priority() -> None:
    found = case((0, {"priority": 3}), (10, {"priority": 1}), (300, {"missed": True}))
    assert wrong_at("servicenow", found) == 8


def test_volvo_goes_wrong_when_it_returns_or_is_active_again() -> None:
    a, b = {"team": "A", "active_again": True}, {"team": "B", "active_again": True}
    done: dict[str, object] = {"team": "A", "completed": True}
    assert wrong_at("volvo", case((0, a), (1, b), (2, done)), NONE) == 2
    assert wrong_at("volvo", case((0, a), (1, done), (5, a)), NONE) == 5
    assert wrong_at("volvo", case((0, a), (1, a), (2, done)), NONE) is None


def test_other_logs_go_by_their_column_and_by_reopening() -> None:
    done: dict[str, object] = {"completed": True}
    assert wrong_at("desk", case((0, {}), (9, {"missed": True})), NONE) == 9
    assert wrong_at("desk", case((0, {}), (1, done), (2, {"active_again": True}), (9, {})), NONE) == 2
    assert wrong_at("desk", case((0, {}), (9, done)), NONE) is None
