"""Who may decide alone, why not, and who is the lowest that may: one test for each rule (SEMANTICS 6)."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.decisions.logic.lessons import Said, lesson
from tocsin.domain.decisions.logic.rights import (
    Case,
    Entry,
    Right,
    Standing,
    best_of,
    judge,
    ladder,
    nearest,
    reaches,
    sized,
    why_not_here,
)

DAY = date(2026, 3, 2)
FIRST = Right(holder="line", key="L1", name="First line", limit=Decimal(200))
LEAD = Right(holder="role", key="lead", name="Team lead", limit=Decimal(1000))
TEAM = Right(holder="team", key="billing", name="Billing", limit=Decimal(500), line="L2")
SKILL = Right(holder="skill", key="Contracts", name="Contracts", limit=None)
REFUND = Entry(unit="amount", unit_name="EUR", rights=(LEAD, FIRST, TEAM), starts_on=DAY)
L1 = Standing(role="agent", lines=frozenset({"L1"}))


@pytest.mark.parametrize(
    ("amount", "allowed"),
    [(Decimal(1), True), (Decimal("199.99"), True), (Decimal(200), True), (Decimal("200.01"), False), (None, True)],
)
def test_the_limit_itself_is_within_ones_right_and_a_cent_more_is_not(amount: Decimal | None, allowed: bool) -> None:
    assert judge(REFUND, L1, amount).allowed is allowed


def test_what_one_may_is_said_with_the_limit_and_by_which_right() -> None:
    assert judge(REFUND, L1).why == "You may decide this yourself up to 200 EUR: First line."


def test_what_one_may_not_is_said_with_the_own_limit_and_who_is_the_lowest_that_may() -> None:
    verdict = judge(REFUND, L1, Decimal(300))
    assert (verdict.why, verdict.hint) == (
        "Your own limit is 200 EUR: First line.",
        "Billing may decide it, up to 500 EUR.",
    )


def test_without_a_right_the_lowest_who_may_is_named() -> None:
    verdict = judge(REFUND, Standing(role="agent", lines=frozenset({"L3"})), Decimal(700))
    assert (verdict.right, verdict.hint) == (None, "Team lead may decide it, up to 1\u202f000 EUR.")


def test_beyond_every_limit_that_is_said() -> None:
    assert judge(REFUND, L1, Decimal(5000)).hint == "Nobody's limit reaches that far."


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (L1, FIRST),
        (Standing(role="lead", lines=frozenset({"L1"})), LEAD),
        (Standing(role="agent", teams=frozenset({"billing"})), TEAM),
        (Standing(role="agent", skills=frozenset({"Contracts"})), None),
        (Standing(role="stakeholder"), None),
    ],
)
def test_the_widest_of_ones_rights_counts(standing: Standing, expected: Right | None) -> None:
    assert best_of(REFUND, standing) == expected


def test_a_right_without_a_limit_is_wider_than_any_limit() -> None:
    entry = Entry(unit="amount", unit_name="EUR", rights=(LEAD, SKILL), starts_on=DAY)
    both = Standing(role="lead", skills=frozenset({"Contracts"}))
    assert judge(entry, both, Decimal(10**9)).right == SKILL


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ({"on": date(2026, 3, 1)}, "It may be taken from 2026-03-02 on."),
        ({"on": date(2026, 4, 1)}, "It was taken out of the catalogue on 2026-03-31."),
        ({"service": uuid4()}, "It is not meant for the service of this ticket."),
        ({"customer": None}, "It is not meant for the customer of this ticket."),
        ({"holds": False}, "Its condition does not hold on this ticket."),
        ({}, ""),
        ({"on": date(2026, 3, 31)}, ""),
    ],
)
def test_a_decision_is_offered_where_and_when_the_catalogue_says(case: dict, why: str) -> None:  # type: ignore[type-arg]
    service, customer = uuid4(), uuid4()
    entry = Entry(
        unit="none", unit_name="", rights=(FIRST,), starts_on=DAY, ends_on=date(2026, 3, 31),
        services=frozenset({service}), customers=frozenset({customer}),
    )  # fmt: skip
    told = {"service": service, "customer": customer, "holds": True, "on": DAY, **case}
    assert why_not_here(entry, Case(**told)) == why


def test_the_ladder_goes_from_the_lowest_who_may_upwards() -> None:
    assert ladder(REFUND, Decimal(300)) == [(TEAM,), (LEAD,)]
    assert ladder(REFUND, Decimal(2000)) == []


def test_the_nearest_of_those_who_may_is_asked_and_failing_them_all() -> None:
    assert nearest(["kai", "maren"], ["ruth", "maren", "kai"]) == ["maren"]
    assert nearest(["kai", "maren"], ["ruth"]) == ["kai", "maren"]


@pytest.mark.parametrize(
    ("amount", "said"), [(Decimal("49.9"), "49.90 EUR"), (Decimal("1000.00"), "1\u202f000 EUR"), (None, "")]
)
def test_amounts_read_as_people_write_them(amount: Decimal | None, said: str) -> None:
    assert sized(amount, "amount", "EUR") == said


@given(st.lists(st.decimals(0, 10_000, places=2), min_size=1, max_size=6), st.decimals(0, 12_000, places=2))
def test_whoever_is_asked_may_and_whoever_may_is_asked(limits: list[Decimal], amount: Decimal) -> None:
    rights = tuple(Right(holder="role", key=f"r{n}", name=f"r{n}", limit=one) for n, one in enumerate(limits))
    entry = Entry(unit="amount", unit_name="EUR", rights=rights, starts_on=DAY)
    asked = {right for rung in ladder(entry, amount) for right in rung}
    assert asked == {right for right in rights if reaches(right, amount)}
    for right in rights:
        assert judge(entry, Standing(role=right.key), amount).allowed is (right in asked)


def test_what_comes_back_names_the_expert_the_outcome_and_their_words() -> None:
    note = lesson(
        outcome="New certificate.", experts=["Kai"], said=[Said("Kai", "The old one\nhad run out.")],
        tried=[Said("Kai", "Renew it: done")],
    )  # fmt: skip
    assert note.splitlines()[0] == "**What the expert did** (Kai)"
    assert "Outcome: New certificate." in note
    assert "- Kai: Renew it: done" in note
    assert "> had run out." in note


@pytest.mark.parametrize(("experts", "outcome"), [([], "Done."), (["Kai"], " ")])
def test_where_nobody_else_did_anything_nothing_comes_back(experts: list[str], outcome: str) -> None:
    assert lesson(outcome=outcome, experts=experts, said=[], tried=[]) == ""
