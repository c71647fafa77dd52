"""A decision and its feedback, folded until nothing more opens."""

import pytest

from tests.domain.escalation.logic.stories import START, begun, level, minutes, policy
from tocsin.domain.escalation.logic import actions as a
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.decide import decide, initial
from tocsin.domain.escalation.logic.settle import settle


def test_all_actions_come_in_the_order_in_which_they_were_decided():
    story = begun(level("one"), level("two"), level("three", 10), nobody=(1,))
    assert [type(action) for action in story.last] == [a.Notify, a.Journal, a.WarnPolicyOwner, a.Notify]
    assert [action.level for action in story.did(a.Notify)] == [1, 2]


def test_settling_is_deciding_and_feeding_back():
    ladder = policy()
    opened = decide(ladder, initial(ladder), e.Started(), START)
    fed = decide(ladder, opened.run, e.LevelReached(1, ("ana",)), START)
    settled = settle(ladder, initial(ladder), e.Started(), START, lambda ask: e.LevelReached(ask.level, ("ana",)))
    assert settled == (fed.run, (*opened.actions, *fed.actions))


def test_event_that_means_nothing_settles_to_the_same_run():
    story = begun()
    settled = settle(story.policy, story.run, e.Ticked(), START + minutes(1), story._resolve)
    assert settled.run is story.run
    assert settled.actions == ()


def test_longest_ladder_that_a_policy_may_have_settles_though_nobody_is_reached():
    story = begun(*(level(f"level {number}") for number in range(20)), nobody=tuple(range(1, 21)))
    assert story.notes() == ["level_empty"] * 20
    assert story.last[-1] == a.PageCatchAll(1, 20, "ladder_empty")


def test_policy_that_never_comes_to_rest_is_reported_as_the_defect_it_is(monkeypatch):
    monkeypatch.setattr("tocsin.domain.escalation.logic.settle.MOST_ROUNDS", 3)
    with pytest.raises(RuntimeError, match="p does not come to rest on Started"):
        begun(*(level("level") for _ in range(9)))
