"""SEMANTICS 4, rule by rule, on the pure decider: what people answer, in and out of order."""

from datetime import timedelta

import pytest

from tests.domain.escalation.logic.stories import SOMEBODY, START, Story, begun, level, minutes, policy
from tocsin.domain.escalation.logic import actions as a
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.policy import AckMode, Approval, LevelCondition, Repeat, Terminal

EVERYONE = level("one", ack=AckMode.ALL)
TWO_PEOPLE = {1: ("ana", "ben")}
HOUR = timedelta(hours=1)


def test_somebody_who_was_not_paged_may_acknowledge():
    story = begun().at(1, e.Acknowledged("lead"))
    assert (story.run.acknowledger, story.run.status) == ("lead", "acknowledged")


def test_everyone_mode_counts_only_those_it_paged():
    story = begun(EVERYONE, people=TWO_PEOPLE)
    before = story.run
    assert story.at(1, e.Acknowledged("lead")).run is before
    assert story.notes() == ["acknowledged_unasked"]


def test_everyone_mode_is_broken_by_any_decline():
    story = begun(EVERYONE, level("two", 10), people=TWO_PEOPLE).at(1, e.Acknowledged("ana"))
    assert story.at(2, e.Declined("ben", "busy")).openings() == [(0, 1, 1), (2, 1, 2)]


def test_everyone_mode_of_the_next_level_asks_everyone_anew():
    rungs = (EVERYONE, level("two", 10, ack=AckMode.ALL))
    story = begun(*rungs, people={1: ("ana", "ben"), 2: ("ana", "kai")}).at(1, e.Acknowledged("ana")).at(10)
    assert story.at(11, e.Acknowledged("kai")).run.acknowledger is None
    assert story.at(12, e.Acknowledged("ana")).run.acknowledger == "kai"


def test_catch_all_may_answer_for_a_level_on_which_everyone_had_to():
    story = begun(EVERYONE, people=TWO_PEOPLE, repeat=Repeat(0, minutes(20))).at(20)
    assert story.run.status == "exhausted"
    assert story.at(21, e.Acknowledged("carl")).run.acknowledger == "carl"


def test_acknowledgements_come_in_before_the_first_level_too():
    story = begun(level("one", 5)).at(1, e.Acknowledged("lead")).at(5)
    assert (story.paged, story.run.acknowledger) == ([], "lead")


def test_second_acknowledgement_is_noted_and_the_first_has_it():
    story = begun(people=TWO_PEOPLE).at(1, e.Acknowledged("ana")).at(2, e.Acknowledged("ben"))
    assert (story.run.acknowledger, story.notes()) == ("ana", ["also_acknowledged"])
    before = story.run
    assert story.at(3, e.Acknowledged("ben")).run is before


def test_acknowledgement_withdraws_before_it_asks_for_ownership_and_stops_children():
    story = begun().at(1, e.Acknowledged("p1"))
    assert [type(action) for action in story.last] == [a.Withdraw, a.AskOwnership, a.StopChildren, a.Journal]


def test_acknowledgement_while_it_waits_for_approval_changes_nothing():
    story = Story(policy(approval=Approval(SOMEBODY))).at(0, e.Started(approved=False))
    before = story.run
    assert story.at(1, e.Acknowledged("ana")).run is before


def test_acknowledgement_takes_over_what_another_put_to_sleep():
    story = begun(people=TWO_PEOPLE).at(1, e.Acknowledged("ana")).at(2, e.Snoozed("ana", HOUR))
    story.at(3, e.Acknowledged("ben"))
    assert (story.run.acknowledger, story.run.snoozed_until, story.run.due) == ("ben", None, "ack_timeout")


def test_snoozer_who_acknowledges_again_ends_the_snooze():
    story = begun().at(1, e.Acknowledged("p1")).at(2, e.Snoozed("p1", HOUR)).at(3, e.Acknowledged("p1"))
    assert (story.run.status, story.run.due_at) == ("acknowledged", START + minutes(33))


def test_who_declined_may_acknowledge_after_all_and_give_it_back_again():
    story = begun(people=TWO_PEOPLE).at(1, e.Declined("ana", "busy")).at(2, e.Acknowledged("ana"))
    assert (story.run.acknowledger, story.run.declined) == ("ana", ())
    assert story.at(3, e.Declined("ana", "busy again")).openings() == [(0, 1, 1), (3, 1, 2)]


def test_who_declined_may_be_one_of_everyone_after_all():
    story = begun(EVERYONE, people=TWO_PEOPLE, repeat=Repeat(1, minutes(20))).at(1, e.Declined("ana", "busy"))
    story.at(2, e.Acknowledged("ana"))
    assert (story.run.acked, story.run.declined) == (("ana",), ())
    assert story.at(3, e.Acknowledged("ben")).run.acknowledger == "ana"


def test_decline_is_idempotent():
    story = begun(people=TWO_PEOPLE).at(1, e.Declined("ana", "busy"))
    before = story.run
    assert story.at(2, e.Declined("ana", "busy")).run is before
    assert story.last == ()


@pytest.mark.parametrize(
    ("event", "note"),
    [(e.Declined("p1", "busy", cycle=9), "stale_answer"), (e.Declined("nobody", "busy"), "declined_unasked")],
)
def test_decline_that_answers_nothing_is_noted_only(event, note):
    story = begun()
    before = story.run
    assert story.at(1, event).run is before
    assert story.notes() == [note]


def test_late_decline_of_an_ended_run_is_noted_only():
    story = begun().at(1, e.Resolved("ana"))
    ended = story.run
    assert story.at(2, e.Declined("p1", "busy")).run is ended
    assert story.notes() == ["late_decline"]


def test_who_declined_is_left_out_of_the_levels_that_follow_in_the_cycle():
    story = begun(repeat=Repeat(1, minutes(20))).at(1, e.Declined("p1", "busy"))
    assert story.without == ("p1",)
    assert story.at(2, e.Declined("p2", "busy")).without == ("p1", "p2")
    story.at(22)
    assert (story.run.cycle, story.without) == (2, ())


def test_who_gave_it_back_is_left_out_though_a_new_pass_begins():
    story = begun(level("one"), repeat=Repeat(1, minutes(20))).at(1, e.Acknowledged("ana"))
    assert story.at(2, e.Declined("ana", "called away")).without == ("ana",)


def test_who_gave_it_back_is_left_out_though_the_last_level_is_kept_paged():
    kept = Repeat(0, minutes(20), Terminal.KEEP_PAGING, minutes(5))
    story = begun(level("one"), repeat=kept).at(20).at(21, e.Acknowledged("ana"))
    assert story.at(22, e.Declined("ana", "called away")).without == ("ana",)


def test_last_level_that_is_kept_paged_asks_those_again_who_declined_in_the_pass_before():
    kept = Repeat(0, minutes(20), Terminal.KEEP_PAGING, minutes(5))
    story = begun(level("one"), repeat=kept, people=TWO_PEOPLE).at(1, e.Declined("ana", "busy")).at(20)
    assert (story.run.cycle, story.without) == (2, ())


def test_who_declined_on_one_level_may_decline_on_the_next():
    story = begun(people={1: ("ana",), 2: ("ana",), 3: ("kai",)}).at(1, e.Declined("ana", "busy"))
    assert story.at(2, e.Declined("ana", "busy")).openings() == [(0, 1, 1), (1, 1, 2), (2, 1, 3)]


def test_decline_on_the_last_level_waits_for_the_next_pass_while_others_may_answer():
    story = begun(level("one"), level("two", 10), repeat=Repeat(1, minutes(20))).at(10).at(11, e.Declined("p2", "ill"))
    assert story.run.due_at == START + minutes(30)
    assert story.at(30).openings()[-1] == (30, 2, 1)


def test_decline_while_the_last_level_is_kept_paged_waits_for_the_next_page():
    kept = Repeat(0, minutes(20), Terminal.KEEP_PAGING, minutes(5))
    story = begun(level("one"), repeat=kept).at(20).at(21, e.Declined("p1", "ill"))
    assert story.openings() == [(0, 1, 1), (20, 2, 1)]
    assert story.at(25).openings()[-1] == (25, 3, 1)


def test_what_is_given_back_goes_to_another_who_acknowledged():
    story = begun(people=TWO_PEOPLE).at(1, e.Acknowledged("ana")).at(2, e.Acknowledged("ben"))
    story.at(3, e.Declined("ana", "called away"))
    assert (story.run.acknowledger, story.openings()) == ("ben", [(0, 1, 1)])
    assert story.did(a.AskOwnership) == [a.AskOwnership("ben")]


def test_what_is_given_back_at_the_top_begins_the_next_pass_at_once():
    story = begun(level("one"), repeat=Repeat(1, minutes(20))).at(1, e.Acknowledged("p1"))
    story.at(2, e.Declined("p1", "called away"))
    assert story.openings() == [(0, 1, 1), (2, 2, 1)]
    assert (story.run.repeats, story.notes()) == (1, ["given_back", "repeated"])


def test_what_is_given_back_at_the_very_end_takes_the_terminal_action():
    story = begun(level("one")).at(1, e.Acknowledged("p1")).at(2, e.Declined("p1", "called away"))
    assert story.did(a.PageCatchAll) == [a.PageCatchAll(1, 1, "unanswered")]


def test_what_is_given_back_while_the_last_level_was_kept_paged_pages_it_at_once():
    kept = Repeat(0, minutes(20), Terminal.KEEP_PAGING, minutes(5))
    story = begun(level("one"), repeat=kept).at(20).at(21, e.Acknowledged("p1")).at(22, e.Declined("p1", "called away"))
    assert story.openings()[-1] == (22, 3, 1)


def test_acknowledger_is_reminded_again_after_working_on_it_and_each_reminder_is_one_of_its_own():
    story = begun().at(1, e.Acknowledged("p1")).at(31)
    first = story.did(a.RemindAcknowledger)
    second = story.at(32, e.Progressed("p1")).at(62).did(a.RemindAcknowledger)
    assert len(first) == len(second) == 1
    assert first != second


def test_short_ack_timeout_has_a_grace_no_longer_than_itself():
    story = begun(ack_timeout=minutes(2)).at(1, e.Acknowledged("p1")).at(3)
    assert story.run.due_at == START + minutes(5)


def test_resumed_climb_goes_on_from_the_current_level_with_its_delays():
    story = begun().at(10).at(11, e.Acknowledged("p2")).at(41).at(46).at(61)
    assert story.openings()[2:] == [(46, 2, 2), (61, 2, 3)]


def test_snooze_that_nobody_had_acknowledged_comes_back_to_the_snoozer_then_to_everybody():
    story = begun(people=TWO_PEOPLE).at(2, e.Snoozed("ben", minutes(30))).at(32).at(42)
    assert story.paged[1:] == [(32, 2, 1, ("ben",)), (42, 3, 1, ("ana", "ben"))]


def test_child_policy_is_not_started_while_only_the_snoozer_is_asked():
    story = begun(level("one", policy="child"), people=TWO_PEOPLE).at(2, e.Snoozed("ben", minutes(30))).at(32)
    assert story.did(a.StartChild) == []
    assert story.at(37).did(a.StartChild) == [a.StartChild("child", 1)]


def test_snoozer_who_declines_on_return_has_everybody_on_the_level_paged_at_once():
    story = begun(people=TWO_PEOPLE).at(2, e.Snoozed("ben", minutes(30))).at(32).at(33, e.Declined("ben", "off shift"))
    assert story.paged[-1] == (33, 3, 1, ("ana", "ben"))


def test_snoozer_who_cannot_be_reached_on_return_has_everybody_paged_at_once():
    story = begun(people=TWO_PEOPLE).at(2, e.Snoozed("ben", minutes(30)))
    reach = story._resolve
    story._resolve = lambda ask: e.LevelEmpty(ask.level, "no contact") if ask.people else reach(ask)
    assert story.at(32).paged[-1] == (32, 3, 1, ("ana", "ben"))


def test_last_level_comes_back_from_a_snooze_after_five_minutes():
    story = begun(level("one"), people=TWO_PEOPLE).at(2, e.Snoozed("ben", minutes(30))).at(32)
    assert story.run.due_at == START + minutes(37)


def test_snooze_cannot_be_made_longer_while_it_lasts():
    story = begun(snooze_cap=HOUR).at(1, e.Snoozed("p1", HOUR))
    before = story.run
    assert story.at(50, e.Snoozed("p1", HOUR)).run is before
    assert story.notes() == ["not_snoozed"]


def test_exhausted_run_has_nothing_to_put_to_sleep():
    story = begun(level("one"), repeat=Repeat(0, minutes(20))).at(20)
    before = story.run
    assert story.at(21, e.Snoozed("p1", HOUR)).run is before


def test_not_resolved_level_opens_although_everybody_sleeps():
    rungs = (level("one"), level("two", 10), level("boss", 20, condition=LevelCondition.NOT_RESOLVED))
    story = begun(*rungs).at(1, e.Snoozed("p1", HOUR)).at(10).at(30)
    assert story.openings() == [(0, 1, 1), (30, 1, 3)]
    assert (story.run.status, story.run.due_at) == ("snoozed", START + minutes(61))


def test_calling_the_next_level_ends_a_snooze_that_nobody_had_acknowledged():
    story = begun().at(1, e.Snoozed("p1", HOUR)).at(2, e.NextCalled("lead"))
    assert (story.run.status, story.run.snoozed_until, story.run.due_at) == ("climbing", None, START + minutes(17))


def test_progress_counts_only_while_acknowledged():
    story = begun()
    before = story.run
    assert story.at(1, e.Progressed("p1")).run is before
