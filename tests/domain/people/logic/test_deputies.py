"""SEMANTICS 4: deputies are resolved transitively, cycle-safe, bounded in depth, with evidence."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.people.logic.deputies import DEEPEST, Answer, Person, Stand, answering


def people(names: str, inactive: str = "") -> dict[str, Person[str]]:
    return {name: Person(name, name.upper(), name not in inactive) for name in names}


def chain(*pairs: str) -> dict[str, list[Stand[str]]]:
    """`ab` says that b answers for a; the first pair of somebody is the preferred."""
    found: dict[str, list[Stand[str]]] = {}
    for user, deputy in pairs:
        found.setdefault(user, []).append(Stand(deputy, None))
    return found


def test_without_a_deputy_people_answer_themselves() -> None:
    assert answering("a", people("a"), {}) == Answer("a", ())


def test_deputies_are_followed_transitively_with_evidence() -> None:
    found = answering("a", people("abc"), chain("ab", "bc"))
    assert found == Answer("c", ("B answers for A", "C answers for B"))


def test_the_evidence_says_until_when_and_why() -> None:
    stand = Stand("b", datetime(2026, 3, 9, 8, 0, tzinfo=UTC), "holiday")
    found = answering("a", people("ab"), {"a": [stand]})
    assert found.evidence == ("B answers for A until 2026-03-09 08:00 UTC (holiday)",)


def test_a_circle_ends_with_somebody_who_answers() -> None:
    found = answering("a", people("ab"), chain("ab", "ba"))
    assert found.person == "b"
    assert found.evidence == ("B answers for A", "the deputies go round in a circle at A")


def test_a_deactivated_person_is_answered_for_and_never_answers() -> None:
    assert answering("a", people("ab", inactive="a"), chain("ab")).person == "b"
    assert answering("a", people("a", inactive="a"), {}) == Answer(None, ("A is deactivated",))


def test_a_deputy_who_cannot_answer_is_passed_over_for_the_next_or_the_person() -> None:
    assert answering("a", people("abc", inactive="b"), chain("ab", "ac")).person == "c"
    found = answering("a", people("ab", inactive="b"), chain("ab"))
    assert found == Answer("a", ("B, deputy of A, cannot answer", "B is deactivated"))


def test_the_depth_is_bounded() -> None:
    names = "abcdefgh"
    found = answering("a", people(names), chain(*[a + b for a, b in pairwise(names)]))
    assert found.person == names[DEEPEST]
    assert found.evidence[-1] == "not followed beyond 5 deputies, at F"


def test_an_unknown_person_is_nobody() -> None:
    assert answering("z", people("a"), {}).person is None


NAMES = "abcdefg"
graphs = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3, unique=True))


@given(graphs, st.sets(st.sampled_from(NAMES)))
def test_it_always_ends_and_never_names_somebody_inactive(graph: dict[str, list[str]], inactive: set[str]) -> None:
    known = people(NAMES, "".join(inactive))
    deputies = {user: [Stand(deputy, None) for deputy in found if deputy != user] for user, found in graph.items()}
    for name in NAMES:
        found = answering(name, known, deputies)
        assert found.person is None or known[found.person].is_active
        if known[name].is_active:
            assert found.person is not None  # nobody is silently not told
