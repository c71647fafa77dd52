"""Signals as they are kept, corrected and heard by policies; rules of the house in versions."""

from typing import Any

import pytest

from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.spec_errors import PolicyErrors
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.models import Entry
from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.models import RuleBook, Signal, WordWeight
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

ANGRY = "This is the third time. Unacceptable, nobody answers!!"
POLICY = """\
slug: heard
name: Heard
type: customer
reason: other
direction: hierarchical
triggers:
  - {key: angry, kind: negative_message, when: "ticket.priority <= 2"}
levels:
  - name: Leads
    targets: [team_lead]
"""


def wrote(desk: Any, body: str, ticket: Any = None) -> Message:
    found = ticket or desk.ticket
    return tickets.add_message(ticket_id=found.pk, kind="customer", body=body, by=desk.requester, now=desk.now)


def test_every_message_of_a_customer_is_judged_and_nobody_elses(desk: Any) -> None:
    message = wrote(desk, ANGRY)
    tickets.add_message(ticket_id=desk.ticket.pk, kind="note", body=ANGRY, by=desk.agent, now=desk.now)
    tickets.add_message(ticket_id=desk.ticket.pk, kind="reply", body=ANGRY, by=desk.agent, now=desk.now)
    found = Signal.objects.filter(ticket=desk.ticket)
    assert found.count() == 3  # the ticket's own text, "Please hurry.", and this one
    assert found.get(message=message).degree == 3
    assert found.get(message=None).degree == 0


def test_a_question_asked_again_shows(desk: Any) -> None:
    wrote(desk, "When will the new printer for room 12 arrive?")
    again = wrote(desk, "Hello, when will the new printer for room 12 arrive?")
    assert "asked_before" in {one["kind"] for one in Signal.objects.get(message=again).evidence}


def test_a_policy_begins_only_where_its_condition_holds_too(desk: Any) -> None:
    publishing.apply(documents=[("heard.yaml", POLICY)], by="system", now=desk.now)
    wrote(desk, ANGRY)
    assert not Escalation.objects.filter(policy__slug="heard").exists()
    refused = Entry.objects.get(stream=f"ticket:{desk.ticket.pk}", kind="trigger.not_fired")
    assert "condition is false" in refused.data["refused"]
    tickets.set_impact_urgency(ticket_id=desk.queued.pk, impact=1, urgency=1, by=desk.agent, now=desk.now)
    wrote(desk, ANGRY, desk.queued)
    begun = Escalation.objects.get(policy__slug="heard")
    assert (begun.ticket, begun.reason) == (desk.queued, "expectation_missed")
    assert begun.reason_text.startswith("a message sounds severely displeased: “third time”")


def test_a_signal_alone_is_refused_as_a_ground() -> None:
    alone = POLICY.replace(', when: "ticket.priority <= 2"', "")
    with pytest.raises(PolicyErrors) as refused:
        spec.load(alone)
    assert "negative_message needs when" in str(refused.value)


def test_a_correction_weakens_its_words_and_grades_the_latest_anew(desk: Any) -> None:
    first, second = wrote(desk, "This is unacceptable."), wrote(desk, "Unacceptable, really.", desk.queued)
    signal = Signal.objects.get(message=first)
    assert (signal.degree, Signal.objects.get(message=second).degree) == (1, 1)
    effect = next(one for one in queries.effects_of(signal) if one.verdict == "wrong")
    assert {one.row.message_id for one in effect.regraded} == {first.pk, second.pk}
    actions.correct_signal(signal_id=signal.pk, verdict="wrong", by=desk.lead, now=desk.now)
    assert [one.degree for one in Signal.objects.filter(message__in=[first, second])] == [0, 0]
    third = wrote(desk, "This is unacceptable.")
    assert Signal.objects.get(message=third).degree == 0
    (word,) = queries.house_words()
    actions.reset_word(key=word.key, by=desk.lead, now=desk.now)
    assert Signal.objects.get(message=third).degree == 1
    assert not WordWeight.objects.exists()


def test_who_may_correct_and_what_is_refused(desk: Any) -> None:
    signal = Signal.objects.get(message=wrote(desk, ANGRY))
    with pytest.raises(NotAllowed, match="Ask one of them"):
        actions.correct_signal(signal_id=signal.pk, verdict="wrong", by=desk.agent, now=desk.now)
    with pytest.raises(InvalidInput):
        actions.correct_signal(signal_id=signal.pk, verdict="silly", by=desk.lead, now=desk.now)
    with pytest.raises(NotFound):
        actions.correct_signal(signal_id=desk.ticket.pk, verdict="wrong", by=desk.lead, now=desk.now)


def test_messages_from_before_are_judged_once_and_trigger_nothing(desk: Any) -> None:
    publishing.apply(documents=[("heard.yaml", POLICY)], by="system", now=desk.now)
    wrote(desk, ANGRY)
    Signal.objects.all().delete()
    entries = Entry.objects.count()
    assert actions.score_missing(limit=100) == 4  # two messages, two tickets' own texts
    assert actions.score_missing(limit=100) == 0
    assert Entry.objects.count() == entries


def test_trends_count_by_week_and_only_what_one_may_see(desk: Any) -> None:
    wrote(desk, ANGRY)
    (row,) = [one for one in queries.by_customer(desk.agent, desk.now) if one.name == "Acme"]
    assert (row.messages, row.displeased) == (4, 1)
    assert row.weeks[-1] == (4, 1)
    assert queries.by_service(desk.agent, desk.now)[0].name == "Payroll"
    assert queries.by_customer(desk.requester, desk.now)[0].messages == 4  # their own
    assert [one.message.body for one in queries.loudest(desk.agent, since=desk.now)] == [ANGRY]


def test_rules_of_the_house_come_in_versions(desk: Any) -> None:
    given = {"language": "en", "kind": "blame", "why": "It accuses.", "better": "Say what helps.", "now": desk.now}
    actions.save_rule(pattern="do your homework", by=desk.lead, **given)
    actions.switch_rule(key="en-brush-calm", on=False, by=desk.lead, now=desk.now)
    draft = "Do your homework; you can calm down, it is done."
    assert [one.rule.pattern for one in queries.advice_for(draft).hints] == ["do your homework"]
    actions.restore_rules(number=0, by=desk.lead, now=desk.now)
    assert [one.rule.pattern for one in queries.advice_for(draft).hints] == ["calm down"]
    actions.restore_rules(number=2, by=desk.lead, now=desk.now)
    assert [one.number for one in queries.books()] == [4, 3, 2, 1]
    assert len(RuleBook.objects.get(number=4).own) == 1
    for pattern in ("(a+)+$", "*", "x*"):
        with pytest.raises(InvalidInput):
            actions.save_rule(pattern=pattern, by=desk.lead, **given)
    with pytest.raises(InvalidInput, match="Say why"):
        actions.save_rule(pattern="fine words", by=desk.lead, **{**given, "why": ""})
    with pytest.raises(NotAllowed):
        actions.drop_rule(key="x", by=desk.agent, now=desk.now)
