"""The pure decisions of swarms and commands."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tocsin.domain.swarms.logic import answering, inviting, meeting
from tocsin.domain.swarms.logic.answering import Act
from tocsin.domain.swarms.logic.credit import Credit, Deed, credit
from tocsin.domain.swarms.logic.inviting import Wanted, once_each
from tocsin.domain.swarms.logic.overdue import PATIENCE, Notice, notice

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KAI, ANA, BO = (UUID(int=n) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("state", "act", "after"),
    [
        ("invited", Act.ACCEPT, "accepted"), ("invited", Act.DECLINE, "declined"), ("invited", Act.EXPIRE, "expired"),
        ("invited", Act.WITHDRAW, "withdrawn"), ("accepted", Act.LEAVE, "left"), ("declined", Act.ACCEPT, "accepted"),
        ("expired", Act.ACCEPT, "accepted"), ("left", Act.ACCEPT, "accepted"), ("expired", Act.ASK_AGAIN, "invited"),
    ],
)  # fmt: skip
def test_an_invitation_moves(state: str, act: Act, after: str) -> None:
    assert answering.after(state, act) == after


@pytest.mark.parametrize(
    ("state", "act"),
    [("withdrawn", Act.ACCEPT), ("accepted", Act.EXPIRE), ("declined", Act.EXPIRE), ("accepted", Act.DECLINE)],
)
def test_what_is_not_in_the_table_is_refused(state: str, act: Act) -> None:
    with pytest.raises(answering.Refused, match=state):
        answering.after(state, act)


def test_answering_twice_in_the_same_way_is_a_repetition() -> None:
    assert answering.is_repeated("accepted", Act.ACCEPT)
    assert not answering.is_repeated("declined", Act.ACCEPT)


def test_nobody_comes_when_nobody_helps_and_nobody_may_still_answer() -> None:
    assert answering.nobody_comes(["declined", "expired", "left"])
    assert not answering.nobody_comes(["declined", "invited"])
    assert answering.count(["accepted", "left", "invited", "declined", "expired"]) == answering.Count(2, 1, 1, 1)


def wanted(person: UUID, through: str = "team", *, reachable: bool = True) -> Wanted:
    return Wanted(person, str(person.int), through, "why", reachable=reachable)


def test_everybody_is_asked_once_and_the_first_word_counts() -> None:
    found = once_each([wanted(KAI, "person"), wanted(ANA), wanted(KAI, "skill")], besides=())
    assert [(one.person, one.through) for one in found] == [(KAI, "person"), (ANA, "team")]


def test_the_owner_and_those_who_are_in_it_are_not_asked() -> None:
    assert once_each([wanted(KAI), wanted(ANA)], besides={KAI}) == [wanted(ANA)]


def test_who_cannot_be_reached_is_asked_only_by_name() -> None:
    asked = [wanted(KAI, reachable=False), wanted(ANA, "skill", reachable=False), wanted(BO, "person", reachable=False)]
    assert [one.person for one in once_each(asked, besides=())] == [BO]


def test_at_most_five_teams_and_a_question() -> None:
    good = {"question": "Why?", "teams": 5, "people": 0, "answer_within": timedelta(minutes=30)}
    assert inviting.problems(**good) == {}  # type: ignore[arg-type]  # one dict of keywords
    assert set(inviting.problems(**{**good, "teams": 6})) == {"teams"}  # type: ignore[arg-type]  # as above
    assert set(inviting.problems(**{**good, "question": " "})) == {"question"}  # type: ignore[arg-type]  # as above
    assert set(inviting.problems(**{**good, "answer_within": timedelta()})) == {"answer_within"}  # type: ignore[arg-type]  # as above


def test_what_an_expert_did_is_theirs_in_the_record() -> None:
    """SEMANTICS 6: from joining until leaving, neither before nor after; an answer is not a note as well."""
    deeds = [
        Deed("message.added", NOON - timedelta(seconds=1)), Deed("message.added", NOON), Deed("runbook.ticked", NOON),
        Deed("message.added", NOON + timedelta(minutes=5)), Deed("swarm.answered", NOON + timedelta(minutes=5)),
        Deed("decision.taken", NOON + timedelta(minutes=6)), Deed("command.decided", NOON + timedelta(minutes=7)),
        Deed("message.added", NOON + timedelta(minutes=21)),
    ]  # fmt: skip
    found = credit(deeds, joined=NOON, until=NOON + timedelta(minutes=20, seconds=59))
    assert found == Credit(notes=1, steps=1, decisions=2, answers=1, minutes=20)


def test_a_task_is_told_to_its_owner_first_and_then_to_the_owner_of_the_escalation() -> None:
    assert notice(sent=0, owner=KAI, escalation_owner=ANA, at=NOON) == Notice(KAI, NOON + PATIENCE)
    assert notice(sent=1, owner=KAI, escalation_owner=ANA, at=NOON) == Notice(ANA, None)
    assert notice(sent=0, owner=None, escalation_owner=ANA, at=NOON) == Notice(ANA, None)
    assert notice(sent=0, owner=ANA, escalation_owner=ANA, at=NOON) == Notice(ANA, None)
    assert notice(sent=0, owner=None, escalation_owner=None, at=NOON) == Notice(None, None)


@pytest.mark.parametrize(
    "good", ["https://meet.example/abc?x=1#y", "https://chat.example:8443/room", " https://a.example ", ""]
)
def test_an_https_address_of_whatever_vendor_is_taken(good: str) -> None:
    assert meeting.meeting_url(good) == good.strip()


@pytest.mark.parametrize(
    "bad",
    [
        "http://meet.example/abc", "javascript:alert(1)", "https://", "https:///room", "https://kai:pw@meet.example/",
        "https://meet.example/a b", "https://meet.example/\nx", 'https://meet.example/">', "https://[::1", "meet.example",
        "https://meet.example:port/", "https://meet.example/" + "x" * 500, "data:text/html,x",
    ],
)  # fmt: skip
def test_anything_else_is_refused(bad: str) -> None:
    with pytest.raises(meeting.Refused):
        meeting.meeting_url(bad)
