"""SEMANTICS 2, rule by rule, on the pure fold. Hours count from the opening; the calendar is 24x7 unless said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.calendars.logic.business import ALWAYS, DAYS, BusinessCalendar
from tocsin.domain.sla.logic.clock import ClockFold, Fact, Terms, fold, instant_at

START = datetime(2026, 3, 4, 9, tzinfo=UTC)
HOUR = 3600
TARGETS = {
    **{("first_response", p, ""): p * HOUR for p in (1, 2, 3)},
    **{("next_response", p, ""): 2 * HOUR for p in (1, 2, 3)},
    **{("next_update", p, ""): 6 * HOUR for p in (1, 2, 3)},
    **{("resolution", p, ""): p * 4 * HOUR for p in (1, 2, 3)},
    ("internal", 2, "desk"): 3 * HOUR,
    ("internal", 2, "network"): 5 * HOUR,
}
TERMS = Terms(TARGETS, frozenset({"waiting_customer", "waiting_vendor"}))


def hours(count: float) -> datetime:
    return START + timedelta(hours=count)


def opened(**given) -> Fact:
    return Fact(START, "opened", **{"priority": 2, "status": "new", **given})


def clocks(*facts: Fact, now: float = 0, terms: Terms = TERMS, calendar=ALWAYS, first: Fact | None = None):
    return fold([first or opened(), *facts], terms, calendar, hours(now))


def clock(kind: str, *facts: Fact, **given) -> ClockFold:
    """The latest clock of a kind."""
    return [c for c in clocks(*facts, **given) if c.kind == kind][-1]


def status(at: float, value: str) -> Fact:
    return Fact(hours(at), "status", value)


def priority(at: float, value: int) -> Fact:
    return Fact(hours(at), "priority", str(value))


def said(at: float, kind: str) -> Fact:
    return Fact(hours(at), kind)


def due(kind: str, *facts: Fact, **given) -> datetime | None:
    return clock(kind, *facts, **given).due_at(given.get("calendar", ALWAYS))


def mark(found: ClockFold, percent: float = 100, beyond: timedelta = timedelta(), calendar=ALWAYS) -> datetime | None:
    return instant_at(
        calendar=calendar, started_at=found.started_at, running_since=found.running_since, consumed=found.consumed,
        target=found.target, agreed_due_at=found.agreed_due_at, breached_at=found.breached_at, percent=percent, beyond=beyond,
        trace=found.trace,
    )  # fmt: skip


def test_clock_runs_from_the_opening_to_its_target():
    assert due("resolution") == hours(8)


def test_100_percent_is_breach_exactly():
    assert clock("resolution", now=7.9999).state == "running"
    found = clock("resolution", now=8)
    assert (found.state, found.breached_at) == ("breached", hours(8))


def test_reply_at_the_very_instant_of_breach_is_too_late():
    assert clock("first_response", said(2, "reply"), now=3).state == "breached"


def test_only_a_public_reply_meets_first_response():
    assert clock("first_response", said(1, "customer"), status(1.5, "open"), now=1.9).state == "running"
    assert clock("first_response", said(1, "reply"), now=9).state == "met"


def test_public_reply_re_arms_next_update_periodically():
    found = [c for c in clocks(said(1, "reply"), said(4, "reply"), now=5) if c.kind == "next_update"]
    assert [(c.sequence, c.state) for c in found] == [(1, "met"), (2, "running")]
    assert found[1].due_at(ALWAYS) == hours(10)


def test_customers_message_arms_next_response_and_the_reply_meets_it():
    facts = (said(1, "reply"), said(2, "customer"))
    assert due("next_response", *facts, now=2) == hours(4)
    assert clock("next_response", *facts, said(3, "reply"), now=9).state == "met"


def test_second_question_does_not_move_the_first_ones_clock():
    facts = (said(1, "reply"), said(2, "customer"), said(3, "customer"))
    assert due("next_response", *facts, now=3) == hours(4)


def test_pause_never_loses_what_was_consumed_and_several_pauses_add_up():
    facts = (status(2, "waiting_customer"), status(5, "open"), status(6, "waiting_vendor"), status(10, "open"))
    assert due("resolution", *facts, now=10) == hours(15)


def test_paused_clock_has_no_due_time_and_says_so():
    found = clock("resolution", status(2, "waiting_customer"), now=50)
    assert (found.state, found.consumed, found.due_at(ALWAYS)) == ("paused", 2 * HOUR, None)


def test_elapsed_and_business_time_are_both_kept():
    office = BusinessCalendar.build(zone="UTC", weekly={day: [["09:00", "17:00"]] for day in DAYS})
    found = clock("resolution", status(12, "waiting_customer"), now=12, calendar=office)
    assert (found.consumed, found.elapsed) == (8 * HOUR, 12 * HOUR)


def test_changed_priority_keeps_consumed_time():
    assert due("resolution", priority(3, 1), now=3) == hours(4)


def test_changed_priority_may_restart():
    restart = Terms(TARGETS, TERMS.pause_statuses, restart_on_change=True)
    assert due("resolution", priority(3, 1), now=3, terms=restart) == hours(7)


def test_raised_priority_whose_target_is_already_consumed_breaches_at_the_change():
    found = clock("resolution", priority(6, 1), now=6)
    assert (found.state, found.breached_at) == ("breached", hours(6))


def test_lowered_priority_takes_a_breach_back_when_the_new_target_is_not_reached():
    found = clock("resolution", priority(9, 3), now=9)
    assert (found.state, found.due_at(ALWAYS)) == ("running", hours(12))


def test_target_that_a_priority_brings_starts_retroactively_with_credit_for_past_pauses():
    only_urgent = Terms({("resolution", 1, ""): 4 * HOUR}, TERMS.pause_statuses)
    facts = (status(1, "waiting_customer"), status(3, "open"), priority(4, 1))
    found = clock("resolution", *facts, now=4, terms=only_urgent)
    assert (found.started_at, found.consumed, found.due_at(ALWAYS)) == (START, 2 * HOUR, hours(6))


def test_resolution_is_met_on_resolving_and_continues_on_reopening():
    facts = (status(3, "resolved"), status(20, "reopened"))
    assert clock("resolution", facts[0], now=10).state == "met"
    assert due("resolution", *facts, now=20) == hours(25)


def test_resolving_cancels_what_is_no_longer_owed():
    assert clock("first_response", status(1, "resolved"), now=5).state == "cancelled"


def test_internal_target_belongs_to_the_team_that_holds_the_ticket():
    found = [
        c for c in clocks(Fact(hours(2), "team", "network"), now=4, first=opened(team="desk")) if c.kind == "internal"
    ]
    assert [(c.team, c.state, c.due_at(ALWAYS)) for c in found] == [
        ("desk", "met", None),
        ("network", "running", hours(7)),
    ]


def test_agreed_date_sticks_until_it_is_cleared():
    agreed = Fact(hours(1), "agreed", "resolution", hours(30))
    assert due("resolution", agreed, priority(2, 1), now=5) == hours(30)
    cleared = Fact(hours(3), "agreed", "resolution", None)
    assert due("resolution", agreed, cleared, now=3) == hours(8)


def test_agreed_date_that_passes_is_a_breach():
    found = clock("resolution", Fact(hours(1), "agreed", "resolution", hours(5)), now=6)
    assert (found.state, found.breached_at) == ("breached", hours(5))


@pytest.mark.parametrize(("percent", "beyond", "at"), [(75, 0, 6), (100, 0, 8), (125, 0, 10), (100, 4, 12), (50, 0, 4)])
def test_thresholds_are_exact_and_may_lie_beyond_100_percent(percent, beyond, at):
    assert mark(clock("resolution"), percent, timedelta(hours=beyond)) == hours(at)


def test_threshold_of_a_paused_clock_does_not_come():
    assert mark(clock("resolution", status(2, "waiting_customer"), now=3), 75) is None


def test_retroactive_opening_counts_from_then():
    assert fold([opened()], TERMS, ALWAYS, hours(100))[1].breached_at == hours(8)


def test_every_step_says_why_with_amounts():
    facts = (status(2, "waiting_customer"), status(5, "open"), priority(6, 1))
    told = [(step.what, step.cause, step.consumed / HOUR) for step in clock("resolution", *facts, now=20).trace]
    assert told == [
        ("started", "the ticket was opened", 0),
        ("paused", "the ticket is waiting customer", 2),
        ("resumed", "the ticket is open", 2),
        ("recomputed", "priority 1", 3),
        ("breached", "the whole target was consumed", 4),
    ]


def test_target_that_goes_and_comes_back_goes_on_with_what_was_consumed():
    some = Terms({k: v for k, v in TARGETS.items() if k != ("resolution", 3, "")}, TERMS.pause_statuses)
    facts = (priority(2, 3), status(3, "waiting_customer"), status(5, "open"), priority(6, 2))
    gone, back = clock("resolution", facts[0], now=2, terms=some), clock("resolution", *facts, now=6, terms=some)
    assert (gone.state, gone.stopped_at, gone.trace[-1].cause) == (
        "cancelled",
        hours(2),
        "priority 3: no longer promised",
    )
    assert (back.sequence, back.consumed, back.due_at(ALWAYS)) == (1, 4 * HOUR, hours(10))


def test_priority_changed_while_resolved_counts_from_the_reopening():
    facts = (status(3, "resolved"), priority(4, 1), status(20, "reopened"))
    assert due("resolution", *facts, now=20) == hours(21)


def test_reply_re_arms_nothing_on_a_resolved_ticket():
    found = clocks(said(1, "reply"), status(2, "resolved"), said(3, "reply"), now=4)
    assert [c.state for c in found if c.kind == "next_update"] == ["cancelled"]


def test_next_update_pauses_with_the_ticket():
    facts = (said(1, "reply"), status(2, "waiting_customer"), status(12, "open"))
    assert due("next_update", *facts, now=12) == hours(17)


def test_team_that_gets_the_ticket_back_gets_its_internal_time_anew():
    facts = (Fact(hours(2), "team", "network"), Fact(hours(3), "team", "desk"))
    found = [c for c in clocks(*facts, now=3, first=opened(team="desk")) if c.kind == "internal"]
    assert [(c.team, c.sequence) for c in found] == [("desk", 1), ("network", 1), ("desk", 2)]
    assert found[-1].due_at(ALWAYS) == hours(6)


def test_internal_target_that_a_priority_brings_counts_from_when_the_team_got_the_ticket():
    facts = (Fact(hours(1), "team", "network"), priority(4, 2))
    found = clock("internal", *facts, now=4, first=opened(team="desk", priority=1))
    assert (found.team, found.started_at, found.due_at(ALWAYS)) == ("network", hours(1), hours(6))


def test_agreed_date_passes_also_while_the_ticket_waits():
    facts = (Fact(hours(1), "agreed", "resolution", hours(5)), status(2, "waiting_customer"))
    found = clock("resolution", *facts, now=9)
    assert (found.state, found.breached_at, found.running_since) == ("breached", hours(5), None)


def test_agreed_date_survives_a_priority_without_a_target():
    urgent = Terms({("resolution", 2, ""): 8 * HOUR})
    facts = (Fact(hours(1), "agreed", "resolution", hours(30)), priority(2, 3))
    assert due("resolution", *facts, now=2, terms=urgent) == hours(30)
    cleared = clock("resolution", *facts, Fact(hours(3), "agreed", "resolution", None), now=3, terms=urgent)
    assert cleared.state == "cancelled"


def test_agreed_date_renegotiated_after_it_passed_takes_the_breach_back():
    facts = (Fact(hours(1), "agreed", "resolution", hours(5)), Fact(hours(6), "agreed", "resolution", hours(9)))
    found = clock("resolution", *facts, now=6)
    assert (found.state, found.due_at(ALWAYS)) == ("running", hours(9))


def test_percents_of_an_agreed_date_count_from_the_start_to_it():
    found = clock("resolution", Fact(hours(1), "agreed", "resolution", hours(40)), now=1)
    assert [mark(found, percent) for percent in (50, 100, 125)] == [hours(20), hours(40), hours(50)]
    assert mark(found, 100, timedelta(hours=4)) == hours(44)


def test_marks_after_a_restart_beyond_an_agreed_date_that_had_passed_lie_at_it():
    restart = Terms(TARGETS, TERMS.pause_statuses, restart_on_change=True)
    facts = (Fact(hours(1), "agreed", "resolution", hours(5)), priority(6, 1))
    assert mark(clock("resolution", *facts, now=7, terms=restart), 75) == hours(5)


def test_mark_that_lies_behind_gives_the_instant_at_which_it_was_passed():
    facts = (status(2, "waiting_customer"), status(5, "open"))
    for now in (9.5, 10, 20):
        assert mark(clock("resolution", *facts, now=now), 75) == hours(9)
    paused = clock("resolution", status(6.5, "waiting_customer"), now=30)
    assert (mark(paused, 75), mark(paused, 90)) == (hours(6), None)


def test_mark_that_a_new_target_put_behind_was_passed_at_the_change():
    assert mark(clock("resolution", priority(3.5, 1), now=5), 75) == hours(3.5)


def test_100_percent_is_reached_by_many_pauses_exactly():
    """Sums of odd spans must not end a hair before or after the target."""
    minutes = [n * 7.123457 / 60 for n in range(1, 40)]
    facts = [status(at, ("waiting_customer", "open")[n % 2]) for n, at in enumerate(minutes)]
    found = clock("resolution", *facts, now=5)
    ran = sum((b.at - a.at for a, b in zip([opened(), *facts[1::2]], facts[::2], strict=True)), timedelta())
    assert timedelta(seconds=found.consumed) == ran + (hours(5) - facts[-1].at if len(facts) % 2 == 0 else timedelta())


kinds = st.sampled_from(
    [("status", s) for s in ("open", "waiting_customer", "waiting_vendor", "resolved", "reopened")]
    + [("priority", p) for p in "1234"]  # nothing is promised at 4
    + [("team", t) for t in ("desk", "network", "")]
    + [("reply", ""), ("customer", ""), ("agreement", "")]
    + [("agreed", kind) for kind in ("resolution", "first_response", "next_update")]
)
moments = st.lists(st.tuples(st.floats(0.1, 60), kinds, st.one_of(st.none(), st.floats(0.1, 20))), max_size=9).map(
    lambda found: [
        Fact(hours(at), kind, value, hours(at + ahead) if kind == "agreed" and ahead else None)
        for at, (kind, value), ahead in sorted(found, key=lambda one: one[0])
    ]
)
terms = st.sampled_from([TERMS, Terms(TARGETS, TERMS.pause_statuses, restart_on_change=True)])
OFFICE = BusinessCalendar.build(zone="Europe/Berlin", weekly={day: [["09:00", "17:00"]] for day in DAYS[:5]})
used = st.sampled_from([ALWAYS, OFFICE])


def key(found: ClockFold) -> tuple[str, str, int]:
    return found.kind, found.team, found.sequence


@given(moments, terms, used, st.lists(st.floats(0, 80), max_size=4))
@settings(max_examples=60)
def test_folding_as_time_goes_on_equals_folding_at_once(facts, agreement, calendar, looks):
    """What somebody saw at any moment is the beginning of what is known in the end: the past is never rewritten."""
    whole = {key(c): c.trace for c in clocks(*facts, now=100, terms=agreement, calendar=calendar)}
    for look in looks:
        known = [fact for fact in facts if fact.at <= hours(look)]
        for seen in clocks(*known, now=look, terms=agreement, calendar=calendar):
            assert whole[key(seen)][: len(seen.trace)] == seen.trace


@given(moments, terms, used, st.floats(0, 80))
@settings(max_examples=60)
def test_breach_comes_exactly_when_it_was_foretold(facts, agreement, calendar, look):
    """Until something changes, the due time that was shown is the instant of the breach, whoever looks how late."""
    known = [fact for fact in facts if fact.at <= hours(look)]
    later = {key(c): c for c in clocks(*known, now=1000, terms=agreement, calendar=calendar)}
    for seen in clocks(*known, now=look, terms=agreement, calendar=calendar):
        foretold = seen.due_at(calendar)
        assert later[key(seen)].breached_at == (seen.breached_at if foretold is None else foretold)
        assert later[key(seen)].due_at(calendar) is None


@given(moments, terms, used, st.floats(0, 80), st.sampled_from([25, 75, 100, 125]), st.floats(0, 90))
@settings(max_examples=60)
def test_mark_stands_where_it_was_foretold(facts, agreement, calendar, look, percent, later):
    """Asking later, with nothing changed between, gives the same instant: also after it has passed."""
    known = [fact for fact in facts if fact.at <= hours(look)]
    then = {key(c): c for c in clocks(*known, now=look + later, terms=agreement, calendar=calendar)}
    for seen in clocks(*known, now=look, terms=agreement, calendar=calendar):
        if seen.is_live:
            assert mark(then[key(seen)], percent, calendar=calendar) == mark(seen, percent, calendar=calendar)


@given(moments, terms, used)
@settings(max_examples=60)
def test_amounts_and_states_agree(facts, agreement, calendar):
    for found in clocks(*facts, now=100, terms=agreement, calendar=calendar):
        assert 0 <= found.consumed <= found.elapsed + 1e-6
        assert found.trace[0].what == "started"
        assert (found.state == "breached") == (found.breached_at is not None)
        assert found.is_live or found.running_since is None
        if found.is_live and found.agreed_due_at is None:
            assert (found.breached_at is not None) == found.is_used_up


@given(moments, terms, used)
@settings(max_examples=60)
def test_one_clock_of_a_kind_and_team_is_live_and_every_arming_has_its_own_number(facts, agreement, calendar):
    """Stored rows are told by this: the live one of its kind, however often the agreement was edited."""
    found = clocks(*facts, now=100, terms=agreement, calendar=calendar)
    live = [(c.kind, c.team) for c in found if c.is_live]
    assert len(live) == len(set(live))
    assert len({key(c) for c in found}) == len(found)
