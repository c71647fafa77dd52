"""How a promise moves, when updates are owed, how templates are filled (SEMANTICS 7)."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.domain.stakeholders.enums import PromiseState
from tocsin.domain.stakeholders.logic import cadence, wording
from tocsin.domain.stakeholders.logic.promising import MOVES, Act, Figures, Refused, after, attention

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_every_state_stands_in_the_table() -> None:
    assert set(MOVES) == set(PromiseState.values)


@pytest.mark.parametrize(
    ("act", "state"), [(Act.KEEP, "kept"), (Act.RENEGOTIATE, "renegotiated"), (Act.CANCEL, "cancelled")]
)
def test_an_open_promise_moves_before_it_is_due(act: Act, state: str) -> None:
    assert after("open", act, due_at=NOON, now=NOON - MINUTE) == state


@pytest.mark.parametrize("act", [Act.KEEP, Act.RENEGOTIATE, Act.CANCEL])
def test_at_its_due_instant_it_can_only_be_missed(act: Act) -> None:
    with pytest.raises(Refused, match="stays broken"):
        after("open", act, due_at=NOON, now=NOON)
    assert after("open", Act.MISS, due_at=NOON, now=NOON) == "broken"


def test_it_is_not_missed_before_it_is_due() -> None:
    with pytest.raises(Refused):
        after("open", Act.MISS, due_at=NOON, now=NOON - MINUTE)


@pytest.mark.parametrize("state", ["kept", "broken", "renegotiated", "cancelled"])
@pytest.mark.parametrize("act", list(Act))
def test_what_has_ended_stays_ended(state: str, act: Act) -> None:
    with pytest.raises(Refused):
        after(state, act, due_at=NOON, now=NOON - MINUTE)


@pytest.mark.parametrize(("span", "notice"), [(5, 0), (40, 10), (240, 60), (6000, 60)])
def test_the_reminder_comes_a_quarter_of_the_span_ahead_and_at_most_an_hour(span: int, notice: int) -> None:
    look = attention(made_at=NOON, due_at=NOON + span * MINUTE)
    assert look.next_at == NOON + (span - notice) * MINUTE
    assert look.remind_at == (look.next_at if notice else None)


def test_one_broken_promise_is_never_hidden_by_rounding() -> None:
    assert Figures(kept=999, broken=1).share_kept == 99
    assert Figures(open=3, cancelled=2).share_kept is None


def test_the_next_update_is_owed_when_it_was_said_to_come_else_by_the_cadence() -> None:
    assert cadence.after_update(at=NOON, minutes=60, next_at=None) == NOON + 60 * MINUTE
    assert cadence.after_update(at=NOON, minutes=60, next_at=NOON + 180 * MINUTE) == NOON + 180 * MINUTE


def test_a_graver_ticket_brings_the_clock_forward_but_leaves_time_to_write() -> None:
    due = {"from_at": NOON, "promised": False}
    sooner = cadence.after_priority(due_at=NOON + 480 * MINUTE, minutes=60, now=NOON + 30 * MINUTE, **due)
    assert sooner == NOON + 60 * MINUTE
    late = cadence.after_priority(due_at=NOON + 480 * MINUTE, minutes=60, now=NOON + 200 * MINUTE, **due)
    assert late == NOON + 206 * MINUTE


def test_a_slower_cadence_takes_no_given_word_back() -> None:
    kept = cadence.after_priority(
        due_at=NOON + 30 * MINUTE, from_at=NOON, minutes=480, promised=True, now=NOON + MINUTE
    )  # fmt: skip
    assert kept == NOON + 30 * MINUTE


def test_a_missed_clock_stays_missed_whatever_the_priority() -> None:
    assert cadence.after_priority(due_at=None, from_at=NOON, minutes=5, promised=False, now=NOON) is None


def test_a_template_is_filled_in_one_pass_so_that_injected_variables_stay_text() -> None:
    values = {"update": "{{ internal }} {% include 'x' %} {{ update }}", "internal": "secret"}
    said = wording.fill("{{ update }}", values, house=True)
    assert said == "{{ internal }} {% include 'x' %} {{ update }}"


def test_readers_outside_never_get_inward_variables_whatever_the_template_says() -> None:
    template = "{{ update }}|{{ internal }}|{{ owner|us }}"
    values = {"update": "Soon.", "internal": "It is the disk.", "owner": "Kai"}
    assert wording.fill(template, values, house=False) == "Soon.||us"
    assert wording.fill(template, values, house=True) == "Soon.|It is the disk.|Kai"


def test_unknown_and_inward_variables_are_named() -> None:
    assert wording.unknown("{{ update }} {{ user.password }} {{ nonsense }}") == ["nonsense"]
    assert wording.inward("{{ update }} {{ internal }} {{ owner }}") == ["internal", "owner"]


def test_people_are_spoken_to_without_their_title() -> None:
    assert wording.given_name("Dr. Amelia Frost") == "Amelia"
    assert wording.given_name("Prof. Dr.") == "Prof. Dr."


def test_a_subject_carries_no_second_header() -> None:
    assert wording.one_line("Hello\r\nBcc: all@example.org\x00\t you") == "Hello Bcc: all@example.org you"


def test_a_filled_template_is_cut_at_its_cap() -> None:
    assert len(wording.fill("{{ update }}" * 50, {"update": "x" * 5000}, house=True)) == wording.LONGEST
