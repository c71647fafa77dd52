"""SEMANTICS 4, rule by rule, on the pure decider: the ladder. Minutes count from the beginning of the story."""

from datetime import timedelta

import pytest

from tests.domain.escalation.logic.stories import SOMEBODY, START, Story, begun, level, minutes, policy
from tocsin.domain.escalation.logic import actions as a
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.decide import decide
from tocsin.domain.escalation.logic.policy import AckMode, Approval, LevelCondition, OnApprovalTimeout, Repeat, Terminal

NOT_RESOLVED = LevelCondition.NOT_RESOLVED


def test_levels_open_at_their_delays_while_nobody_answers():
    story = begun().at(10).at(25)
    assert story.openings() == [(0, 1, 1), (10, 1, 2), (25, 1, 3)]


def test_first_level_waits_for_its_own_delay():
    story = begun(level("one", 5))
    assert story.paged == []
    assert story.at(5).openings() == [(5, 1, 1)]


def test_delay_0_opens_the_next_level_with_the_first():
    assert begun(level("one"), level("two")).openings() == [(0, 1, 1), (0, 1, 2)]


@pytest.mark.parametrize("minute", [0, 5, 9.99])
def test_early_tick_is_a_no_op(minute):
    story = begun()
    before = story.run
    assert story.at(minute).run is before
    assert story.last == ()


def test_duplicate_tick_is_a_no_op():
    story = begun().at(10)
    before = story.run
    assert story.at(10).run is before


def test_late_tick_fires_only_the_level_due_now_and_journals_the_missed():
    story = begun().at(31)
    assert story.openings() == [(0, 1, 1), (31, 1, 3)]
    assert story.notes() == ["missed"]


def test_late_tick_does_not_drift():
    story = begun().at(12)
    assert story.run.due_at == START + minutes(25)


def test_acknowledgement_by_anyone_stops_paging_and_climb():
    story = begun().at(10).at(11, e.Acknowledged("p2", cycle=1))
    assert story.did(a.Withdraw)
    assert story.did(a.AskOwnership) == [a.AskOwnership("p2")]
    assert story.at(26).openings() == [(0, 1, 1), (10, 1, 2)]


def test_acknowledgement_is_idempotent():
    story = begun().at(1, e.Acknowledged("p1"))
    before = story.run
    assert story.at(2, e.Acknowledged("p1")).run is before
    assert story.last == ()


def test_everyone_mode_waits_for_all_of_the_level():
    story = begun(level("one", ack=AckMode.ALL), level("two", 10), people={1: ("ana", "ben")})
    story.at(1, e.Acknowledged("ana"))
    assert story.did(a.WithdrawPerson) == [a.WithdrawPerson("ana", "acknowledged")]
    assert story.run.acknowledger is None
    story.at(2, e.Acknowledged("ben"))
    assert story.run.acknowledger == "ana"


def test_stale_link_of_an_older_cycle_changes_nothing():
    story = begun(level("one"), repeat=Repeat(1, minutes(10))).at(10)
    before = story.run
    assert before.cycle == 2
    story.at(11, e.Acknowledged("p1", cycle=1))
    assert (story.run, story.notes()) == (before, ["stale_answer"])


def test_resolve_wins_over_a_late_acknowledgement():
    story = begun().at(1, e.Resolved("ana"))
    ended = story.run
    story.at(2, e.Acknowledged("p1"))
    assert (story.run, story.notes()) == (ended, ["late_acknowledgement"])


def test_acknowledgement_times_out_with_a_reminder_then_climbs_at_the_current_level():
    story = begun().at(10).at(11, e.Acknowledged("p2")).at(41)
    assert story.did(a.RemindAcknowledger) == [a.RemindAcknowledger("p2", 1, 2)]
    assert story.at(46).openings()[2:] == [(46, 2, 2)]
    assert story.did(a.Withdraw)


def test_progress_by_the_acknowledger_pushes_the_time_out_and_by_others_does_not():
    story = begun().at(1, e.Acknowledged("p1")).at(20, e.Progressed("p1"))
    assert story.run.due_at == START + minutes(50)
    assert story.at(21, e.Progressed("somebody")).run.due_at == START + minutes(50)


def test_decline_pages_the_next_target_at_once():
    assert begun().at(3, e.Declined("p1", "on a plane")).openings() == [(0, 1, 1), (3, 1, 2)]


def test_decline_by_one_of_several_leaves_the_others_their_time():
    story = begun(people={1: ("ana", "ben")}).at(3, e.Declined("ana", "busy"))
    assert story.openings() == [(0, 1, 1)]
    assert story.at(4, e.Declined("ben", "busy")).openings() == [(0, 1, 1), (4, 1, 2)]


def test_decline_on_the_last_level_takes_the_terminal_action_at_once():
    story = begun(level("one")).at(1, e.Declined("p1", "ill"))
    assert story.did(a.PageCatchAll) == [a.PageCatchAll(1, 1, "unanswered")]


def test_acknowledger_can_give_it_back():
    story = begun().at(1, e.Acknowledged("p1")).at(5, e.Declined("p1", "called away"))
    assert story.openings() == [(0, 1, 1), (5, 1, 2)]
    assert story.run.acknowledger is None


def test_snooze_is_capped_says_who_and_comes_back_to_the_acknowledger_first():
    story = begun(people={1: ("ana", "ben")}).at(1, e.Acknowledged("ana")).at(2, e.Snoozed("ana", timedelta(hours=9)))
    note = next(action for action in story.last if isinstance(action, a.Journal))
    assert (note.data["by"], note.data["capped"]) == ("ana", True)
    story.at(242)
    assert story.paged[-1] == (242, 2, 1, ("ana",))
    story.at(252)
    assert story.paged[-1] == (252, 3, 1, ("ana", "ben"))


def test_empty_level_is_skipped_at_once_with_a_warning():
    story = begun(nobody=(2,)).at(10)
    assert story.openings() == [(0, 1, 1), (10, 1, 3)]
    assert story.did(a.WarnPolicyOwner) == [a.WarnPolicyOwner(2, "nobody")]


def test_empty_ladder_pages_the_catch_all():
    story = begun(nobody=(1, 2, 3))
    assert story.did(a.PageCatchAll) == [a.PageCatchAll(1, 3, "ladder_empty")]


def test_level_whose_every_delivery_failed_climbs_at_once():
    story = begun().at(2, e.LevelEmpty(1, "every method failed"))
    assert story.openings() == [(0, 1, 1), (2, 1, 2)]


def test_failed_deliveries_of_a_level_already_passed_are_noted_only():
    story = begun().at(10).at(11, e.LevelEmpty(1, "every method failed"))
    assert (story.openings(), story.notes()) == ([(0, 1, 1), (10, 1, 2)], ["level_unreachable"])


def test_ladder_whose_every_delivery_failed_in_the_end_pages_the_catch_all():
    story = begun().at(10).at(11, e.LevelEmpty(1, "failed")).at(12, e.LevelEmpty(2, "failed"))
    assert story.openings()[2:] == [(12, 1, 3)]
    planned = story.run.due_at
    assert story.at(13, e.LevelEmpty(3, "failed")).did(a.PageCatchAll) == [a.PageCatchAll(1, 3, "ladder_empty")]
    assert story.run.due_at == planned


def test_failed_deliveries_at_the_top_leave_what_maintenance_deferred():
    story = begun(level("one")).at(1, e.MaintenanceBegan(START + minutes(90))).at(2, e.LevelEmpty(1, "failed"))
    assert story.run.due_at == START + minutes(90)


def test_run_that_was_exhausted_unseen_is_not_started_again():
    story = begun(level("one", 5), repeat=Repeat(0, minutes(20))).at(600)
    assert (story.run.status, story.paged) == ("exhausted", [])
    assert story.did(a.PageCatchAll) == [a.PageCatchAll(1, 0, "unanswered")]
    before = story.run
    assert story.at(601, e.Started()).run is before


def test_deliveries_that_failed_in_an_older_cycle_change_nothing():
    story = begun(level("one"), repeat=Repeat(2, minutes(10))).at(10)
    before = story.run
    assert story.at(11, e.LevelEmpty(1, "failed", cycle=1)).run is before


def test_failed_deliveries_after_the_acknowledgement_are_noted_only():
    story = begun().at(1, e.Acknowledged("p1")).at(2, e.LevelEmpty(1, "failed"))
    assert (story.openings(), story.notes()) == ([(0, 1, 1)], ["level_unreachable"])


def test_those_below_an_empty_level_are_still_asked():
    rungs = (level("one"), level("two", 10))
    story = begun(*rungs, nobody=(2,), repeat=Repeat(1, minutes(20))).at(10)
    assert story.run.paged == ("p1",)
    declined = story.at(11, e.Declined("p1", "busy"))
    assert declined.notes() == ["declined"]
    assert declined.run.due_at == START + minutes(30)


def test_everyone_mode_of_a_level_below_a_skipped_one_still_waits_for_everyone():
    rungs = (level("one", ack=AckMode.ALL), level("two", 10), level("three", 10))
    story = begun(*rungs, skipped=(2,), people={1: ("ana", "ben")}).at(1, e.Acknowledged("ana")).at(10)
    assert story.at(11, e.Acknowledged("ben")).run.acknowledger == "ana"


def test_catch_all_of_an_empty_ladder_is_told_again_at_the_end():
    story = begun(level("one"), nobody=(1,), repeat=Repeat(0, minutes(20)))
    first = story.did(a.PageCatchAll)
    last = story.at(20).did(a.PageCatchAll)
    assert (first, last) == ([a.PageCatchAll(1, 1, "ladder_empty")], [a.PageCatchAll(2, 1, "unanswered")])
    assert story.at(21, e.Acknowledged("carl", cycle=2)).run.acknowledger == "carl"


@pytest.mark.parametrize("terminal", Terminal)
def test_empty_ladder_of_no_delays_comes_to_rest(terminal):
    rungs = tuple(level(f"level {number}") for number in range(20))
    story = begun(*rungs, nobody=tuple(range(1, 21)), repeat=Repeat(10, minutes(0), terminal, minutes(0)))
    for minute in range(1, 40):
        story.at(minute)
    assert story.run.ended or story.run.due_at is None or story.run.due_at > START + minutes(39)


def test_only_level_whose_every_delivery_failed_pages_the_catch_all():
    story = begun(level("one")).at(2, e.LevelEmpty(1, "every method failed"))
    assert story.did(a.PageCatchAll) == [a.PageCatchAll(1, 1, "ladder_empty")]


def test_skipped_level_speeds_nobody_up():
    story = begun(skipped=(2,)).at(10)
    assert story.notes() == ["level_skipped"]
    story.at(20)
    assert story.openings() == [(0, 1, 1)]
    assert story.at(25).openings() == [(0, 1, 1), (25, 1, 3)]


def test_not_resolved_level_opens_although_acknowledged():
    story = begun(level("one"), level("two", 10), level("boss", 240, condition=LevelCondition.NOT_RESOLVED))
    story.at(5, e.Acknowledged("p1"))
    for minute in range(30, 250, 20):
        story.at(minute, e.Progressed("p1"))
    assert story.at(250).openings() == [(0, 1, 1), (250, 1, 3)]
    assert story.run.acknowledger == "p1"


def test_repeats_are_bounded_then_the_catch_all():
    story = begun(level("one"), repeat=Repeat(2, minutes(20))).at(20).at(40).at(60)
    assert story.openings() == [(0, 1, 1), (20, 2, 1), (40, 3, 1)]
    assert story.did(a.PageCatchAll) == [a.PageCatchAll(3, 1, "unanswered")]
    assert (story.run.status, story.run.due_at) == ("exhausted", None)


def test_terminal_keep_paging_pages_the_last_level_each_time_in_a_new_cycle():
    kept = Repeat(0, minutes(20), Terminal.KEEP_PAGING, minutes(5))
    story = begun(level("one"), level("two", 10), repeat=kept).at(10).at(30).at(35).at(40)
    assert story.openings()[2:] == [(30, 2, 2), (35, 3, 2), (40, 4, 2)]


def test_terminal_expire_closes_with_an_alarm():
    story = begun(level("one"), repeat=Repeat(0, minutes(20), Terminal.EXPIRE)).at(20)
    assert story.run.status == "expired"
    assert story.did(a.Alarm)


def test_downtime_never_expires_a_run_that_nobody_was_told_of():
    story = begun(level("one", 5), repeat=Repeat(0, minutes(20), Terminal.EXPIRE)).at(600)
    assert story.openings() == [(600, 1, 1)]


def test_answer_after_the_terminal_action_is_still_welcome():
    story = begun(level("one"), repeat=Repeat(0, minutes(20))).at(20).at(21, e.Acknowledged("p1"))
    assert story.run.status == "acknowledged"


def test_downtime_over_repeats_fires_once():
    story = begun(level("one"), repeat=Repeat(5, minutes(20))).at(65)
    assert story.openings() == [(0, 1, 1), (65, 2, 1)]
    assert story.run.repeats == 3
    assert story.run.due_at == START + minutes(80)


def test_maintenance_defers_to_its_end():
    story = begun().at(10, e.MaintenanceBegan(START + minutes(60)))
    assert story.run.due_at == START + minutes(60)
    assert story.at(60).openings() == [(0, 1, 1), (60, 1, 2)]


def test_approval_is_waited_for_and_its_time_out_starts_the_climb():
    story = Story(policy(approval=Approval(SOMEBODY, minutes(30)))).at(0, e.Started(approved=False))
    assert story.did(a.AskApproval)
    assert story.paged == []
    assert story.at(30).openings() == [(30, 1, 1)]


def test_approval_refused_pages_nobody():
    story = Story(policy(approval=Approval(SOMEBODY))).at(0, e.Started(approved=False))
    assert story.at(1, e.Refused("boss", "no")).run.status == "cancelled"


def test_approval_time_out_may_cancel():
    demanded = Approval(SOMEBODY, minutes(30), OnApprovalTimeout.CANCEL)
    story = Story(policy(approval=demanded)).at(0, e.Started(approved=False)).at(30)
    assert (story.run.status, story.paged) == ("cancelled", [])


def test_retrigger_of_an_ended_run_begins_a_new_cycle():
    story = begun().at(1, e.Resolved("ana")).at(60, e.Retriggered("engine"))
    assert story.openings() == [(0, 1, 1), (60, 2, 1)]


def test_retrigger_of_an_open_run_is_journalled_only():
    story = begun()
    before = story.run
    assert story.at(1, e.Retriggered("engine")).run == before
    assert story.notes() == ["retriggered_while_open"]


def test_chained_policy_starts_a_child_and_a_stop_propagates_down():
    story = begun(level("one", targets=(), policy="other"), level("two", 10))
    assert story.did(a.StartChild) == [a.StartChild("other", 1)]
    assert story.at(10).openings() == [(10, 1, 2)]
    assert story.at(11, e.Acknowledged("p2")).did(a.StopChildren)


def test_level_of_a_policy_with_a_false_condition_starts_no_child():
    calls = level("calls", policy="other", when="ticket.priority == 1")
    story = begun(calls, level("two", 10), skipped=(1,))
    assert story.did(a.StartChild) == []
    only_calls = begun(level("calls", targets=(), policy="other", when="ticket.priority == 1"), skipped=(1,))
    assert only_calls.did(a.StartChild) == []


def test_level_that_only_calls_a_policy_looks_at_its_condition_and_is_not_empty():
    story = begun(level("calls", targets=(), policy="other", when="true"), level("two", 10))
    assert story.did(a.StartChild) == [a.StartChild("other", 1)]
    assert story.did(a.WarnPolicyOwner) == []
    assert story.at(10).openings() == [(10, 1, 2)]


def test_level_with_people_and_a_policy_pages_and_starts_the_child():
    story = begun(level("both", policy="other"))
    assert story.openings() == [(0, 1, 1)]
    assert story.did(a.StartChild) == [a.StartChild("other", 1)]


def test_child_is_started_although_the_levels_own_people_cannot_be_reached():
    story = begun(level("both", policy="other"), level("two", 10), nobody=(1,))
    assert story.did(a.StartChild) == [a.StartChild("other", 1)]
    assert story.openings() == [(0, 1, 2)]


def test_call_next_opens_the_next_level_and_takes_nothing_back():
    story = begun().at(1, e.NextCalled("ana"))
    assert story.openings() == [(0, 1, 1), (1, 1, 2)]
    assert not story.did(a.Withdraw)


def test_call_next_at_the_top_says_so():
    story = begun(level("one")).at(1, e.NextCalled("ana"))
    assert (story.openings(), story.notes()) == ([(0, 1, 1)], ["no_next_level"])


def test_call_next_while_acknowledged_keeps_the_acknowledgement():
    story = begun().at(1, e.Acknowledged("p1")).at(2, e.NextCalled("p1"))
    assert story.openings() == [(0, 1, 1), (2, 1, 2)]
    assert (story.run.acknowledger, story.run.due) == ("p1", "ack_timeout")


def test_called_level_without_anybody_is_followed_by_the_one_after_it():
    rungs = (level("one"), level("two", 10), level("three", 10), level("boss", 240, condition=NOT_RESOLVED))
    story = begun(*rungs, nobody=(2,)).at(1, e.Acknowledged("p1")).at(2, e.NextCalled("p1"))
    assert story.openings() == [(0, 1, 1), (2, 1, 3)]


def test_rebound_resolves_the_open_level_anew_in_a_new_cycle():
    story = begun().at(10).at(12, e.Rebound("ana"))
    assert story.openings()[-1] == (12, 2, 2)
    assert story.last[1] == a.Withdraw("rebound")


def test_rebase_clamps_the_level_to_the_new_ladder():
    story = begun().at(25)
    story.policy = policy(level("only"))
    assert story.at(26, e.PolicyRebased("boss")).run.level == 1


def test_rebase_plans_the_new_ladders_levels_on_not_resolved_while_acknowledged():
    story = begun(level("one")).at(1, e.Acknowledged("p1"))
    story.policy = policy(level("one"), level("boss", 20, condition=NOT_RESOLVED))
    assert story.at(2, e.PolicyRebased("boss")).at(20).openings() == [(0, 1, 1), (20, 1, 2)]


def test_rebase_that_takes_the_open_level_away_never_pages_the_same_page_again():
    story = begun().at(25)
    story.policy = policy(level("only"))
    story.at(26, e.PolicyRebased("boss"))
    story.policy = policy()
    story.at(27, e.PolicyRebased("boss")).at(40)
    assert len(set(story.openings())) == len(story.openings())
    assert len({opening[1:] for opening in story.openings()}) == len(story.openings())


def test_retrigger_may_demand_the_approval_that_nobody_gave():
    story = Story(policy(approval=Approval(SOMEBODY, minutes(30), OnApprovalTimeout.CANCEL)))
    story.at(0, e.Started(approved=False)).at(30).at(40, e.Retriggered("engine", approved=False))
    assert (story.run.status, story.run.cycle, story.paged) == ("pending_approval", 2, [])
    assert story.at(41, e.Approved("boss")).openings() == [(41, 2, 1)]


def test_approval_skipped_by_policies_that_demand_none():
    assert Story(policy()).at(0, e.Started(approved=False)).openings() == [(0, 1, 1)]


def test_maintenance_defers_the_hold_too_and_changes_nothing_that_comes_later():
    story = begun().at(1, e.Acknowledged("p1")).at(31, e.MaintenanceBegan(START + minutes(60)))
    assert (story.run.due, story.run.due_at) == ("ack_timeout", START + minutes(60))
    assert story.data("deferred")["what"] == "ack_timeout"
    before = story.run
    assert story.at(32, e.MaintenanceBegan(START + minutes(50))).run is before


def test_hold_comes_first_where_a_level_falls_due_at_the_same_instant():
    rungs = (level("one"), level("boss", 31, condition=NOT_RESOLVED))
    story = begun(*rungs).at(1, e.Acknowledged("p1")).at(2, e.MaintenanceBegan(START + minutes(60)))
    assert (story.run.due, story.run.climb_at) == ("ack_timeout", START + minutes(60))
    story.at(60)
    assert [type(action) for action in story.last[:1]] == [a.RemindAcknowledger]
    assert story.openings()[-1] == (60, 1, 2)


@pytest.mark.parametrize(
    "event",
    [e.Resolved("x"), e.Cancelled("x", "why"), e.DeEscalated("x", "why")],
    ids=lambda event: type(event).__name__,
)
def test_ending_withdraws_and_leaves_nothing_due(event):
    story = begun().at(5, event)
    assert story.did(a.Withdraw)
    assert story.run.ended
    assert story.run.due_at is None


@pytest.mark.parametrize(
    "event",
    [
        e.Ticked(), e.LevelReached(1, ("x",)), e.LevelEmpty(1, "x"), e.LevelSkipped(1, "x"), e.Acknowledged("x"),
        e.Declined("x", "y"), e.Progressed("x"), e.Snoozed("x", minutes(5)), e.NextCalled("x"), e.Resolved("x"),
        e.Cancelled("x", "y"), e.DeEscalated("x", "y"), e.Approved("x"), e.Refused("x", "y"),
        e.MaintenanceBegan(START + minutes(500)), e.Rebound("x"), e.PolicyRebased("x"), e.Started(),
    ],
    ids=lambda event: type(event).__name__,
)  # fmt: skip
def test_ended_run_stays_as_it_is(event):
    ended = begun().at(5, e.Resolved("x")).run
    assert decide(policy(), ended, event, START + minutes(6)).run == ended
