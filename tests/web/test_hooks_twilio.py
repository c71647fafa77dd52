"""Twilio's call-backs: signed or refused, answered by text and by key, receipts only forward (SECURITY 6)."""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.channels.twilio_server import SENDER, SID, TOKEN, running, signature
from tests.web.conftest import Desk
from tocsin.channels.twilio.kind import SMS_KIND, VOICE_KIND
from tocsin.channels.twilio.text import segments
from tocsin.domain.escalation.models import Run
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, links
from tocsin.domain.notify.models import AnswerCode, ContactMethod, Delivery, Page, Provider
from tocsin.engine.bells import Bell
from tocsin.engine.engine import sender_of
from tocsin.kernel.clock import database_now

BASE = "https://desk.example.org"
NUMBER = "+4915123456789"


@pytest.fixture
def provider(settings, desk: Desk) -> Provider:
    settings.BASE_URL, settings.ALLOWED_HOSTS = BASE, ["testserver", "desk.example.org"]
    values = {"account_sid": SID, "auth_token": TOKEN, "sender": SENDER}
    actions.add_provider(kind=VOICE_KIND, name="Calls", values=values, by=None, now=desk.now)
    return actions.add_provider(kind=SMS_KIND, name="Texts", values=values, by=None, now=desk.now)


@pytest.fixture
def sent(desk: Desk) -> Callable[..., Delivery]:
    """Have the page of the lead (who is paged) sent to a verified number of theirs by text or call."""

    def make(channel: str, sid: str = "", state: str = "sent") -> Delivery:
        page = Page.objects.filter(run__isnull=False).order_by("pk").first()
        assert page is not None
        ContactMethod.objects.get_or_create(
            user=page.user, channel=channel, address=NUMBER, defaults={"verified_at": desk.now}
        )
        AnswerCode.objects.get_or_create(page=page, defaults={"user": page.user, "code": "4711", "made_at": desk.now})
        return Delivery.objects.create(
            page=page, run=page.run, user=page.user, channel=channel, address=NUMBER, state=state, attempts=1,
            sent_at=desk.now, provider_id=sid or f"SM{uuid4().hex}",
        )  # fmt: skip

    return make


@pytest.fixture
def post(provider: Provider) -> Callable[..., HttpResponse]:
    """Call a hook as Twilio does."""

    def call(name: str, *args: UUID, form: Mapping[str, str], query: str = "", **more: Any) -> HttpResponse:
        path = reverse(name, args=[provider.pk, *args]) + query
        signed = more.get("signed", signature(more.get("url", BASE + path), form, more.get("token", TOKEN)))
        response = Client().post(path, form, headers={"x-twilio-signature": signed})
        assert isinstance(response, HttpResponse)
        return response

    return call


def text_form(body: str, sender: str = NUMBER, sid: str = "") -> dict[str, str]:
    return {"MessageSid": sid or f"SM{uuid4().hex}", "AccountSid": SID, "From": sender, "To": SENDER, "Body": body}


def call_form(sid: str, **more: str) -> dict[str, str]:
    return {"CallSid": sid, "AccountSid": SID, "From": SENDER, "To": NUMBER, "CallStatus": "in-progress", **more}


def said(response: HttpResponse) -> str:
    assert response.status_code == 200, response.content
    return " ".join(ElementTree.fromstring(response.content).itertext()).strip()


def run_of(desk: Desk) -> Run:
    return Run.objects.get(escalation=desk.escalated)


# Signatures.


@pytest.mark.parametrize("wrong", ["", "bm90IGl0", "x" * 500])
def test_a_wrong_signature_is_refused_and_nothing_happens(desk, post, sent, wrong: str) -> None:
    sent("sms")
    response = post("hook_twilio_sms", form=text_form("ack 4711"), signed=wrong)
    assert response.status_code == 403
    assert run_of(desk).status == "climbing"


def test_the_signature_is_over_the_public_address_and_every_field(desk, post, sent) -> None:
    sent("sms")
    form = text_form("ack 4711")
    path = reverse("hook_twilio_sms", args=[Provider.objects.get(name="Texts").pk])
    assert post("hook_twilio_sms", form=form, url=f"http://testserver{path}").status_code == 403
    assert post("hook_twilio_sms", form=form, token="another-token").status_code == 403
    signed = signature(BASE + path, form)
    assert post("hook_twilio_sms", form={**form, "From": "+491"}, signed=signed).status_code == 403
    assert post("hook_twilio_sms", form={**form, "Extra": "1"}, signed=signed).status_code == 403
    assert run_of(desk).status == "climbing"


def test_without_a_public_address_nothing_is_let_in(settings, post) -> None:
    settings.BASE_URL = ""
    assert post("hook_twilio_sms", form=text_form("ack"), url="").status_code == 403


def test_an_unknown_provider_does_not_exist(provider) -> None:
    response = Client().post(reverse("hook_twilio_sms", args=[uuid4()]), {})
    assert response.status_code == 404


def test_looking_is_not_answering(provider) -> None:
    assert Client().get(reverse("hook_twilio_sms", args=[provider.pk])).status_code == 405


# Texts.


def test_a_text_with_the_code_acknowledges_and_says_so(desk, post, sent) -> None:
    sent("sms")
    answer = said(post("hook_twilio_sms", form=text_form("Ack 4711")))
    assert answer.startswith("Acknowledged.")
    assert run_of(desk).status == "acknowledged"
    assert "sms" in str(list(Entry.objects.filter(kind__startswith="run.").values_list("data", flat=True)))


def test_the_same_text_again_says_the_same_and_does_nothing(desk, post, sent) -> None:
    sent("sms")
    form = text_form("ack 4711", sid="SM1")
    first = said(post("hook_twilio_sms", form=form))
    before = Entry.objects.count()
    assert said(post("hook_twilio_sms", form=form)) == first
    assert Entry.objects.count() == before


def test_a_stranger_gets_no_reply_and_changes_nothing(desk, post, sent) -> None:
    sent("sms")
    assert said(post("hook_twilio_sms", form=text_form("ack 4711", sender="+4915100000000"))) == ""
    assert run_of(desk).status == "climbing"


def test_an_unverified_number_is_a_stranger(desk, post, sent) -> None:
    sent("sms")
    ContactMethod.objects.filter(address=NUMBER).update(verified_at=None)
    assert said(post("hook_twilio_sms", form=text_form("ack 4711"))) == ""
    assert run_of(desk).status == "climbing"


def test_replies_are_bounded_answers_are_not(desk, post, sent) -> None:
    sent("sms")
    replies = [said(post("hook_twilio_sms", form=text_form("what?"))) for _ in range(22)]
    assert (sum(bool(reply) for reply in replies), replies[-1]) == (20, "")
    assert said(post("hook_twilio_sms", form=text_form("ack 4711"))) == ""
    assert run_of(desk).status == "acknowledged"


@pytest.mark.parametrize("word", ["STOP", "stop.", "Unsubscribe", "CANCEL"])
def test_stop_takes_the_number_out_of_use_and_start_brings_it_back(desk, post, sent, word: str) -> None:
    sent("sms")
    assert said(post("hook_twilio_sms", form=text_form(word))) == ""
    assert ContactMethod.objects.get(address=NUMBER).verified_at is None
    assert run_of(desk).status == "climbing"
    assert said(post("hook_twilio_sms", form=text_form("START"))) == ""
    assert ContactMethod.objects.get(address=NUMBER).verified_at is not None


def test_what_twilio_itself_has_seen_as_stop_counts(post, sent) -> None:
    sent("sms")
    post("hook_twilio_sms", form={**text_form("please leave me alone"), "OptOutType": "STOP"})
    assert ContactMethod.objects.get(address=NUMBER).stopped_at is not None


def test_the_whole_way_from_a_page_to_an_answer_by_text(desk, provider, post, settings) -> None:
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    page = Page.objects.filter(run__isnull=False).order_by("pk").first()
    assert page is not None
    ContactMethod.objects.create(user=page.user, channel="sms", address=NUMBER, verified_at=desk.now)
    delivery = Delivery.objects.create(
        page=page, run=page.run, user=page.user, channel="sms", address=NUMBER, due_at=desk.now
    )
    with running() as account:
        actions.edit_provider(
            provider_id=provider.pk, kind=SMS_KIND, name="Texts", values=account.values(), by=None, now=desk.now
        )
        assert sender_of("sms", Bell(), threading.Event()).drain() == 1
    body = account.taken[0][1]["Body"]
    code = re.search(r"Reply ack (\d{4,6})", body)
    link = re.search(rf"{BASE}(/r/\S+)", body)
    assert code is not None
    assert link is not None
    assert segments(body) <= 2
    delivery.refresh_from_db()
    callback = account.taken[0][1]["StatusCallback"]
    assert callback == f"{BASE}{reverse('hook_twilio_status', args=[provider.pk, delivery.pk])}"
    form = {"MessageSid": delivery.provider_id, "MessageStatus": "delivered", "AccountSid": SID}
    assert post("hook_twilio_status", delivery.pk, form=form).status_code == 204
    assert Client().get(link[1], follow=True).status_code == 200
    assert run_of(desk).status == "climbing"
    assert said(post("hook_twilio_sms", form=text_form(f"ack {code[1]}"))).startswith("Acknowledged.")
    assert run_of(desk).status == "acknowledged"
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


# Receipts.


def test_receipts_only_move_forward_in_any_order(post, sent) -> None:
    delivery = sent("sms", sid="SM7")
    for status, expected in (
        ("sent", "sent"), ("delivered", "delivered"), ("sent", "delivered"), ("undelivered", "delivered"),
        ("delivered", "delivered"),
    ):  # fmt: skip
        form = {"MessageSid": "SM7", "MessageStatus": status, "AccountSid": SID}
        assert post("hook_twilio_status", delivery.pk, form=form).status_code == 204
        delivery.refresh_from_db()
        assert delivery.state == expected


def test_a_text_that_did_not_arrive_has_the_next_method_used(post, sent) -> None:
    delivery = sent("sms", sid="SM7")
    form = {"MessageSid": "SM7", "MessageStatus": "undelivered", "ErrorCode": "30003", "AccountSid": SID}
    post("hook_twilio_status", delivery.pk, form=form)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == (
        "failed",
        "undelivered: Twilio error 30003: the phone is off or out of reach",
    )


@pytest.mark.parametrize(
    ("status", "why"), [("busy", "the line was busy"), ("no-answer", "nobody picked up"), ("failed", "the call could")]
)
def test_a_call_that_nobody_took_is_no_delivery(post, sent, status: str, why: str) -> None:
    delivery = sent("voice", sid="CA7")
    post("hook_twilio_call_status", delivery.pk, form=call_form("CA7", CallStatus=status))
    delivery.refresh_from_db()
    assert delivery.state == "failed"
    assert delivery.error.startswith(why)


def test_an_answering_machine_has_told_nobody(desk, post, sent) -> None:
    delivery = sent("voice", sid="CA7")
    response = post("hook_twilio_voice", delivery.pk, form=call_form("CA7", AnsweredBy="machine_start"))
    assert [tag.tag for tag in ElementTree.fromstring(response.content)] == ["Hangup"]
    delivery.refresh_from_db()
    assert delivery.state == "failed"
    assert run_of(desk).status == "climbing"


# Calls.


def test_whoever_picks_up_hears_the_page_and_may_press_a_key(desk, post, sent) -> None:
    delivery = sent("voice", sid="CA7")
    response = post("hook_twilio_voice", delivery.pk, form=call_form("CA7", AnsweredBy="human"))
    assert response["content-type"].startswith("text/xml")
    assert desk.ticket.reference in said(response)
    gather = ElementTree.fromstring(response.content).find("Gather")
    provider = Provider.objects.get(name="Texts")
    assert gather is not None
    assert gather.get("action") == f"{BASE}/hooks/twilio/{provider.pk}/voice/{delivery.pk}/keys?n=1"
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_the_page_is_said_three_times_at_most(post, sent) -> None:
    delivery = sent("voice", sid="CA7")
    redirects = [
        ElementTree.fromstring(
            post("hook_twilio_voice", delivery.pk, form=call_form("CA7"), query=f"?n={n}").content
        ).findtext("Redirect")
        for n in (1, 2, 3)
    ]
    assert [bool(one) for one in redirects] == [True, True, False]


@pytest.mark.parametrize(
    ("digit", "kind"), [("4", "run.acknowledged"), ("6", "run.declined"), ("8", "run.next_called")]
)
def test_keys_answer(desk, post, sent, digit: str, kind: str) -> None:
    delivery = sent("voice", sid="CA7")
    response = post("hook_twilio_keys", delivery.pk, form=call_form("CA7", Digits=digit), query="?n=1")
    assert said(response)
    assert ElementTree.fromstring(response.content).find("Hangup") is not None
    told = Entry.objects.filter(stream=f"ticket:{desk.ticket.pk}", data__via="voice")
    assert list(told.values_list("kind", flat=True)) == [kind]


def test_a_key_pressed_is_taken_once(desk, post, sent) -> None:
    delivery = sent("voice", sid="CA7")
    form = call_form("CA7", Digits="8")
    first = said(post("hook_twilio_keys", delivery.pk, form=form))
    level, before = run_of(desk).level, Entry.objects.count()
    assert said(post("hook_twilio_keys", delivery.pk, form=form)) == first
    assert (run_of(desk).level, Entry.objects.count()) == (level, before)


@pytest.mark.parametrize("digit", ["1", "*", "#", "", "44"])
def test_every_other_key_has_it_said_again(desk, post, sent, digit: str) -> None:
    delivery = sent("voice", sid="CA7")
    response = post("hook_twilio_keys", delivery.pk, form=call_form("CA7", Digits=digit), query="?n=2")
    redirect = ElementTree.fromstring(response.content).findtext("Redirect")
    assert redirect is not None
    assert redirect.endswith(f"/voice/{delivery.pk}?n=3")
    assert run_of(desk).status == "climbing"


def test_a_key_on_a_call_to_another_number_answers_nothing(desk, post, sent) -> None:
    delivery = sent("voice", sid="CA7")
    form = {**call_form("CA7", Digits="4"), "To": "+4915100000000"}
    assert "somebody else" in said(post("hook_twilio_keys", delivery.pk, form=form))
    assert run_of(desk).status == "climbing"


def test_a_german_hears_german(desk, post, sent) -> None:
    delivery = sent("voice", sid="CA7")
    type(delivery.user).objects.filter(pk=delivery.user_id).update(language="de")
    assert said(post("hook_twilio_voice", delivery.pk, form=call_form("CA7"))).startswith("Hier ist Tocsin")
    assert said(post("hook_twilio_keys", delivery.pk, form=call_form("CA7", Digits="4"))).startswith("Übernommen.")


def test_what_is_over_is_said_to_be_over(post, sent) -> None:
    delivery = sent("voice", sid="CA7")
    Page.objects.filter(pk=delivery.page_id).update(state="withdrawn")
    assert "no longer open" in said(post("hook_twilio_voice", delivery.pk, form=call_form("CA7")))


def test_a_text_is_no_call(post, sent) -> None:
    delivery = sent("sms", sid="SM7")
    assert post("hook_twilio_voice", delivery.pk, form=call_form("SM7")).status_code == 404


# Short links.


def test_a_short_link_leads_to_the_respond_page_and_changes_nothing(desk, sent) -> None:
    delivery = sent("sms")
    response = Client().get(f"/r/{links.short_token(delivery.pk)}")
    assert response.status_code == 302
    page = Page.objects.get(pk=delivery.page_id)
    assert response["location"] == reverse(
        "respond_link",
        args=[links.respond_token(page.run, page.cycle, page.level, page.user_id, now=page.created_at)],
    )
    assert len(links.short_token(delivery.pk)) == 32
    assert Client().get(response["location"]).status_code == 200


def test_a_short_link_cannot_be_guessed_from_another(settings, desk, sent) -> None:
    token = links.short_token(sent("sms").pk)
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "A" * 32, token[:-4], "é" * 32):
        assert Client().get(f"/r/{forged}").status_code == 404
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "k" * 50
    assert Client().get(f"/r/{token}").status_code == 302


def test_a_short_link_expires_with_the_page(desk, sent) -> None:
    delivery = sent("sms")
    Page.objects.filter(pk=delivery.page_id).update(created_at=database_now(connection) - timedelta(days=8))
    response = Client().get(f"/r/{links.short_token(delivery.pk)}", follow=True)
    assert response.status_code == 404
