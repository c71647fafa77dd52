"""The pure parts of training."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.training.logic import questions as asking
from tocsin.domain.training.logic.coverage import Cell, Single, concerned, singles
from tocsin.domain.training.logic.questions import BadQuestions, Choice, Question
from tocsin.domain.training.logic.reachable import Knower, in_order
from tocsin.domain.training.logic.validity import (
    Asked,
    Learnt,
    Standing,
    months_later,
    next_due,
    reminder_at,
    standing,
    valid_until,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TEXT = """? Which light is red
* The gateway's
- The printer's
> It blinks while it restarts.

? Which two may you restart
* App server
* Cache
- Database
"""


def test_questions_are_read_from_plain_text() -> None:
    first, second = asking.questions_of(TEXT)
    assert (first.text, first.right, first.several) == ("Which light is red", frozenset({0}), False)
    assert first.explanation == "It blinks while it restarts."
    assert (second.right, second.several) == (frozenset({0, 1}), True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("* A", "begin with a question"),
        ("? Q\n* A", "2 to 8 choices; it has 1"),
        ("? Q\n- A\n- B", 'Put "\\*" before it'),
        ("? Q\n* A\n* a", "the same choice twice"),
        ("? Q\n* A\nB", "Line 3"),
        ("\n".join("? Q\n* A\n- B" for _ in range(31)), "Make two courses"),
    ],
)
def test_what_is_not_understood_names_its_line_and_the_remedy(text: str, problem: str) -> None:
    with pytest.raises(BadQuestions, match=problem):
        asking.questions_of(text)


_words = st.text("abc xyz0-?*>", min_size=1, max_size=20).map(lambda text: f"w{text.strip()}")


@given(st.lists(st.tuples(_words, st.lists(_words, min_size=2, max_size=6, unique_by=str.lower), _words), max_size=5))
def test_questions_survive_editing_and_storing(written: list[tuple[str, list[str], str]]) -> None:
    given_ = [Question(q, tuple(Choice(c, n == 0) for n, c in enumerate(cs)), why) for q, cs, why in written]
    assert asking.questions_of(asking.as_text(given_)) == given_
    assert asking.from_json(asking.to_json(given_)) == given_


@pytest.mark.parametrize(
    ("answers", "mark", "right", "passed"),
    [
        ([[0], [0, 1]], 100, 2, True),
        ([[0], [0]], 100, 1, False),  # half of two right choices is not right
        ([[0], [0, 1, 2]], 50, 1, True),
        ([[0], [0]], 51, 1, False),  # exact, never rounded
        ([[], []], 1, 0, False),
        ([], 1, 0, False),
    ],
)
def test_an_attempt_is_judged(answers: list[list[int]], mark: int, right: int, passed: bool) -> None:
    judged = asking.judge(asking.questions_of(TEXT), answers, mark)
    assert (judged.right, judged.passed) == (right, passed)


def test_choices_are_shown_in_an_order_of_each_persons_own() -> None:
    question = asking.questions_of("? Q\n* A\n- B\n- C\n- D")[0]
    orders = {tuple(asking.shown_order(question, str(seed))) for seed in range(30)}
    assert len(orders) > 5
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert asking.shown_order(question, "ana") == asking.shown_order(question, "ana")


def test_two_thirds_are_not_67_per_cent() -> None:
    three = asking.questions_of("\n".join(f"? Q{n}\n* A\n- B" for n in range(3)))
    assert not asking.judge(three, [[0], [0], [1]], 67).passed
    assert asking.judge(three, [[0], [0], [1]], 66).passed


def test_a_course_without_questions_is_passed_by_reading() -> None:
    assert asking.judge([], [], 80).passed


@pytest.mark.parametrize(
    ("at", "months", "expected"),
    [
        (datetime(2026, 1, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), 12, datetime(2025, 2, 28, tzinfo=UTC)),
        (datetime(2026, 11, 15, tzinfo=UTC), 3, datetime(2027, 2, 15, tzinfo=UTC)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(at: datetime, months: int, expected: datetime) -> None:
    assert months_later(at, months) == expected
    assert valid_until(at, 0) is None


def test_the_person_is_reminded_thirty_days_ahead_or_a_quarter_of_a_short_time() -> None:
    assert reminder_at(NOW, NOW + 365 * DAY) == NOW + 335 * DAY
    assert reminder_at(NOW, NOW + 28 * DAY) == NOW + 21 * DAY
    assert next_due(NOW, NOW + 365 * DAY, None) == NOW + 335 * DAY
    assert next_due(NOW, NOW + 365 * DAY, NOW) == NOW + 365 * DAY
    assert next_due(NOW, None, None) is None


ASKED = Asked(counts_from=2, since=NOW - 10 * DAY, within=30 * DAY, renewal_since=NOW - 5 * DAY)


@pytest.mark.parametrize(
    ("learnt", "asked", "expected"),
    [
        (Learnt(), ASKED, Standing("todo", NOW + 20 * DAY)),
        (Learnt(), Asked(counts_from=1, since=NOW - 30 * DAY, within=30 * DAY), Standing("overdue", NOW)),
        (Learnt(state="valid", version=2), ASKED, Standing("done")),
        (Learnt(state="valid", version=2, valid_until=NOW + 31 * DAY), ASKED, Standing("done", NOW + 31 * DAY)),
        (Learnt(state="valid", version=2, valid_until=NOW + 30 * DAY), ASKED, Standing("soon", NOW + 30 * DAY)),
        (Learnt(state="valid", version=2, valid_until=NOW), ASKED, Standing("overdue", NOW)),  # the engine is late
        (Learnt(state="expired", version=2, valid_until=NOW - DAY), ASKED, Standing("overdue", NOW - DAY)),
        (Learnt(state="valid", version=1), ASKED, Standing("renew", NOW + 25 * DAY)),
        (Learnt(state="waiting", version=2), ASKED, Standing("waiting")),
    ],
)
def test_how_somebody_stands_with_a_course(learnt: Learnt, asked: Asked, expected: Standing) -> None:
    assert standing(learnt, asked, NOW) == expected


def test_what_asks_for_renewal_counts_until_the_time_for_it_is_over() -> None:
    late = Asked(counts_from=2, since=NOW - 90 * DAY, within=30 * DAY, renewal_since=NOW - 30 * DAY)
    assert standing(Learnt(state="valid", version=1), ASKED, NOW).counts
    assert not standing(Learnt(state="valid", version=1), late, NOW).counts


ABOVE: dict[str, str | None] = {"desk": "apps", "apps": "vendor", "vendor": None, "net": None}


@pytest.mark.parametrize(
    ("owner", "team", "expected"),
    [("apps", "desk", True), ("apps", "vendor", True), ("apps", "apps", True), ("apps", "net", False), (None, "net", True)],
)  # fmt: skip
def test_a_team_is_concerned_by_what_lies_on_its_ladder(owner: str | None, team: str, expected: bool) -> None:
    assert concerned(ABOVE, owner, team) is expected


def test_where_no_team_of_a_line_stands_on_the_ladder_all_of_the_line_are_concerned() -> None:
    assert concerned(ABOVE, "net", "desk", ["desk"])
    assert not concerned(ABOVE, "net", "apps", ["apps", "net"])
    assert not concerned({**ABOVE, "night": "net"}, "net", "desk", ["desk", "night"])


def test_a_ladder_in_a_circle_ends() -> None:
    assert not concerned({"a": "b", "b": "a", "c": None}, "c", "a")


def test_what_only_one_or_nobody_knows_is_a_single_point() -> None:
    known = {"VPN": ["ana"], "Mail": ["ana", "ben"], "Oracle": [], "Fax": ["somebody else"]}
    assert singles(known, ["ana", "ben"]) == [Single("Fax", ""), Single("Oracle", ""), Single("VPN", "ana")]


@pytest.mark.parametrize(("known", "asked", "degree"), [(0, 3, 0), (1, 3, 1), (2, 3, 2), (3, 3, 4), (1, 8, 0)])
def test_the_shade_of_a_cell(known: int, asked: int, degree: int) -> None:
    assert Cell(known, asked).degree == degree


def test_whoever_can_be_had_now_comes_first() -> None:
    people = [
        Knower(name="Away", away=True, on_call=True), Knower(name="Busy", tickets=9), Knower(name="Mute", reachable=False),
        Knower(name="Free"), Knower(name="Duty", on_call=True, tickets=20, quiet_until=NOW), Knower(name="Asleep", quiet_until=NOW),
    ]  # fmt: skip
    assert [one.name for one in in_order(people)] == ["Duty", "Free", "Busy", "Asleep", "Mute", "Away"]
    assert [one.name for one in in_order(people) if one.now] == ["Duty", "Free", "Busy"]
