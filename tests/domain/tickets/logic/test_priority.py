"""Priority from impact x urgency."""

from itertools import product

import pytest

from tocsin.domain.tickets.logic.priority import DEFAULT, matrix, priority_of


@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [(1, 1, 1), (1, 2, 2), (1, 3, 3), (2, 1, 2), (2, 2, 3), (2, 3, 4), (3, 1, 3), (3, 2, 4), (3, 3, 4)],
)
def test_the_default_table(impact: int, urgency: int, priority: int) -> None:
    assert priority_of(impact, urgency) == priority


def test_less_impact_or_urgency_is_never_graver() -> None:
    for impact, urgency in product((1, 2), (1, 2)):
        here = priority_of(impact, urgency)
        assert here <= priority_of(impact + 1, urgency)
        assert here <= priority_of(impact, urgency + 1)


def test_an_own_cell_overrides_one_cell_only() -> None:
    own = {(2, 2): 1}
    assert priority_of(2, 2, own) == 1
    assert matrix(own) == {**DEFAULT, (2, 2): 1}
