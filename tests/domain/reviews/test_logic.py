"""What reviews decide, without a database: the lifecycle, what starts them, trees of causes, redaction, reminders."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.reviews.logic import lifecycle, overdue
from tocsin.domain.reviews.logic.causes import Node, fishbone, in_order, is_below
from tocsin.domain.reviews.logic.document import printable
from tocsin.domain.reviews.logic.durations import Instants, spans, spoken
from tocsin.domain.reviews.logic.moments import TELLERS, tell
from tocsin.domain.reviews.logic.overdue import Ladder, Step
from tocsin.domain.reviews.logic.redaction import PARTS, redacted, scrub, scrubber
from tocsin.domain.reviews.logic.starting import Rule, first_match, sampled
from tocsin.domain.reviews.logic.together import marks, settled
from tocsin.domain.reviews.logic.wording import hints
from tocsin.domain.reviews.wordlists import blameless

DUE = date(2026, 3, 10)
ZONE = "Europe/Berlin"


def pk(number: int) -> UUID:
    return UUID(int=number)


def node(number: int, parent: int = 0, order: int = 0, **more: object) -> Node:
    return Node(id=pk(number), parent=pk(parent) if parent else None, order=order, text=f"n{number}", **more)  # type: ignore[arg-type]  # the test names fields by words


def test_a_signed_review_only_moves_by_a_new_version() -> None:
    assert lifecycle.after("signed_off", "revise") == "actions_open"
    for act in ("meet", "finish", "sign"):
        with pytest.raises(lifecycle.Refused):
            lifecycle.after("signed_off", act)


def test_a_sign_off_wants_summary_cause_and_facilitator() -> None:
    assert len(lifecycle.missing(summary=" ", contributing=0, facilitator=False)) == 3
    assert lifecycle.missing(summary="x", contributing=2, facilitator=True) == []


@pytest.mark.parametrize(
    ("kind", "severity", "rating", "expected"),
    [
        ("technical", 1, None, "sev1"), ("technical", 2, None, None), ("customer", 2, None, "customers"),
        ("customer", 3, None, None), ("technical", 4, 1, "unhappy"), ("technical", 4, 2, None), ("technical", 1, 5, None),
    ],
)  # fmt: skip
def test_rules_start_reviews_by_type_severity_and_rating(
    kind: str, severity: int, rating: int | None, expected: str | None
) -> None:
    rules = [
        Rule(name="sev1", least_severity=1), Rule(name="customers", types=["customer"], least_severity=2),
        Rule(name="unhappy", rating_at_most=1),
    ]  # fmt: skip
    found = first_match(rules, escalation=pk(7), kind=kind, severity=severity, rating=rating)
    assert (found.name if found else None) == expected


def test_a_sample_is_a_share_and_asking_again_answers_the_same() -> None:
    ids = [UUID(int=number * 2654435761 % 2**64) for number in range(20_000)]
    chosen = [one for one in ids if sampled(one, 20)]
    assert 0.17 < len(chosen) / len(ids) < 0.23
    assert chosen == [one for one in ids if sampled(one, 20)]
    assert not any(sampled(one, 0) for one in ids)
    assert all(sampled(one, 100) for one in ids)


def test_reminders_are_at_eight_where_the_owner_is_also_after_the_clocks_change() -> None:
    late = date(2026, 3, 31)  # clocks change on the 29th
    assert overdue.at_step(Step.REMIND, late, Ladder(remind=3), ZONE) == datetime(2026, 3, 28, 7, tzinfo=UTC)
    assert overdue.at_step(Step.OVERDUE, late, Ladder(), ZONE) == datetime(2026, 4, 1, 6, tzinfo=UTC)


def test_an_action_that_begins_late_is_not_reminded_of_but_becomes_overdue() -> None:
    stage, following = overdue.beginning(DUE, Ladder(remind=3), ZONE, datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert (stage, following) == (1, datetime(2026, 3, 11, 7, tzinfo=UTC))


def test_after_an_outage_only_the_highest_step_is_taken() -> None:
    long_after = datetime(2026, 5, 1, tzinfo=UTC)
    assert overdue.due_step(0, DUE, Ladder(), ZONE, long_after) is Step.MANAGER
    assert overdue.due_step(4, DUE, Ladder(), ZONE, long_after) is None
    assert overdue.following(4, DUE, Ladder(), ZONE) is None


@given(st.integers(0, 4), st.integers(-20, 40))
def test_a_step_is_never_taken_before_its_time_nor_twice(stage: int, days: int) -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC) + timedelta(days=days)
    step = overdue.due_step(stage, DUE, Ladder(), ZONE, now)
    if step is not None:
        assert step > stage
        assert overdue.at_step(step, DUE, Ladder(), ZONE) <= now


def test_a_tree_reads_from_top_to_bottom_with_its_numbers() -> None:
    placed = in_order([node(3, 1, 1), node(1), node(2, 1, 0), node(4, 2), node(5, 0, 1)])
    assert [(one.node.text, one.number, one.depth) for one in placed] == [
        ("n1", "1", 0), ("n2", "1.1", 1), ("n4", "1.1.1", 2), ("n3", "1.2", 1), ("n5", "2", 0),
    ]  # fmt: skip
    assert is_below([node(1), node(2, 1), node(4, 2)], pk(4), pk(1))
    assert not is_below([node(1), node(2, 1)], pk(1), pk(2))


def test_a_fishbone_names_every_category_and_contributing_causes_first() -> None:
    nodes = [node(1, bone="tools"), node(2, order=1, bone="tools", contributing=True), node(3, order=2)]
    assert [(bone, [one.text for one in found]) for bone, found in fishbone(nodes, ["people", "tools"])] == [
        ("people", []), ("tools", ["n2", "n1"]),
    ]  # fmt: skip


def test_what_did_not_happen_has_no_duration() -> None:
    opened = datetime(2026, 3, 4, 9, tzinfo=UTC)
    at = Instants(opened=opened, escalated=opened + timedelta(minutes=10), resolved=opened + timedelta(hours=3))
    found = {one.key: (one.elapsed, one.business) for one in spans(at, lambda a, b: (b - a).total_seconds() / 2)}
    assert found["detect"] == (600, 300)
    assert found["resolve"] == (10_800, 5_400)
    assert found["acknowledge"] == (None, None)
    assert [spoken(one) for one in (None, 40, 90, 3_660, 90_000)] == ["", "40 s", "1 min", "1 h 1 min", "1 d 1 h"]


def test_every_teller_speaks_of_an_entry_without_any_data() -> None:
    for kind in TELLERS:
        told = tell(kind, {}, "Kai", {})
        assert told is not None
        assert told.text
    assert tell("clock.started", {}, "Kai", {}) is None


@pytest.mark.parametrize("kind", ["note", "anything"])
def test_what_is_said_inside_stays_inside(kind: str) -> None:
    told = tell("message.added", {"message_kind": kind}, "Kai", {}, "secret")
    assert told is not None
    assert told.internal


def test_blameless_hints_explain_in_both_languages() -> None:
    english = hints([("Causes", "Kai should have looked"), ("Notes", "a plain fact")], blameless("en"))
    assert [(one.where, "should have" in one.quote) for one in english] == [("Causes", True)]
    german = hints([("Causes", "Kai hätte das sehen müssen")], blameless("de"))
    assert len(german) == 1
    assert german[0].why
    assert hints([("Causes", "Shoulder have-nots")], blameless("en")) == []


def document(words: str = "") -> dict[str, object]:
    return {
        "reference": "R-1", "title": f"T {words}", "version": 1, "customers": ["Acme"], "state": "Draft",
        "tickets": [{"reference": "T-1", "subject": words, "severity": "Sev1", "policy": "inner", "outcome": words}],
        "summary": words, "went_well": words, "agenda": words, "notes": words, "facilitator": words, "participants": [words],
        "timeline": [
            {"at": "2026-03-04T09:00:00+00:00", "text": words, "internal": False},
            {"at": "2026-03-04T09:00:00+00:00", "text": "INTERNAL", "internal": True},
        ],
        "durations": [], "paged": [{"person": words}], "feedback": [{"parties": [words]}],
        "promises": [{"what": words, "by": words, "due": "x", "state": "Kept", "to_customer": True}],
        "causes": [{"number": "1", "depth": 0, "text": words, "bone": "", "contributing": True, "evidence": [{"url": "INTERNAL"}]}],
        "actions": [{"title": words, "kind": "Prevent", "owner": words, "due": "x", "state": "Open", "tracker": "INTERNAL",
                     "evidence": "INTERNAL"}],
    }  # fmt: skip


@given(
    before=st.text(max_size=40),
    after=st.text(max_size=40),
    name=st.sampled_from(["Kai Moser", "Ann-Lee O'Brien", "Østergård"]),
)
def test_no_name_of_staff_leaves_by_any_part(before: str, after: str, name: str) -> None:
    told = str(redacted(document(f"{before} {name} {after}"), parts=list(PARTS),
                        staff=[name]))  # fmt: skip
    assert f" {name} " not in told
    assert "INTERNAL" not in told


def test_parts_that_were_not_chosen_are_not_there() -> None:
    found = redacted(document("x"), parts=["summary"], staff=[])
    assert set(found) == {"reference", "title", "version", "customers", "redacted", "tickets", "summary"}


def test_words_that_hold_a_name_stay_whole_and_addresses_go() -> None:
    pattern = scrubber(["Ann Will"])
    assert scrub("Annual plan of Ann Will, and ann.", pattern) == "Annual plan of [staff], and [staff]."
    assert scrub("see https://wiki.example/a?b=1 or kai@desk.example", None) == "see [link] or [address]"


def test_a_document_is_printed_in_the_readers_zone() -> None:
    shown = printable({"timeline": [{"at": "2026-07-04T09:00:00+00:00", "text": "x"}], "meeting_at": ""}, ZONE)
    assert shown["timeline"][0]["at"] == "2026-07-04 11:00 CEST"


@pytest.mark.parametrize(
    ("mine", "theirs", "seen", "write", "clash"),
    [
        ("a", "a", "a", set(), set()),  # nobody changed it
        ("b", "a", "a", {"x"}, set()),  # only I did
        ("a", "b", "a", set(), set()),  # only they did: theirs stays
        ("c", "b", "a", set(), {"x"}),  # both, differently
        ("b", "b", "a", set(), set()),  # both, alike
        ("a\r\nb ", "a\nb", "a\nb", set(), set()),  # what browsers change by themselves
    ],
)
def test_two_writers_keep_what_each_changed(
    mine: str, theirs: str, seen: str, write: set[str], clash: set[str]
) -> None:  # fmt: skip
    found = settled(mine={"x": mine}, theirs={"x": theirs}, seen=marks({"x": seen}))
    assert (found.write, found.clash) == (write, clash)


def test_what_nobody_says_to_have_seen_is_not_overwritten() -> None:
    assert settled(mine={"x": "b"}, theirs={"x": "a"}, seen={}).clash == {"x"}
