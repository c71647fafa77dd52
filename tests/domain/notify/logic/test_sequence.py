"""SEMANTICS 5: each person orders contact methods per urgency."""

from datetime import timedelta

from tocsin.domain.notify.logic.sequence import Method, Rule, Step, steps

PUSH, CALL = Method("console", "kai"), Method("email", "kai@example.org")


def rule(position: int, minutes: int, method: Method, urgency: str = "high") -> Rule:
    return Rule(urgency, position, timedelta(minutes=minutes), method)


def test_rules_of_the_urgency_give_order_and_delay() -> None:
    rules = [rule(2, 5, CALL), rule(1, 0, PUSH), rule(1, 0, CALL, "normal")]
    assert steps([CALL, PUSH], rules, "high") == (
        Step(1, timedelta(), PUSH),
        Step(2, timedelta(minutes=5), CALL),
    )


def test_without_rules_for_the_urgency_every_method_is_used_at_once() -> None:
    assert steps([PUSH, CALL], [rule(1, 0, PUSH)], "normal") == (Step(1, timedelta(), PUSH), Step(2, timedelta(), CALL))


def test_a_rule_of_an_unverified_method_counts_for_nothing() -> None:
    assert steps([CALL], [rule(1, 0, PUSH)], "high") == (Step(1, timedelta(), CALL),)


def test_the_first_step_is_due_at_once() -> None:
    assert steps([CALL], [rule(1, 10, CALL)], "high") == (Step(1, timedelta(), CALL),)


def test_a_method_named_twice_is_used_once_at_its_earliest() -> None:
    rules = [rule(1, 0, PUSH), rule(2, 2, CALL), rule(3, 9, PUSH)]
    assert [(s.method, s.delay) for s in steps([PUSH, CALL], rules, "high")] == [
        (PUSH, timedelta()),
        (CALL, timedelta(minutes=2)),
    ]


def test_nobody_without_methods_gets_steps() -> None:
    assert steps([], [], "high") == ()
