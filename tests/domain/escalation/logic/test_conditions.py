"""SEMANTICS 3: conditions are CEL over a documented, typed view of the ticket."""

import pytest

from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.conditions import ConditionError
from tocsin.domain.escalation.logic.view import TicketView

PAYROLL = TicketView(
    number=7,
    subject='Payroll says "ticket.foo" again',
    priority=1,
    service="Payroll",
    organisation="Norddruck GmbH",
    owner="ana@example.org",
    has_owner=True,
    handovers=3,
    messages=4,
)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("", True),
        ("   \n ", True),
        ("ticket.priority <= 2", True),
        ('ticket.service == "Payroll" && ticket.has_owner', True),
        ("!ticket.has_owner", False),
        ("ticket.handovers >= 3 || ticket.reopens > 0", True),
        ('ticket.service in ["Payroll", "Wages"]', True),
        ('ticket.subject.contains("ticket.foo")', True),
        ("ticket.subject.contains('says \"')", True),
        ('ticket.subject.matches("(?i)^payroll\\\\b")', True),
        ("""ticket.subject.matches(r'^\\d+$')""", False),
        ('size(ticket.subject) > 5 && ticket.owner.endsWith("@example.org")', True),
        ("ticket.messages > 0 && ticket.handovers * 100 / ticket.messages >= 75", True),
        ("[1, 2].exists(grave, grave == ticket.priority)", True),
        ("ticket.priority == 1 // the gravest\n&& ticket.is_open", True),
        ("ticket . priority == 1", True),
        ("ticket.is_open ? ticket.priority == 1 : false", True),
    ],
)
def test_conditions_hold_or_not(expression: str, holds: bool) -> None:
    conditions.check(expression)
    assert conditions.evaluate(expression, PAYROLL) is holds


@pytest.mark.parametrize(
    ("expression", "line", "column", "message", "remedy"),
    [
        ("ticket.priorty <= 2", 1, 1, "no field priorty", "ticket.priority"),
        ("true &&\n  ticket.servce == 'x'", 2, 3, "no field servce", "ticket.service"),
        ('"äöü😀" == ticket.xyzzy', 1, 11, "no field xyzzy", "ticket.age_minutes, ticket.category"),
        ("Ticket.priority == 1", 1, 1, "Unknown name Ticket.priority", "Write ticket.priority"),
        ("priority <= 2", 1, 1, "Unknown name priority", "Write ticket.priority"),
        ("ticket == 1", 1, 1, "not a value", "ticket.priority"),
        ('ticket["priority"] == 1', 1, 1, "not a value", "ticket.priority"),
        ("ticket.service.name == 'x'", 1, 15, "no fields of its own", "ticket.service"),
        ('ticket.priority == "high"', 1, 17, "a whole number and a text", "like with like"),
        ("ticket.priority < 1.5", 1, 17, "a whole number and a decimal number", "like with like"),
        ("ticket.is_open == 1", 1, 16, "true/false and a whole number", "like with like"),
        ("ticket.priority in ['a']", 1, 17, "in cannot take a whole number and a list", "like with like"),
        ("!ticket.priority", 1, 1, "! cannot take a whole number", "like with like"),
        ("ticket.priority + 1", 1, 1, "this gives a whole number", "Compare"),
        ('"true"', 1, 1, "this gives a text", "Compare"),
        ("ticket.is_open and true", 1, 16, '"and" is not part of the language', '"&&"'),
        ("not ticket.is_open", 1, 1, '"not" is not part of the language', '"!"'),
        ("ticket.priority = 1", 1, 17, '"=" is not part of the language', '"=="'),
        ("ticket.priority <", 1, 18, "cannot be read here", "look like"),
        ('ticket.service == "Pay', 1, 19, "cannot be read here", "look like"),
        ("ticket.service == Payroll", 1, 19, "Unknown name Payroll", "Texts stand in quotes"),
        ('ticket.service.startswith("P")', 1, 26, "Unknown name startswith", "Did you mean startsWith"),
        ("has(ticket.service)", 1, 1, "not needed", 'ticket.service != ""'),
        ("dyn(1) == 'a'", 1, 1, "conditions are typed", ""),
        ("ticket.handovers / ticket.messages > 1", 1, 1, "fails on an ordinary new ticket", "Guard it"),
        ('ticket.subject.matches("(")', 1, 24, "missing )", "RE2"),
        ("ticket.subject.matches('(?=x)')", 1, 24, "invalid perl operator", "RE2"),
        ("ticket.subject.matches(ticket.team)", 1, 16, "literal text", "ticket.subject.matches"),
        ("matches(ticket.subject, 'x')", 1, 1, "literal text", "ticket.subject.matches"),
    ],
)
def test_wrong_conditions_are_refused_when_saved_with_place_and_remedy(
    expression: str, line: int, column: int, message: str, remedy: str
) -> None:
    with pytest.raises(ConditionError) as refused:
        conditions.check(expression)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert message in refused.value.message
    assert remedy in refused.value.remedy


def test_a_field_named_inside_a_text_is_just_text() -> None:
    conditions.check('ticket.subject == "ticket.foo && dyn(1)" || ticket.subject == r"""has("matches(" and)"""')


@pytest.mark.parametrize(
    "expression",
    [
        "ticket.is_open || " * 120 + "true",  # long
        "(" * 25 + "true" + ")" * 25,
        "[" * 300 + "]" * 300 + " == []",
        "true ? true : " * 100 + "true",  # the library's own bound
        "[1, 2].exists(a, [1, 2].exists(b, a == b))",
        "[1].map(a, [1].filter(b, b == a)).size() > 0",
        'ticket.subject.matches("((a{1000}){1000}){1000}")',
        "true \ud800",
        "\x00",
    ],
)
def test_costly_or_broken_expressions_are_refused(expression: str) -> None:
    with pytest.raises(ConditionError):
        conditions.check(expression)


def test_chained_comprehensions_are_allowed_because_their_costs_only_add() -> None:
    conditions.check("[1, 2, 3].map(n, n * 2).exists(n, n == ticket.priority)")


def test_an_evaluation_error_is_raised_for_the_caller_to_journal() -> None:
    assert conditions.evaluate("ticket.handovers / ticket.messages == 0", PAYROLL) is True
    with pytest.raises(ConditionError, match="divide by zero"):
        conditions.evaluate("ticket.handovers / ticket.messages == 0", PAYROLL._replace(messages=0))


def test_the_language_absorbs_an_error_that_does_not_matter() -> None:
    view = PAYROLL._replace(messages=0)
    assert conditions.evaluate("ticket.is_open || ticket.handovers / ticket.messages == 0", view) is True


def test_every_field_of_the_view_can_be_named_and_has_a_meaning() -> None:
    fields = list(TicketView._fields)
    assert [variable.name for variable in conditions.variables()] == [f"ticket.{name}" for name in fields]
    assert set(conditions.MEANINGS) == set(fields)
    for variable in conditions.variables():
        literal = {"number": "1", "text": '"x"', "true/false": "true"}[variable.kind]
        conditions.check(f"{variable.name} == {literal}")
