"""A history walked forward: the same rules as in production, nothing known before it happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.domain.escalation.logic.stories import SOMEBODY, START, level, minutes, policy
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.actions import Notify
from tocsin.domain.escalation.logic.policy import (
    AckMode,
    Approval,
    OnApprovalTimeout,
    Policy,
    Repeat,
    Trigger,
    TriggerKind,
)
from tocsin.domain.escalation.logic.simulate import Fact, Simulation, simulate
from tocsin.domain.escalation.logic.triggers import ClockAt
from tocsin.domain.escalation.logic.view import TicketView

K = TriggerKind
ON_OPENING = Trigger("opened", K.TICKET_OPENED)


class NoClocks:
    def tell(self, fact: Fact, before: TicketView, after: TicketView) -> None: ...

    def standing(self) -> Sequence[ClockAt]:
        return ()


class OneClock(NoClocks):
    """Runs day and night from the opening; 100 minutes, 50 once the priority is 1."""

    def __init__(self) -> None:
        self.target = 6000.0

    def tell(self, fact: Fact, before: TicketView, after: TicketView) -> None:
        self.target = 3000.0 if after.priority == 1 else 6000.0

    def standing(self) -> Sequence[ClockAt]:
        def reaches(percent: float, beyond: timedelta) -> datetime:
            return START + timedelta(seconds=self.target * percent / 100) + beyond

        return (ClockAt("resolution", self.target, START, reaches),)


def fact(minute: float, kind: str = "changed", by: str = "", text: str = "", **changes) -> Fact:
    return Fact(START + minutes(minute), kind, changes, by, text)


def reached(_policy: Policy, ask: Notify, _view: TicketView):
    return e.LevelReached(ask.level, (f"ana{ask.level}", f"ben{ask.level}"))


def told(*history: Fact, policies=None, clocks=None, resolve=reached, until: float = 1000, **given) -> Simulation:
    watching = policies or [policy(triggers=(ON_OPENING,))]
    return simulate(history, watching, resolve, clocks or NoClocks(), until=START + minutes(until), **given)


def steps(simulation: Simulation, slug: str = "p") -> list[tuple[float, int, int, str]]:
    return [
        ((step.at - START) / minutes(1), step.cycle, step.level, step.outcome)
        for step in simulation.steps
        if step.policy == slug
    ]


def fired(simulation: Simulation) -> list[tuple[str, float]]:
    return [(firing.trigger, (firing.at - START) / minutes(1)) for firing in simulation.fired]


def test_levels_open_at_their_own_instants_between_facts():
    found = told(fact(0, "opened"), fact(500), until=30)
    assert steps(found)[:3] == [(0, 1, 1, "paged"), (10, 1, 2, "paged"), (25, 1, 3, "paged")]
    assert found.steps[0].people == ("ana1", "ben1")


def test_time_goes_on_to_the_end_that_is_asked_for():
    found = told(fact(0, "opened"))
    assert steps(found)[3:] == [(40, 1, 3, "catch_all")]
    assert found.ends == {"p": "exhausted"}


def test_resolving_ends_the_run_and_what_waits():
    idle = Trigger("idle", K.UNASSIGNED_FOR, after=minutes(60))
    found = told(fact(0, "opened"), fact(5, "resolved", is_open=False), policies=[policy(triggers=(ON_OPENING, idle))])
    assert (steps(found), fired(found), found.ends) == (
        [(0, 1, 1, "paged")], [("opened", 0)], {"p": "resolved"}
    )  # fmt: skip


def test_answers_of_the_history_stop_the_climb():
    found = told(fact(0, "opened"), fact(5, "acknowledged", by="ana1"), until=30)
    assert (steps(found), found.ends) == ([(0, 1, 1, "paged")], {"p": "acknowledged"})


def test_declines_of_the_history_page_the_next_level_at_once():
    history = (fact(0, "opened"), fact(5, "declined", by="ana1"), fact(6, "declined", by="ben1"))
    assert steps(told(*history, until=7)) == [(0, 1, 1, "paged"), (6, 1, 2, "paged")]


def test_work_of_the_acknowledger_holds_the_climb_and_that_of_others_does_not():
    begun = (fact(0, "opened"), fact(5, "acknowledged", by="ana1"))
    assert steps(told(*begun, fact(30, "reply", by="ana1"), until=45)) == [(0, 1, 1, "paged")]
    assert steps(told(*begun, fact(30, "reply", by="eve"), until=45)) == [(0, 1, 1, "paged"), (40, 2, 1, "paged")]


def test_first_work_after_a_page_may_be_taken_for_its_answer():
    found = told(fact(0, "opened"), fact(5, "machine"), fact(12, "reply"), until=30, activity_answers=True)
    assert steps(found) == [(0, 1, 1, "paged"), (10, 1, 2, "paged")]
    assert told(fact(0, "opened"), fact(5, "customer"), until=12, activity_answers=True).ends == {"p": "climbing"}


def test_level_on_which_everyone_has_to_answer_takes_as_many_works():
    everyone = policy(level("one", ack=AckMode.ALL), triggers=(ON_OPENING,))
    one = told(fact(0, "opened"), fact(1), policies=[everyone], until=5, activity_answers=True)
    two = told(fact(0, "opened"), fact(1), fact(2), policies=[everyone], until=5, activity_answers=True)
    assert (one.ends, two.ends) == ({"p": "climbing"}, {"p": "acknowledged"})


@pytest.mark.parametrize(
    ("trigger", "history", "expected"),
    [
        (Trigger("t", K.UNASSIGNED_FOR, after=minutes(30)), [fact(0, "opened")], [("t", 30)]),
        (
            Trigger("t", K.UNASSIGNED_FOR, after=minutes(30)),
            [fact(0, "opened"), fact(10, has_owner=True), fact(20, has_owner=False)],
            [("t", 50)],
        ),
        (
            Trigger("t", K.NO_PUBLIC_UPDATE_FOR, after=minutes(30)),
            [fact(0, "opened"), fact(20, "reply"), fact(25)],
            [("t", 50)],
        ),
        (
            Trigger("t", K.WAITING_AT_LINE_FOR, line="L2", after=minutes(30)),
            [fact(0, "opened", line="L1"), fact(5, line="L2"), fact(10)],
            [("t", 35)],
        ),
        (
            Trigger("t", K.HANDOVERS, count=3),
            [fact(0, "opened"), fact(5, "handover", handovers=1), fact(6, "handover", handovers=2, ping_pongs=1)],
            [("t", 6)],
        ),
        (
            Trigger("t", K.REOPENED, count=1),
            [fact(0, "opened"), fact(5, "resolved", is_open=False), fact(9, "reopened", is_open=True, reopens=1)],
            [("t", 9)],
        ),
        (Trigger("t", K.PRIORITY_RAISED), [fact(0, "opened"), fact(5, priority=4), fact(6, priority=1)], [("t", 6)]),
        (
            Trigger("t", K.CUSTOMER_ASKS),
            [fact(0, "opened"), fact(5, "reply", text="please escalate"), fact(6, "customer", text="Please escalate")],
            [("t", 6)],
        ),
        (Trigger("t", K.CUSTOMER_ASKS), [fact(0, "opened"), fact(7, "asked")], [("t", 7)]),
        (ON_OPENING, [fact(0, "opened")], [("opened", 0)]),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, Trigger) else "",
)
def test_trigger_fires_at_its_instant(trigger, history, expected):
    assert fired(told(*history, policies=[policy(triggers=(trigger,))], until=100)) == expected


def test_owner_silent_since_acknowledging():
    silent = policy(level("boss"), triggers=(Trigger("silent", K.OWNER_SILENT_FOR, after=minutes(20)),))
    silent = Policy("silent", "S", "internal", "other", "hierarchical", silent.levels, triggers=silent.triggers)
    history = (fact(0, "opened"), fact(5, "acknowledged", by="ana1"), fact(10, "reply", by="ana1"))
    found = told(*history, policies=[policy(triggers=(ON_OPENING,)), silent], until=31)
    assert fired(found) == [("opened", 0), ("silent", 30)]


def test_clock_threshold_follows_what_is_known_and_fires_once():
    at_risk = policy(triggers=(Trigger("t", K.CLOCK_AT, clock="resolution", percent=80),))
    assert fired(told(fact(0, "opened"), policies=[at_risk], clocks=OneClock())) == [("t", 80)]
    raised = (fact(0, "opened"), fact(45, priority=1), fact(46, priority=3), fact(47, priority=1))
    assert fired(told(*raised, policies=[at_risk], clocks=OneClock())) == [("t", 45)]


def test_trigger_that_comes_true_while_its_policy_is_at_work_is_refused_and_told():
    idle = Trigger("idle", K.UNASSIGNED_FOR, after=minutes(5))
    found = told(fact(0, "opened"), policies=[policy(triggers=(ON_OPENING, idle))])
    assert [(firing.trigger, firing.refused) for firing in found.refused] == [
        ("idle", "the policy is already at work on this ticket")
    ]


def test_conditions_see_the_ticket_as_it_is_then():
    grave = Trigger(
        "grave", K.UNASSIGNED_FOR, after=minutes(30), when="ticket.priority == 1 && ticket.age_minutes == 30"
    )
    ladder = [policy(triggers=(grave,), match='ticket.service == "Payroll"')]
    opened = fact(0, "opened", service="Payroll")
    assert fired(told(opened, fact(10, priority=1), policies=ladder)) == [("grave", 30)]
    assert [firing.refused for firing in told(opened, fact(40, priority=1), policies=ladder).refused] == [
        "its condition is false"
    ]
    unwatched = told(fact(0, "opened", service="Mail"), fact(10, priority=1), policies=ladder)
    assert (unwatched.fired, unwatched.refused) == ((), ())


def test_condition_that_cannot_be_evaluated_opens_no_escalation_but_keeps_no_level_from_being_told():
    broken = "1 / (ticket.priority - 3) == 1"
    refused = told(fact(0, "opened"), policies=[policy(triggers=(Trigger("t", K.TICKET_OPENED, when=broken),))])
    assert (fired(refused), len(refused.refused)) == ([], 1)
    told_anyway = told(fact(0, "opened"), policies=[policy(level("one", when=broken), triggers=(ON_OPENING,))], until=1)
    assert steps(told_anyway) == [(0, 1, 1, "paged")]


def test_level_with_a_false_condition_is_skipped_and_an_empty_one_goes_on_at_once():
    ladder = policy(
        level("one", when="ticket.priority == 1"), level("two", 10), level("three", 10), triggers=(ON_OPENING,)
    )

    def nobody_on_two(of: Policy, ask: Notify, view: TicketView):
        return e.LevelEmpty(2, "nobody") if ask.level == 2 else reached(of, ask, view)

    found = told(fact(0, "opened"), policies=[ladder], resolve=nobody_on_two, until=15)
    assert steps(found) == [(0, 1, 1, "skipped"), (10, 1, 2, "empty"), (10, 1, 3, "paged")]


def test_escalation_reopens_within_its_window_and_begins_anew_after_it():
    again = Trigger("again", K.REOPENED, count=1)
    ladder = policy(level("one"), triggers=(ON_OPENING, again), reopen_window=minutes(60))
    closed = (fact(0, "opened"), fact(5, "resolved", is_open=False))
    soon = told(*closed, fact(60, "reopened", is_open=True, reopens=1), policies=[ladder], until=61)
    late = told(*closed, fact(66, "reopened", is_open=True, reopens=1), policies=[ladder], until=67)
    assert (steps(soon)[-1], steps(late)[-1]) == ((60, 2, 1, "paged"), (66, 1, 1, "paged"))


def test_approval_is_waited_for_unless_the_ticket_is_of_top_severity():
    demanded = policy(
        triggers=(ON_OPENING,), approval=Approval(SOMEBODY, minutes(30), OnApprovalTimeout.START)
    )  # fmt: skip
    assert steps(told(fact(0, "opened"), policies=[demanded], until=35)) == [(30, 1, 1, "paged")]
    assert steps(told(fact(0, "opened", priority=1), policies=[demanded], until=5)) == [(0, 1, 1, "paged")]


def test_policy_that_a_level_calls_runs_as_a_child_and_stops_with_its_parent():
    parent = policy(level("calls", targets=(), policy="child"), level("two", 10), triggers=(ON_OPENING,))
    child = Policy("child", "C", "technical", "other", "functional", (level("one"), level("two", 30)))
    history = (fact(0, "opened"), fact(12, "acknowledged", by="ana2"))
    found = told(*history, policies=[parent, child], until=30)
    assert steps(found, "child") == [(0, 1, 1, "paged")]
    assert found.ends == {"p": "acknowledged", "child": "cancelled"}
    stopped = told(fact(0, "opened"), fact(5, "resolved", is_open=False), policies=[parent, child])
    assert stopped.ends == {"p": "resolved", "child": "resolved"}


def test_repeats_and_their_end_are_the_deciders():
    ladder = policy(level("one"), triggers=(ON_OPENING,), repeat=Repeat(2, minutes(20)))
    assert steps(told(fact(0, "opened"), policies=[ladder])) == [
        (0, 1, 1, "paged"), (20, 2, 1, "paged"), (40, 3, 1, "paged"), (60, 3, 1, "catch_all")
    ]  # fmt: skip


def test_same_history_gives_the_same_steps_in_the_same_order():
    history = (
        fact(0, "opened"),
        fact(3, "handover", handovers=2),
        fact(7, "reply"),
        fact(90, "resolved", is_open=False),
    )
    ladder = [policy(triggers=(ON_OPENING, Trigger("h", K.HANDOVERS, count=1)))]
    assert told(*history, policies=ladder) == told(*history, policies=ladder)


def test_nothing_that_comes_later_is_known_before():
    history = (fact(0, "opened"), fact(30), fact(60, "resolved", is_open=False))
    whole = told(*history, until=500)
    part = told(*history[:2], until=59)
    assert whole.steps[: len(part.steps)] == part.steps
    assert whole.fired == part.fired
