"""What feedback decides, without a database: whom and when to ask, what forms hold, what comments are about."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.feedback.logic import asking, questions, recovering
from tocsin.domain.feedback.logic.differences import differences
from tocsin.domain.feedback.logic.questions import SCALE, TEXT, BadQuestions, Question
from tocsin.domain.feedback.logic.satisfaction import Moved, change, diverging, satisfaction, wilson
from tocsin.domain.feedback.logic.themes import Comment, themes

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
FINE = asking.Circumstances(
    stands=True, duplicate=False, reachable=True, opted_out=False, last_asked_at=None, quiet=timedelta(days=14), now=NOW
)  # fmt: skip


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({}, ""),
        ({"stands": False}, "it was opened again"),
        ({"duplicate": True}, "closed as a duplicate"),
        ({"reachable": False}, "nobody to ask"),
        ({"opted_out": True}, "does not want to be asked"),
        ({"last_asked_at": NOW - timedelta(days=13)}, "asked not long ago"),
        ({"last_asked_at": NOW - timedelta(days=14)}, ""),
        ({"last_asked_at": NOW, "quiet": timedelta()}, ""),
    ],
)
def test_a_customer_is_asked_only_when_it_makes_sense(what: dict[str, object], why: str) -> None:
    known = {name: getattr(FINE, name) for name in asking.Circumstances.__slots__}
    assert asking.reason_not_to_ask(asking.Circumstances(**{**known, **what})) == why


def test_a_sample_is_always_the_same_and_about_as_large_as_set() -> None:
    keys = [UUID(int=number) for number in range(4_000)]
    chosen = [key for key in keys if asking.in_sample(key, "csat", 25)]
    assert chosen == [key for key in keys if asking.in_sample(key, "csat", 25)]
    assert 900 < len(chosen) < 1_100
    assert not any(asking.in_sample(key, "csat", 0) for key in keys)
    assert all(asking.in_sample(key, "csat", 100) for key in keys)
    assert chosen != [key for key in keys if asking.in_sample(key, "360", 25)]


def test_one_reminder_then_the_end_and_after_downtime_only_the_end() -> None:
    ends = NOW + timedelta(days=14)
    assert asking.after_asking(NOW, remind_after=timedelta(hours=72), expires_at=ends) == (
        NOW + timedelta(hours=72),
        True,
    )
    assert asking.after_asking(NOW, remind_after=timedelta(), expires_at=ends) == (ends, False)
    assert asking.after_asking(NOW, remind_after=timedelta(days=20), expires_at=ends) == (ends, False)
    assert asking.step_at(now=NOW, expires_at=ends, reminded=False) is asking.Step.REMIND
    assert asking.step_at(now=NOW, expires_at=ends, reminded=True) is asking.Step.EXPIRE
    assert asking.step_at(now=ends, expires_at=ends, reminded=False) is asking.Step.EXPIRE


def test_each_person_speaks_for_one_party() -> None:
    customer, agent, expert, lead = (uuid4() for _ in range(4))
    cast = asking.Cast(
        requester=customer, opened_by=agent, owner_then=agent, owner_now=expert, acknowledged_by=lead,
        escalation_manager=None, lead=lead, manager_of_owner=None,
    )  # fmt: skip
    assert asking.parties(cast) == {"customer": customer, "front_line": agent, "expert": expert, "manager": lead}
    alone = asking.Cast(
        requester=None, opened_by=None, owner_then=agent, owner_now=agent, acknowledged_by=agent,
        escalation_manager=agent, lead=None, manager_of_owner=None,
    )  # fmt: skip
    assert asking.parties(alone) == {"front_line": agent}


def test_the_built_in_forms_are_short_different_and_comparable() -> None:
    forms = questions.DEFAULTS
    assert set(forms) == {"customer", "front_line", "expert", "manager"}
    for form in forms.values():
        assert questions.checked(form) == form
        assert 3 <= len(form) <= 4
        assert all(one.de and one.en for one in form)
    assert len({tuple(one.en for one in form) for form in forms.values()}) == 4
    shared = set.intersection(*({one.key for one in form} for form in (forms["customer"], forms["manager"])))
    assert {"outcome", "timing"} <= shared


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ([], "en_1"),
        ([Question("a", SCALE, " ", "")], "en_1"),
        ([Question("A b", SCALE, "x", "")], "key_1"),
        ([Question("a", SCALE, "x", ""), Question("a", TEXT, "y", "")], "key_2"),
        ([Question("a", "yesno", "x", "")], "kind_1"),
        ([Question("a", TEXT, "x", "")], "kind_1"),
        ([Question(f"a{n}", SCALE, "x", "") for n in range(7)], "en_7"),
    ],
)
def test_a_bad_form_names_the_place(form: list[Question], field: str) -> None:
    with pytest.raises(BadQuestions) as refused:
        questions.checked(form)
    assert refused.value.field == field


def test_scales_are_answered_and_words_may_be_left_out() -> None:
    form = (Question("outcome", SCALE, "Solved?", ""), Question("better", TEXT, "What?", ""))
    assert questions.answered(form, {"outcome": "4"}) == ([questions.Given("outcome", 4, "")], {})
    assert questions.answered(form, {"outcome": "6", "other": "1"})[1] == {
        "other": "This form does not ask that.",
        "outcome": "Choose 1 (bad) to 5 (good).",
    }
    assert "At most 5000" in questions.answered(form, {"outcome": "1", "better": "x" * 5_001})[1]["better"]


def test_views_that_lie_two_points_apart_are_told_in_words() -> None:
    found = differences(
        {
            "manager": {"outcome": 5, "timing": 4},
            "customer": {"outcome": 1, "timing": 3, "informed": 2},
            "front_line": {"timing": 5},
        }
    )
    assert [(one.key, one.gap, one.worst, one.best) for one in found] == [
        ("outcome", 4, "customer", "manager"),
        ("timing", 2, "customer", "front_line"),
    ]
    assert found[0].words == "On whether it is solved, the customer says 1 of 5, the manager 5 of 5."
    assert differences({"customer": {"outcome": 1}}) == []
    assert differences({"customer": {"outcome": 3}, "manager": {"outcome": 4}}) == []


def test_csat_is_the_share_of_four_and_five_with_n_and_response() -> None:
    found = satisfaction({1: 1, 3: 1, 4: 2, 5: 4}, asked=20, answered=8)
    assert (found.n, found.csat, found.response, found.bad) == (8, 0.75, 0.4, 1)
    nothing = satisfaction({})
    assert (nothing.csat, nothing.response, nothing.interval) == (None, None, None)
    low, high = wilson(6, 8) or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.409, 0.929)


def test_a_move_that_chance_would_make_is_not_sure() -> None:
    assert change(satisfaction({5: 3, 1: 1}), satisfaction({5: 2, 1: 2})) == Moved(25, sure=False)
    assert change(satisfaction({5: 500}), satisfaction({5: 100, 1: 400})) == Moved(80, sure=True)
    assert change(satisfaction({}), satisfaction({5: 1})) is None


@given(st.tuples(*[st.integers(0, 500)] * 5))
def test_a_diverging_bar_is_whole_and_within_its_line(counts: tuple[int, int, int, int, int]) -> None:
    bars = diverging(counts)
    assert sum(bar.count for bar in bars) == sum(counts)
    assert all(bar.x >= -0.02 and bar.x + bar.width <= 200.02 for bar in bars)
    assert not bars or abs(sum(bar.width for bar in bars) - 100) < 0.1


def test_themes_count_comments_not_mentions_and_forms_together() -> None:
    said = [
        Comment("a", 1, "Nobody called back. The printers, the printers!"),
        Comment("b", 2, "I waited two days and nobody called back"),
        Comment("c", 5, "Printer works, thanks"),
        Comment("d", 4, "Der Rückruf kam schnell"),
        Comment("e", 2, "Kein Rückruf. Lange Wartezeit"),
        Comment("f", 1, "Viel zu lange Wartezeit!"),
    ]
    found = {one.term: one for one in themes(said)}
    assert found["printers"].count == 2
    assert (found["nobody called"].count, found["nobody called"].bad) == (2, 2)
    assert found["nobody called"].examples == ("a", "b")
    assert found["lange wartezeit"].count == 2
    assert found["rückruf"].count == 2
    assert "wartezeit" not in found  # told by the phrase
    assert "the" not in found


def test_a_comment_without_sense_or_of_any_length_does_no_harm() -> None:
    assert themes([]) == []
    assert themes([Comment("a", 1, "\x00 !!! ... 12345")]) == []
    long = "slow answer " * 100_000
    assert [one.count for one in themes([Comment("a", 1, long), Comment("b", 1, long)], most=1)] == [2]


def test_the_owner_is_reminded_before_the_call_is_due() -> None:
    late = NOW + timedelta(hours=4)
    assert recovering.remind_at(NOW, late) == NOW + timedelta(hours=3)
    assert recovering.remind_at(NOW, NOW + timedelta(hours=1)) == NOW + timedelta(minutes=30)
    assert recovering.step_at(now=NOW, callback_at=late) is recovering.Step.REMIND
    assert recovering.step_at(now=late, callback_at=late) is recovering.Step.MISSED


def test_the_first_rule_that_names_somebody_names_the_owner() -> None:
    lead = uuid4()
    rules = [recovering.Candidate(None, "account manager"), recovering.Candidate(lead, "lead of the team")]
    found = recovering.owner_of(rules)
    assert found is not None
    assert (found.person, found.why) == (lead, "lead of the team")
    assert recovering.owner_of([recovering.Candidate(None, "account manager")]) is None
