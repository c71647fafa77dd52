"""SEMANTICS 3, trigger by trigger, pure: when time-driven ones are due, why event-driven ones fire."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.domain.escalation.logic.policy import TIME_DRIVEN, WITHOUT_SOURCE, Trigger, TriggerKind
from tocsin.domain.escalation.logic.triggers import (
    ClockAt,
    Fired,
    Happening,
    Instant,
    TriggerFacts,
    due,
    fires,
    has_fired,
)

K = TriggerKind
OPENED = datetime(2026, 3, 4, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return OPENED + hours * HOUR


def clock(kind: str = "resolution", target_hours: float = 8, started: float = 0) -> ClockAt:
    """A clock that runs day and night."""

    def reaches(percent: float, beyond: timedelta) -> datetime:
        return at(started) + HOUR * target_hours * percent / 100 + beyond

    return ClockAt(kind, target_hours * 3600, at(started), reaches)


def rule(kind: TriggerKind, **given) -> Trigger:
    return Trigger("rule", kind, **given)


FACTS = TriggerFacts(
    OPENED,
    unassigned_since=at(1),
    last_public_update_at=at(2),
    acknowledged_at=at(3),
    last_owner_activity_at=at(4),
    line="L2",
    line_since=at(5),
    clocks=(clock(), clock("first_response", 1)),
)


@pytest.mark.parametrize(
    ("trigger", "hours"),
    [
        (rule(K.CLOCK_AT, clock="resolution", percent=75), 6),
        (rule(K.CLOCK_AT, clock="resolution", percent=125), 10),
        (rule(K.CLOCK_BREACHED, clock="resolution"), 8),
        (rule(K.CLOCK_OVERDUE_BY, clock="resolution", after=4 * HOUR), 12),
        (rule(K.CLOCK_BREACHED, clock="first_response"), 1),
        (rule(K.UNASSIGNED_FOR, after=HOUR), 2),
        (rule(K.NO_PUBLIC_UPDATE_FOR, after=HOUR), 3),
        (rule(K.OWNER_SILENT_FOR, after=HOUR), 5),
        (rule(K.WAITING_AT_LINE_FOR, line="L2", after=HOUR), 6),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, Trigger) else "",
)
def test_time_driven_trigger_is_due_when_what_it_counts_has_lasted(trigger, hours):
    instant = due(trigger, FACTS)
    assert instant is not None
    assert instant.due_at == at(hours)


@pytest.mark.parametrize(
    "trigger",
    [
        rule(K.CLOCK_BREACHED, clock="resolution"),
        rule(K.UNASSIGNED_FOR, after=HOUR),
        rule(K.OWNER_SILENT_FOR, after=HOUR),
        rule(K.WAITING_AT_LINE_FOR, line="L2", after=HOUR),
        rule(K.HANDOVERS, count=1),
    ],
    ids=lambda trigger: str(trigger.kind),
)
def test_trigger_with_nothing_to_count_from_is_not_due(trigger):
    assert due(trigger, TriggerFacts(OPENED)) is None


def test_clock_that_will_not_reach_its_mark_is_not_due():
    paused = ClockAt("resolution", 3600, OPENED, lambda _percent, _beyond: None)
    assert due(rule(K.CLOCK_BREACHED, clock="resolution"), TriggerFacts(OPENED, clocks=(paused,))) is None


def test_first_of_several_clocks_of_a_kind_counts():
    facts = TriggerFacts(OPENED, clocks=(clock("internal", 9), clock("internal", 2, started=3)))
    assert due(rule(K.CLOCK_BREACHED, clock="internal"), facts) == Instant(at(5), at(3), 7200)


def test_public_update_counts_from_opening_until_there_is_one():
    instant = due(rule(K.NO_PUBLIC_UPDATE_FOR, after=HOUR), TriggerFacts(OPENED))
    assert instant == Instant(at(1), OPENED, 3600)


def test_owner_who_did_something_before_acknowledging_is_silent_since_acknowledging():
    facts = TriggerFacts(OPENED, acknowledged_at=at(3), last_owner_activity_at=at(1))
    instant = due(rule(K.OWNER_SILENT_FOR, after=HOUR), facts)
    assert instant == Instant(at(4), at(3), 3600)


@pytest.mark.parametrize(
    ("fired", "again"),
    [
        (None, True),
        (Fired(None, None), True),
        (Fired(OPENED, 6 * 3600), False),  # the very mark
        (Fired(OPENED, 8 * 3600), False),  # the target became shorter: this much was consumed before
        (Fired(OPENED, 3 * 3600), True),  # the target became longer: not yet reached
        (Fired(at(-5), 6 * 3600), True),  # another clock (the next reply, after reopening)
    ],
)
def test_threshold_does_not_fire_again_at_the_same_level_of_consumption(fired, again):
    instant = due(rule(K.CLOCK_AT, clock="resolution", percent=75), FACTS)
    assert instant is not None
    assert has_fired(instant, fired) is not again


@pytest.mark.parametrize(
    ("trigger", "happening", "why"),
    [
        (rule(K.TICKET_OPENED), Happening("opened"), "the ticket was opened"),
        (rule(K.HANDOVERS, count=3), Happening("handover", handovers=3), "3 handovers"),
        (rule(K.HANDOVERS, count=3), Happening("handover", handovers=2), ""),
        (
            rule(K.HANDOVERS, count=3),
            Happening("handover", handovers=2, ping_pongs=1),
            "2 handovers, 1 of them back again",
        ),
        (rule(K.REOPENED, count=2), Happening("reopened", reopens=2), "reopened 2 times"),
        (rule(K.REOPENED, count=2), Happening("reopened", reopens=1), ""),
        (
            rule(K.PRIORITY_RAISED),
            Happening("priority", priority_before=3, priority_after=1),
            "priority raised from 3 to 1",
        ),
        (rule(K.PRIORITY_RAISED), Happening("priority", priority_before=1, priority_after=3), ""),
        (
            rule(K.LINKED_TICKETS, count=3),
            Happening("linked", linked=4, linked_same="problem"),
            "4 tickets on one problem",
        ),
        (rule(K.LINKED_TICKETS, count=3), Happening("linked", linked=3, linked_same="problem"), ""),
        (rule(K.LINKED_TICKETS, count=3, same="service"), Happening("linked", linked=9, linked_same="problem"), ""),
        (rule(K.CUSTOMER_ASKS), Happening("asked"), "the customer asked for it"),
    ],
)
def test_event_driven_trigger_says_why(trigger, happening, why):
    assert fires(trigger, happening) == why


@pytest.mark.parametrize("kind", [kind for kind in TriggerKind if kind in TIME_DRIVEN | WITHOUT_SOURCE])
def test_what_time_drives_and_what_has_no_source_never_fires_on_an_event(kind):
    everything = Happening(
        "handover", 99, 99, 99, 4, 1, 99, "problem", "escalate this", customer=True, earlier=(), at=OPENED
    )
    assert fires(rule(kind), everything) == ""


@pytest.mark.parametrize(
    ("minutes", "why"),
    [
        ((0, 1, 9), "3 alerts within 10m"),
        ((0, 1, 10), ""),  # the third has just left the window
        ((0, 1), ""),
        ((0, 1, 2, 3, 60), "4 alerts within 10m"),
    ],
)
def test_alerts_are_counted_within_the_window_that_ends_now(minutes, why):
    told = [OPENED - timedelta(minutes=n) for n in minutes]
    rule_of_three = rule(K.ALERT_COUNT, count=3, within=timedelta(minutes=10))
    assert fires(rule_of_three, Happening("alert", told=told, at=OPENED)) == why


def asks(text: str, *keywords: str, customer: bool = True) -> bool:
    said = Happening("message", text=text, customer=customer)
    return bool(fires(rule(K.CUSTOMER_ASKS, keywords=keywords), said))


@pytest.mark.parametrize(
    "text",
    [
        "I want to SPEAK TO A MANAGER now",
        "I want to speak\nto a  manager.",
        "please escalate",
        "Could you escalate this?",
        "This is a formal complaint!",
    ],
)
def test_customer_asks_by_the_usual_phrases(text):
    assert asks(text)


@pytest.mark.parametrize(
    "text", ["", "The escalated ticket was closed", "Our managers speak to agents", "speak to a man"]
)
def test_customer_who_says_something_else_does_not_ask(text):
    assert not asks(text)


def test_agents_words_are_not_the_customers():
    assert not asks("I told them to speak to a manager", customer=False)


@pytest.mark.parametrize(
    ("text", "keyword", "found"),
    [
        ("Ich möchte die GESCHÄFTSFÜHRUNG sprechen", "geschäftsführung", True),
        (unicodedata.normalize("NFD", "zur Geschäftsführung"), "Geschäftsführung", True),
        ("Geschäftsführungen", "Geschäftsführung", False),
        ("a no-break speak\u00a0to a manager", "speak to a manager", True),
        ("Соедините с НАЧАЛЬНИКОМ", "начальником", True),
        ("c++ (really)", "c++", True),
        ("100% sure", "100%", True),
        ("x.y", "x.y", True),
        ("xzy", "x.y", False),
    ],
)
def test_keywords_are_whole_words_in_any_script_and_no_patterns(text, keyword, found):
    assert asks(text, keyword) is found


def test_customers_own_words_are_quoted():
    said = Happening("message", text="Get me a Manager!", customer=True)
    assert fires(rule(K.CUSTOMER_ASKS, keywords=("manager",)), said) == "the customer wrote “Manager”"


@pytest.mark.parametrize(
    ("same", "within", "why"),
    [
        ("organisation", 48 * HOUR, "2 escalations of the same organisation within 2d"),
        ("organisation", 50 * HOUR, "3 escalations of the same organisation within 2d2h"),
        ("", 48 * HOUR, "2 escalations of the same organisation within 2d"),
        ("configuration_item", 48 * HOUR, "2 escalations of the same configuration item within 2d"),
        ("service", 48 * HOUR, ""),
    ],
)
def test_repeat_escalation_counts_what_is_the_same_within_the_time(same, within, why):
    earlier = (("organisation", at(-1)), ("organisation", at(-49)), ("configuration_item", at(-48)), ("service", at(2)))
    happening = Happening("escalated", earlier=earlier, at=OPENED)
    assert fires(rule(K.REPEAT_ESCALATION, same=same, within=within), happening) == why
