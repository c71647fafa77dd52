"""After downtime the level that is due now fires once; missed repeats are journalled, not sent (SEMANTICS 4)."""

from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.domain.escalation.logic.stories import START, Story, begun, level, minutes, policy
from tocsin.domain.escalation.logic import actions as a
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.policy import Level, LevelCondition, Policy, Repeat, Terminal
from tocsin.domain.escalation.logic.run import RunState

BOSS = level("boss", 10, condition=LevelCondition.NOT_RESOLVED)
A_YEAR = 365 * 24 * 60

delays = st.sampled_from([0, 0, 1, 5, 30])
ladders = st.builds(
    lambda rungs, repeat: policy(*(level("level", delay) for delay in rungs), repeat=repeat),
    st.lists(delays, min_size=1, max_size=4),
    st.builds(
        Repeat,
        times=st.integers(0, 3),
        after=st.sampled_from([minutes(1), minutes(20)]),
        terminal=st.sampled_from(Terminal),
        every=st.just(minutes(15)),
    ),
)


def punctual(ladder: Policy, until: float) -> Story:
    """The same run, with an engine that was never down."""
    story = Story(ladder).at(0, e.Started())
    while story.run.due_at is not None and story.run.due_at <= START + minutes(until):
        story.at((story.run.due_at - START) / minutes(1))
    return story


def standing(run: RunState) -> RunState:
    """What must be the same; the passes nobody was paged in take no numbers, and reach nobody.

    An exhausted run says on which level it was last open, and that is the one that somebody was paged on.
    """
    run = run._replace(cycle=0, reached=0, catch_all=0)
    return run._replace(level=0, level_due_at=None, asked=0, paged=()) if run.status == "exhausted" else run


@given(ladders, st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_late_tick_equals_punctual_ticks_in_order(ladder: Policy, until: int):
    on_time = punctual(ladder, until)
    assume(on_time.run.status != "expired")  # nothing expires unseen, see below
    story = Story(ladder).at(0, e.Started())
    at_start = len(story.paged)
    story.at(until)
    assert standing(story.run) == standing(on_time.run)
    fired = story.paged[at_start:]
    missed = sum(
        action.data["count"] for action in story.last if isinstance(action, a.Journal) if action.kind == "missed"
    )
    assert len(fired) + missed == len(on_time.paged) - at_start
    assert story.run.due_at is None or story.run.due_at > START + minutes(until)


@given(ladders, st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=20, deadline=None)
def test_two_late_ticks_lead_where_one_does(ladder: Policy, first: int, second: int):
    assume(ladder.repeat.terminal is not Terminal.EXPIRE)
    twice = Story(ladder).at(0, e.Started()).at(min(first, second)).at(max(first, second))
    once = Story(ladder).at(0, e.Started()).at(max(first, second))
    assert standing(twice.run) == standing(once.run)


def test_levels_due_together_are_paged_together_when_late():
    story = begun(level("one"), level("two", 10), level("three"), level("four", 30)).at(15)
    assert story.openings() == [(0, 1, 1), (15, 1, 2), (15, 1, 3)]
    assert "missed" not in story.notes()


def test_missed_levels_are_told_with_their_instants():
    story = begun().at(31)
    assert story.data("missed") == {
        "count": 1,
        "steps": [{"level": 2, "repeat": 0, "due_at": (START + minutes(10)).isoformat()}],
    }


def test_year_of_keeping_the_last_level_paged_is_counted_not_walked():
    kept = Repeat(0, minutes(20), Terminal.KEEP_PAGING, timedelta(seconds=10))
    story = begun(level("one"), repeat=kept).at(A_YEAR)
    assert story.openings() == [(0, 1, 1), (A_YEAR, 2, 1)]
    assert story.data("missed")["count"] == (A_YEAR - 20) * 6
    assert len(story.data("missed")["steps"]) == 20
    assert story.run.due_at == START + minutes(A_YEAR) + timedelta(seconds=10)
    assert story.did(a.Alarm)


def test_nothing_expires_unseen_the_last_level_is_told_first():
    ends = Repeat(1, minutes(20), Terminal.EXPIRE)
    story = begun(level("one"), level("two", 10), repeat=ends).at(500)
    assert story.openings() == [(0, 1, 1), (500, 2, 2)]
    assert story.at(520).run.status == "expired"


def test_first_level_of_a_run_begun_before_the_downtime_is_told():
    assert begun(level("one", 5), level("two", 60)).at(30).openings() == [(30, 1, 1)]


def test_level_that_fell_due_before_the_acknowledgement_ran_out_is_the_one_that_resumes():
    story = begun(level("one"), BOSS).at(1, e.Acknowledged("p1")).at(200)
    assert story.openings() == [(0, 1, 1), (200, 2, 2)]
    assert story.notes()[:2] == ["missed", "acknowledgement_timed_out"]
    assert story.data("acknowledgement_timed_out")["reminded"] is False


def test_level_that_fell_due_in_the_grace_opens_with_the_reminder():
    story = begun(level("one"), BOSS).at(1, e.Acknowledged("p1")).at(33)
    assert story.openings() == [(0, 1, 1), (33, 1, 2)]
    assert story.did(a.RemindAcknowledger)


def test_level_that_fell_due_before_a_snooze_ended_comes_back_with_it():
    story = begun(level("one"), BOSS).at(1, e.Snoozed("ben", minutes(60))).at(200)
    assert story.paged[1:] == [(200, 2, 2, ("ben",))]
    assert story.notes() == ["missed", "snooze_ended"]


def test_what_follows_a_hold_that_ran_out_unseen_counts_from_now():
    story = begun().at(1, e.Acknowledged("p1")).at(500)
    assert story.openings() == [(0, 1, 1), (500, 2, 1)]
    assert story.run.due_at == START + minutes(510)


def test_acknowledgement_that_came_in_before_the_late_tick_wins():
    story = begun().at(300, e.Acknowledged("p1"))
    assert story.at(301).openings() == [(0, 1, 1)]


def _levels(*delays: float) -> tuple[Level, ...]:
    return tuple(level("level", delay) for delay in delays)


def test_maintenance_that_ends_late_fires_the_level_due_now():
    story = begun(*_levels(0, 10, 15, 30)).at(10, e.MaintenanceBegan(START + minutes(60)))
    assert story.at(60).openings() == [(0, 1, 1), (60, 1, 2)]
    assert story.run.due_at == START + minutes(75)
