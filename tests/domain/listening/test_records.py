"""Listening records: written, played back, answered, revised; and call notes in one act (SEMANTICS 7)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.journal.models import Entry
from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.actions import Call, Said
from tocsin.domain.listening.links import LIFETIME, heard_token, read_heard_token
from tocsin.domain.listening.models import ListeningRecord, Mood, RecordVersion
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound


def written(desk: Any, *concerns: Said, **more: Any) -> ListeningRecord:
    given = {"impact": "40 people", "wanted": "A printer that works", "by": desk.agent, "now": desk.now, **more}
    said = concerns or (Said("It burns every morning"),)
    return actions.write_record(ticket_id=desk.ticket.pk, concerns=said, **given)


def facts(desk: Any) -> list[str]:
    rows = Entry.objects.filter(stream=f"ticket:{desk.ticket.pk}", kind__startswith="listening.").order_by("position")
    return list(rows.values_list("kind", flat=True))


def test_a_concern_is_quoted_only_from_a_message_of_the_customers_on_this_ticket(desk: Any) -> None:
    message = tickets.add_message(
        ticket_id=desk.ticket.pk,
        kind="customer",
        body="We cannot print. Payroll is tonight.",
        by=desk.requester,
        now=desk.now,
    )
    found = written(desk, Said("Payroll is tonight.", message.pk))
    assert found.concerns.get().message_id == message.pk
    with pytest.raises(InvalidInput, match="does not stand in that message"):
        written(desk, Said("Something else", message.pk))
    other = tickets.add_message(
        ticket_id=desk.queued.pk, kind="customer", body="Payroll is tonight.", by=desk.requester, now=desk.now
    )
    with pytest.raises(InvalidInput, match="does not stand in that message"):
        written(desk, Said("Payroll is tonight.", other.pk))


def test_a_new_wording_is_a_version_and_asks_anew(desk: Any) -> None:
    first = written(desk)
    actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    actions.answer(record_id=first.pk, version=1, right=True, words="", by=desk.requester, via="link", now=desk.now)
    assert written(desk).state == "confirmed"  # the same wording changes nothing
    again = written(desk, Said("It burns every morning"), Said("Nobody calls back"))
    assert (again.version, again.state) == (2, "noted")
    assert [len(one.concerns) for one in queries.versions_of(again)] == [2, 1]
    assert facts(desk) == [
        "listening.written", "listening.played_back", "listening.confirmed", "listening.revised",
    ]  # fmt: skip


def test_a_concern_that_keeps_its_words_keeps_what_answered_it(desk: Any) -> None:
    found = written(desk)
    reply = tickets.add_message(ticket_id=desk.ticket.pk, kind="reply", body="Replaced.", by=desk.agent, now=desk.now)
    concern = found.concerns.get()
    actions.mark_answered(
        ticket_id=desk.ticket.pk, concern_id=concern.pk, message_id=reply.pk, by=desk.agent, now=desk.now
    )
    written(desk, Said("Nobody calls back"), Said("it burns every MORNING"))
    kept = found.concerns.order_by("position")
    assert [one.answered_by_message_id for one in kept] == [None, reply.pk]
    with pytest.raises(InvalidInput):  # the customer's own words answer nothing
        actions.mark_answered(
            ticket_id=desk.ticket.pk, concern_id=kept[0].pk, message_id=Message.objects.get(body="Please hurry.").pk,
            by=desk.agent, now=desk.now,
        )  # fmt: skip


def test_somebody_elses_newer_version_is_not_overwritten(desk: Any) -> None:
    written(desk)
    with pytest.raises(Conflict, match="meanwhile"):
        written(desk, Said("Another"), expected_version=0)


def test_no_concern_and_too_many_are_refused(desk: Any) -> None:
    with pytest.raises(InvalidInput, match="at least one concern"):
        written(desk, Said("   "))
    with pytest.raises(InvalidInput, match="At most 12"):
        written(desk, *(Said(f"concern {n}") for n in range(13)))


def test_only_the_requester_answers_and_not_quite_needs_words(desk: Any) -> None:
    found = written(desk)
    actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    asked = {"record_id": found.pk, "version": 1, "via": "link", "now": desk.now}
    with pytest.raises(NotAllowed):
        actions.answer(right=True, words="", by=desk.agent, **asked)
    with pytest.raises(InvalidInput, match="missing or wrong"):
        actions.answer(right=False, words=" ", by=desk.requester, **asked)
    actions.answer(right=False, words="It is every evening", by=desk.requester, **asked)
    actions.answer(right=False, words="It is every evening", by=desk.requester, **asked)  # twice is once
    assert Message.objects.filter(ticket=desk.ticket, body="It is every evening", kind="customer").count() == 1
    with pytest.raises(Conflict, match="newer wording"):
        actions.answer(right=True, words="", by=desk.requester, **{**asked, "version": 2})


def test_on_a_ticket_closed_for_good_the_answer_stays_in_the_record(desk: Any) -> None:
    found = written(desk)
    actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    tickets.close(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    late = desk.now + timedelta(days=200)
    actions.answer(
        record_id=found.pk, version=1, right=False, words="Still burns", by=desk.requester, via="link", now=late
    )
    assert ListeningRecord.objects.get().answer == "Still burns"
    assert not Message.objects.filter(body="Still burns").exists()


def test_a_reply_that_reads_as_a_yes_is_offered_and_noted_by_a_person(desk: Any) -> None:
    found = written(desk)
    actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    later = desk.now + timedelta(minutes=5)
    reply = tickets.add_message(
        ticket_id=desk.ticket.pk, kind="customer", body="Yes, that is it.", by=desk.requester, now=later
    )
    found.refresh_from_db()
    assert queries.words_since_playback(found) == (reply, "yes")
    assert found.state == "waiting"  # nobody is confirmed by a guess
    actions.answer_for_customer(
        ticket_id=desk.ticket.pk, right=True, words="", message_id=reply.pk, by=desk.agent, now=later
    )
    found.refresh_from_db()
    assert (found.state, found.answered_via, found.answer) == ("confirmed", "reply", "Yes, that is it.")


def test_nothing_is_played_back_that_is_confirmed_or_absent(desk: Any) -> None:
    with pytest.raises(NotFound):
        actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    written(desk)
    actions.answer_for_customer(ticket_id=desk.ticket.pk, right=True, words="", by=desk.agent, now=desk.now)
    with pytest.raises(Conflict, match="new version"):
        actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)


def test_a_token_speaks_for_one_person_and_wording_and_runs_out(desk: Any) -> None:
    found = written(desk)
    token = heard_token(found.pk, 1, desk.requester.pk, now=desk.now)
    claim = read_heard_token(token, now=desk.now)
    assert (claim.record, claim.version, claim.user) == (found.pk, 1, desk.requester.pk)
    for broken in (token[:-2], "x" + token, token.swapcase(), ""):
        with pytest.raises(NotFound, match="not whole"):
            read_heard_token(broken, now=desk.now)
    with pytest.raises(NotFound, match="expired"):
        read_heard_token(token, now=desk.now + LIFETIME)


def call(**more: Any) -> Call:
    given: dict[str, Any] = {
        "told": "It burns", "concerns": ["It burns every morning", ""], "impact": "", "wanted": "", "restated": "So it burns",
        "agreed": True, "missing": "", "next_step": "Kai replaces it", "next_by": None, "feeling": 2,
    }  # fmt: skip
    return Call(**{**given, **more})


def test_a_call_becomes_a_note_and_a_record_in_one_act(desk: Any) -> None:
    until = desk.now + timedelta(hours=3)
    done = actions.note_call(ticket_id=desk.ticket.pk, call=call(next_by=until), by=desk.agent, now=desk.now)
    assert done.note.kind == "note"
    for words in ("**They told us**", "- It burns every morning", "They said: that is it.", "Kai replaces it"):
        assert words in done.note.body
    assert (done.record.state, done.record.answered_via) == ("confirmed", "call")
    assert Mood.objects.get().feeling == 2
    again = actions.note_call(
        ticket_id=desk.ticket.pk, call=call(concerns=["And it smells"], agreed=None), by=desk.agent, now=desk.now
    )
    assert [one.words for one in again.record.concerns.order_by("position")] == [
        "It burns every morning",
        "And it smells",
    ]
    assert again.record.state == "noted"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"told": " "}, "told"), ({"agreed": False}, "missing"), ({"next_by": timedelta(hours=-1)}, "next_by"),
        ({"next_by": timedelta(hours=1), "next_step": ""}, "next_step"), ({"concerns": []}, "concerns"), ({"feeling": 9}, "feeling"),
    ],
)  # fmt: skip
def test_a_call_that_lacks_something_says_what_and_leaves_nothing(desk: Any, more: dict[str, Any], field: str) -> None:
    if "next_by" in more:
        more = {**more, "next_by": desk.now + more["next_by"]}
    before = Message.objects.count()
    with pytest.raises(InvalidInput) as refused:
        actions.note_call(ticket_id=desk.ticket.pk, call=call(**more), by=desk.agent, now=desk.now)
    assert field in refused.value.fields
    assert (Message.objects.count(), RecordVersion.objects.count()) == (before, 0)


def test_customers_keep_no_records(desk: Any) -> None:
    with pytest.raises(NotAllowed):
        written(desk, by=desk.requester)
    with pytest.raises(NotAllowed):
        actions.note_mood(ticket_id=desk.ticket.pk, feeling=1, by=desk.requester, now=desk.now)
