"""The pure parts of knowledge."""

import pytest

from tocsin.domain.knowledge.logic import editing
from tocsin.domain.knowledge.logic.difference import changed, difference
from tocsin.domain.knowledge.logic.ranking import Evidence, rank, solvers
from tocsin.domain.knowledge.logic.steps import TooMany, steps_of, tried


def test_steps_are_lines_without_their_marks() -> None:
    assert steps_of("1. Pull\n\n- Push\n 3) Wait 5. minutes\n") == ["Pull", "Push", "Wait 5. minutes"]


def test_too_many_steps_are_refused_with_the_remedy() -> None:
    with pytest.raises(TooMany, match="Split the runbook"):
        steps_of("\n".join("x" * 3 for _ in range(41)))


def test_what_was_skipped_was_not_tried() -> None:
    ticks = [("R", "a", "done", ""), ("R", "b", "skipped", ""), ("Q", "c", "no_help", "hot")]
    assert tried(ticks) == "R:\n- a: done\nQ:\n- c: did not help (hot)"


@pytest.mark.parametrize("act", editing.MOVES)
@pytest.mark.parametrize("state", ["draft", "in_review", "published", "retired"])
def test_an_act_is_possible_exactly_where_the_table_says(act: str, state: str) -> None:
    if act in editing.acts_in(state):
        assert editing.after(state, act) in ("draft", "in_review", "published", "retired")
    else:
        with pytest.raises(editing.Refused):
            editing.after(state, act)


def test_a_difference_names_added_and_removed_lines() -> None:
    lines = difference("a\nb", "a\nc")
    assert [(line.what, line.text) for line in lines] == [("same", "a"), ("removed", "b"), ("added", "c")]
    assert changed(lines) == 2


def test_the_own_service_and_use_lift_and_rejection_sinks() -> None:
    plain = rank(Evidence(4.0), 4.0)
    assert rank(Evidence(4.0, same_service=True), 4.0) > plain
    assert rank(Evidence(4.0, uses=50), 4.0) > plain
    assert rank(Evidence(4.0, accepted=0, rejected=9), 4.0) < plain < rank(Evidence(4.0, accepted=9), 4.0)


def test_use_alone_never_outweighs_what_the_words_say() -> None:
    assert rank(Evidence(2.0, uses=10_000, accepted=500), 4.0) < rank(Evidence(4.0), 4.0)


def test_one_of_many_is_chance_and_no_solver() -> None:
    assert [(one.key, one.solved) for one in solvers(["a", "b", "a", "", "c"])] == [("a", 2)]
