"""Listening in pages: the record, what the customer answers by link and portal, advice, signals, rules, the assistant."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.domain.listening.model_server import KEY, serving
from tests.web.test_crawler import state
from tocsin.domain.listening import actions
from tocsin.domain.listening.actions import Said
from tocsin.domain.listening.links import heard_token
from tocsin.domain.listening.models import AssistantDraft, ListeningRecord, Mood, RuleBook, Signal
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message


def of(desk: Any, name: str, *more: Any) -> str:
    return reverse(name, args=[desk.ticket.number, *more])


def asked(desk: Any) -> ListeningRecord:
    """A record that was played back to the requester."""
    actions.write_record(
        ticket_id=desk.ticket.pk, concerns=[Said("It burns every morning")], impact="40 people", wanted="No fire",
        by=desk.agent, now=desk.now,
    )  # fmt: skip
    return actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)


def test_an_agent_quotes_the_customer_and_plays_it_back(desk: Any, signed_in: Any) -> None:
    tickets.add_message(
        ticket_id=desk.ticket.pk,
        kind="customer",
        body="We cannot print. Payroll is tonight.",
        by=desk.requester,
        now=desk.now,
    )
    agent = signed_in("agent")
    sheet = agent.get(of(desk, "ticket_listening_edit")).content.decode()
    assert "Payroll is tonight." in sheet
    value = sheet.split('name="quote" value="')[2].split('"')[0]
    given = {"concerns": "Nobody calls back", "quote": value, "impact": "40 people", "version": "0"}
    assert agent.post(of(desk, "ticket_listening_edit"), given).status_code == 302
    found = ListeningRecord.objects.get()
    assert [(one.words, bool(one.message_id)) for one in found.concerns.order_by("position")] == [
        ("Nobody calls back", False), ("Payroll is tonight.", True),
    ]  # fmt: skip
    panel = agent.get(of(desk, "ticket_listening")).content.decode()
    assert "in their message" in panel
    assert "not played back yet" in panel
    assert "Nobody calls back" in agent.get(of(desk, "ticket_play_back")).content.decode()
    agent.post(of(desk, "ticket_play_back"))
    assert "Waits for the customer" in agent.get(of(desk, "ticket_listening")).content.decode()
    stale = agent.post(of(desk, "ticket_listening_edit"), given)
    assert stale.status_code == 422
    assert "Nobody calls back" in stale.content.decode()  # what was typed is not lost


def test_a_link_opened_a_hundred_times_changes_nothing(desk: Any) -> None:
    record = asked(desk)
    where = reverse("heard_link", args=[heard_token(record.pk, 1, desk.requester.pk, now=desk.now)])
    before, client = state(), Client()
    for _ in range(100):
        assert client.get(where).status_code == 200
    assert client.head(where).status_code == 200
    assert state() == before


def test_the_customer_says_not_quite_and_then_yes_by_the_link(desk: Any) -> None:
    record = asked(desk)
    where, client = reverse("heard_link", args=[heard_token(record.pk, 1, desk.requester.pk, now=desk.now)]), Client()
    empty = client.post(where, {"answer": "no", "version": "1"})
    assert empty.status_code == 422
    assert "what is missing or wrong" in empty.content.decode()
    client.post(where, {"answer": "no", "words": "It is every evening", "version": "1"})
    record.refresh_from_db()
    assert (record.state, record.answered_by, record.answered_via) == ("corrected", desk.requester, "link")
    assert Message.objects.filter(body="It is every evening", author=desk.requester).exists()
    assert "You said: that is it." in client.post(where, {"answer": "yes", "version": "1"}).content.decode()
    record.refresh_from_db()
    assert record.state == "confirmed"


def test_a_link_of_an_older_wording_or_person_acts_on_nothing(desk: Any) -> None:
    record, client = asked(desk), Client()
    token = heard_token(record.pk, 1, desk.requester.pk, now=desk.now)
    strange = reverse("heard_link", args=[heard_token(record.pk, 1, desk.agent.pk, now=desk.now)])
    assert client.post(strange, {"answer": "yes"}).status_code == 404
    assert client.get(reverse("heard_link", args=[token[:-3] + "abc"])).status_code == 404
    actions.write_record(
        ticket_id=desk.ticket.pk, concerns=[Said("Another")], impact="", wanted="", by=desk.agent, now=desk.now
    )
    old = client.post(reverse("heard_link", args=[token]), {"answer": "yes", "version": "1"})
    assert old.status_code == 409
    assert "newer wording" in old.content.decode()
    assert "Another" not in old.content.decode()
    record.refresh_from_db()
    assert record.state == "noted"


def test_the_portal_asks_the_requester_and_nobody_else(desk: Any, signed_in: Any) -> None:
    customer, line = signed_in("requester"), of(desk, "portal_heard_line")
    assert customer.get(line).content == b""
    record = asked(desk)
    assert "Have we understood you?" in customer.get(line).content.decode()
    assert "It burns every morning" in customer.get(of(desk, "portal_heard")).content.decode()
    assert signed_in("agent").get(of(desk, "portal_heard")).status_code == 404
    customer.post(of(desk, "portal_heard"), {"answer": "yes", "version": "1"})
    record.refresh_from_db()
    assert (record.state, record.answered_via) == ("confirmed", "portal")


def test_an_answer_heard_on_the_phone_is_noted_and_a_concern_is_answered(desk: Any, signed_in: Any) -> None:
    record, agent = asked(desk), signed_in("agent")
    agent.post(of(desk, "ticket_listening_answer"), {"answer": "yes"})
    record.refresh_from_db()
    assert (record.state, record.answered_via) == ("confirmed", "call")
    reply = tickets.add_message(ticket_id=desk.ticket.pk, kind="reply", body="Replaced.", by=desk.agent, now=desk.now)
    where = of(desk, "ticket_concern", record.concerns.get().pk)
    assert "Replaced." in agent.get(where).content.decode()
    agent.post(where, {"message": str(reply.pk)})
    assert "answered by Agent" in agent.get(of(desk, "ticket_listening")).content.decode()
    agent.post(of(desk, "ticket_mood"), {"feeling": "4"})
    assert Mood.objects.get().feeling == 4
    timeline = agent.get(of(desk, "ticket")).content.decode()
    for words in ("played it back to Ana", "noted that the customer said: that is it", "they sound calm"):
        assert words in timeline
    assert agent.post(of(desk, "ticket_mood"), {"feeling": "9"}).status_code == 400


def test_a_draft_is_advised_while_typing_and_nothing_is_kept(desk: Any, signed_in: Any) -> None:
    asked(desk)
    agent, before = signed_in("agent"), state()
    draft = "You should have told us. We will see as soon as possible."
    html = agent.post(of(desk, "ticket_advice"), {"body": draft, "kind": "reply"}).content.decode()
    for words in ("It burns every morning", "By when?", "You should have", "as soon as possible"):
        assert words in html
    assert "What happens next?" not in html
    assert agent.post(of(desk, "ticket_advice"), {"body": draft, "kind": "note"}).content == b""
    assert {name for name, digest in state().items() if digest != before[name]} == set()


def test_a_call_is_noted_step_by_step(desk: Any, signed_in: Any) -> None:
    agent = signed_in("agent")
    assert "1. Let them tell it" in agent.get(of(desk, "ticket_call")).content.decode()
    given = {"told": "It burns", "concerns": "It burns every morning", "agreed": "no", "next_step": "Kai looks"}
    refused = agent.post(of(desk, "ticket_call"), given)
    assert refused.status_code == 422
    assert "It burns every morning" in refused.content.decode()
    agent.post(of(desk, "ticket_call"), {**given, "missing": "Evenings too"})
    assert ListeningRecord.objects.get().state == "corrected"
    assert Message.objects.filter(kind="note", body__contains="Not quite: Evenings too").exists()
    logged = agent.post(
        reverse("call_new"),
        {
            "caller": "ana@acme.example",
            "subject": "Smoke",
            "said": "It smokes",
            "impact": "2",
            "urgency": "2",
            "then": "notes",
        },
    )
    assert logged["Location"].endswith("/call?from=call")
    assert "It smokes" in agent.get(logged["Location"]).content.decode()


def test_signals_show_their_words_and_a_lead_corrects_one(desk: Any, signed_in: Any) -> None:
    message = tickets.add_message(
        ticket_id=desk.ticket.pk,
        kind="customer",
        body="This is unacceptable, <b>really</b>.",
        by=desk.requester,
        now=desk.now,
    )
    agent, lead = signed_in("agent"), signed_in("lead")
    html = agent.get(of(desk, "ticket_signals")).content.decode()
    assert '<mark class="is-risk">unacceptable</mark>' in html
    assert "<b>really</b>" not in html
    signal = Signal.objects.get(message=message)
    where = reverse("signal_correct", args=[signal.pk])
    assert agent.get(where).status_code == 403
    assert "counts 0.5 instead of 1.0 times" in lead.get(where).content.decode()
    lead.post(where, {"verdict": "wrong"})
    signal.refresh_from_db()
    assert (signal.degree, signal.judged) == (0, "wrong")
    assert "unacceptable" in agent.get(reverse("signal_words")).content.decode()
    tried = agent.get(reverse("signal_words"), {"text": "Third time! Our lawyer writes."}).content.decode()
    assert "strongly displeased" in tried
    assert "Acme" in agent.get(reverse("signals")).content.decode()
    lead.post(reverse("signal_word_reset"), {"key": "en.displeasure.unacceptable"})
    signal.refresh_from_db()
    assert signal.degree == 1


def test_rules_are_switched_added_tried_and_restored(desk: Any, signed_in: Any) -> None:
    agent, lead, page = signed_in("agent"), signed_in("lead"), reverse("advice_rules")
    assert "Switch off" not in agent.get(page).content.decode()
    assert agent.post(reverse("advice_rule_switch", args=["en-brush-calm"]), {"on": "0"}).status_code == 403
    lead.post(reverse("advice_rule_switch", args=["en-brush-calm"]), {"on": "0"})
    bad = lead.post(reverse("advice_rule_new"), {"pattern": "(a+)+", "language": "en", "kind": "blame"})
    assert bad.status_code == 422
    given = {
        "pattern": "kindly note",
        "language": "en",
        "kind": "brush_off",
        "why": "It lectures.",
        "better": "Leave it out.",
    }
    lead.post(reverse("advice_rule_new"), given)
    tried = lead.get(page, {"text": "Kindly note that you can calm down about it."}).content.decode()
    assert "It lectures." in tried
    key = RuleBook.objects.get(number=2).own[0]["key"]
    lead.post(reverse("advice_rule_edit", args=[key]), {**given, "why": "It sounds stiff."})
    assert "It sounds stiff." in lead.get(page).content.decode()
    lead.post(reverse("advice_rule_drop", args=[key]))
    lead.post(reverse("advice_restore", args=[0]))
    assert (RuleBook.objects.get(number=5).own, RuleBook.objects.get(number=5).off) == ([], [])
    assert "As shipped" in lead.get(reverse("advice_versions")).content.decode()


def test_a_draft_of_the_assistant_names_its_sources_and_goes_to_the_composer(
    desk: Any, signed_in: Any, settings: Any
) -> None:
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    agent, admin = signed_in("agent"), signed_in("admin")
    with serving() as model:
        given = {"enabled": "on", "url": model.url, "model": "small-1", "key": KEY, "timeout": "2"}
        assert admin.post(reverse("assistant"), given).status_code == 302
        assert KEY not in admin.get(reverse("assistant")).content.decode()
        admin.post(reverse("assistant_test"))
        where = of(desk, "ticket_assistant", "reply")
        assert not model.asked[1:]
        agent.get(where)
        assert not model.asked[1:]  # looking asks nothing
        html = agent.post(where).content.decode()
        assert model.text in html
        assert "nothing was sent" in html
        assert "message 1" in html
        draft = AssistantDraft.objects.get()
        filled = agent.post(of(desk, "ticket_assistant_insert", draft.pk)).json()
        assert filled == {"kind": "reply", "body": model.text, "status": ""}
        model.mode = "429"
        refused = agent.post(where)
        assert refused.status_code == 422
        assert "asked too often" in refused.content.decode()


@pytest.mark.parametrize("page", ["signals", "signal_words"])
def test_a_customers_executive_does_not_see_how_people_sound(desk: Any, page: str) -> None:
    desk.stakeholder.organisation = desk.customer
    desk.stakeholder.save()
    assert desk.client(desk.stakeholder).get(reverse(page)).status_code == 403
    assert desk.client(desk.stakeholder).get(of(desk, "ticket_listening")).content == b""
