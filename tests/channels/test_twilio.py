"""Texts and calls against a local server that speaks Twilio's protocol."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from tests.channels.twilio_server import SENDER, SID, TOKEN, Twilio, running
from tocsin.channels.twilio import speech
from tocsin.channels.twilio.kind import SMS_KIND, VOICE_KIND
from tocsin.channels.twilio.text import plainly, segments, sms_text
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import BundleItem, Message, Reach, Sent, TransportError

BASE = "https://desk.example.org"
REACH = Reach(allow=("127.0.0.0/8",), base_url=BASE, provider="0190-provider")
SHORT = f"{BASE}/r/" + "x" * 32


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    with running() as account:
        yield account


def text(twilio: Twilio, message: Message, timeout: float = 5, **values: str) -> Sent:
    transport = SMS_KIND.build(twilio.values(**values), REACH)
    return transport.send(transport.payload(message), idempotency_key=message.key, timeout=timeout)


def call(twilio: Twilio, message: Message) -> Sent:
    transport = VOICE_KIND.build(twilio.values(), REACH)
    return transport.send(transport.payload(message), idempotency_key=message.key, timeout=5)


def test_a_text_carries_code_and_short_link_and_asks_for_receipts(
    twilio: Twilio, message: Callable[..., Message]
) -> None:
    sent = text(twilio, message(to="+4915123456789", code="4711", short_link=SHORT))
    assert twilio.taken == [
        (
            "Messages",
            {
                "To": "+4915123456789",
                "From": SENDER,
                "Body": f"[P1] T-7 needs an answer: Payroll\nReply ack 4711\n{SHORT}",
                "StatusCallback": f"{BASE}/hooks/twilio/0190-provider/status/0190-key",
            },
        )
    ]
    assert sent.provider_id.startswith("SM")
    assert sent.answer == "201 queued"


def test_a_messaging_service_stands_in_for_a_sender(twilio: Twilio, message: Callable[..., Message]) -> None:
    text(twilio, message(to="+4915123456789"), messaging_service_sid="MG" + "1" * 32)
    form = twilio.taken[0][1]
    assert form["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in form


def test_a_call_asks_our_hook_what_to_say_and_looks_for_machines(
    twilio: Twilio, message: Callable[..., Message]
) -> None:
    sent = call(twilio, message(to="+4930123456"))
    assert twilio.taken == [
        (
            "Calls",
            {
                "To": "+4930123456",
                "From": SENDER,
                "Timeout": "25",
                "Url": f"{BASE}/hooks/twilio/0190-provider/voice/0190-key",
                "Method": "POST",
                "MachineDetection": "Enable",
                "StatusCallback": f"{BASE}/hooks/twilio/0190-provider/call-status/0190-key",
                "StatusCallbackMethod": "POST",
            },
        )
    ]
    assert sent.provider_id.startswith("CA")


def test_a_test_call_says_its_words_without_a_hook(twilio: Twilio, message: Callable[..., Message]) -> None:
    call(twilio, message(to="+4930123456", purpose="test", subject="Test", body="By <Ana> & co"))
    form = twilio.taken[0][1]
    assert ElementTree.fromstring(form["Twiml"]).findtext("Say") == "Test. By <Ana> & co"
    assert not {"Url", "StatusCallback"} & form.keys()


def test_without_a_public_address_a_call_says_what_is_missing(twilio: Twilio, message: Callable[..., Message]) -> None:
    transport = VOICE_KIND.build(twilio.values(), Reach(provider="0190-provider"))
    with pytest.raises(TransportError, match="TOCSIN_BASE_URL") as refused:
        transport.payload(message(to="+4930123456"))
    assert refused.value.permanent is False


def test_a_wrong_token_is_the_accounts_fault_and_not_the_persons(
    twilio: Twilio, message: Callable[..., Message]
) -> None:
    with pytest.raises(TransportError) as refused:
        text(twilio, message(to="+4915123456789"), auth_token="wrong")
    assert (refused.value.fault, refused.value.permanent) == (Fault.CREDENTIALS, False)
    assert "wrong" not in refused.value.answer


@pytest.mark.parametrize(
    ("status", "code", "fault", "permanent"),
    [
        (400, 21211, Fault.MESSAGE, True), (400, 21610, Fault.MESSAGE, True), (400, 21614, Fault.MESSAGE, True),
        (400, 30003, Fault.MESSAGE, True), (400, 21408, Fault.MESSAGE, False), (400, 21606, Fault.CREDENTIALS, False),
        (400, 21660, Fault.CREDENTIALS, False), (403, 20005, Fault.CREDENTIALS, False),
        (404, 20404, Fault.CREDENTIALS, False), (429, 20429, Fault.BUSY, False), (400, 21611, Fault.BUSY, False),
        (400, 99999, Fault.MESSAGE, True), (500, 0, Fault.PROVIDER, False), (503, 20503, Fault.PROVIDER, False),
        (504, 0, Fault.UNSURE, False),
    ],
)  # fmt: skip
def test_error_codes_say_whether_to_go_on_and_with_whom(
    twilio: Twilio, message: Callable[..., Message], status: int, code: int, fault: Fault, permanent: bool
) -> None:
    twilio.refuse = (status, code, "No.")
    with pytest.raises(TransportError) as refused:
        text(twilio, message(to="+4915123456789"))
    assert (refused.value.fault, refused.value.permanent) == (fault, permanent)


def test_opted_out_says_so_in_words(twilio: Twilio, message: Callable[..., Message]) -> None:
    twilio.refuse = (400, 21610, "Attempt to send to unsubscribed recipient")
    with pytest.raises(TransportError, match="opted out by answering STOP"):
        text(twilio, message(to="+4915123456789"))


def test_retry_after_is_passed_on(twilio: Twilio, message: Callable[..., Message]) -> None:
    twilio.refuse, twilio.headers = (429, 20429, "Too Many Requests"), {"Retry-After": "17"}
    with pytest.raises(TransportError) as refused:
        text(twilio, message(to="+4915123456789"))
    assert refused.value.retry_after == timedelta(seconds=17)


def test_silence_after_the_request_went_out_is_told_apart(twilio: Twilio, message: Callable[..., Message]) -> None:
    twilio.slow = 0.6
    with pytest.raises(TransportError) as refused:
        text(twilio, message(to="+4915123456789"), timeout=0.3)
    assert refused.value.fault is Fault.UNSURE
    twilio.slow, twilio.hang_up = 0.0, True
    with pytest.raises(TransportError) as refused:
        text(twilio, message(to="+4915123456789"))
    assert refused.value.fault is Fault.UNSURE


def test_nobody_listening_is_surely_not_accepted(message: Callable[..., Message]) -> None:
    with pytest.raises(TransportError) as refused:
        text(Twilio(address="http://127.0.0.1:9"), message(to="+4915123456789"))
    assert refused.value.fault is Fault.PROVIDER


@pytest.mark.parametrize("body", [b"yes", b"[]", b'{"status": "queued"}', b'{"sid": 7}'])
def test_a_yes_without_an_id_may_have_been_sent(twilio: Twilio, message: Callable[..., Message], body: bytes) -> None:
    twilio.raw = (201, body)
    with pytest.raises(TransportError) as refused:
        text(twilio, message(to="+4915123456789"))
    assert refused.value.fault is Fault.UNSURE


def test_the_api_address_passes_the_guard(twilio: Twilio, message: Callable[..., Message]) -> None:
    transport = SMS_KIND.build(twilio.values(), Reach())
    with pytest.raises(TransportError, match="not a public address"):
        transport.send(transport.payload(message(to="+491")), idempotency_key="1", timeout=5)
    assert twilio.requests == 0


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (SMS_KIND, {"account_sid": "AC1", "auth_token": TOKEN, "sender": SENDER}),
        (SMS_KIND, {"account_sid": SID, "auth_token": TOKEN}),
        (SMS_KIND, {"account_sid": SID, "auth_token": TOKEN, "sender": "Tocsin & Sons"}),
        (VOICE_KIND, {"account_sid": SID, "auth_token": TOKEN, "sender": "Tocsin"}),
    ],
)
def test_settings_that_cannot_work_are_refused_when_they_are_given(kind, values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"[A-Z].*\."):
        kind.build(values, Reach())


def test_no_repr_shows_the_token() -> None:
    transport = SMS_KIND.build({"account_sid": SID, "auth_token": TOKEN, "sender": SENDER}, REACH)
    assert TOKEN not in repr(vars(transport))


# What a text says.


@pytest.mark.parametrize(
    ("content", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("я" * 70, 1),
     ("я" * 71, 2), ("\N{LARGE RED CIRCLE}" * 35, 1), ("\N{LARGE RED CIRCLE}" * 36, 2)],
)  # fmt: skip
def test_segments_are_counted_as_networks_count_them(content: str, count: int) -> None:
    assert segments(content) == count


def test_typographic_signs_do_not_double_the_price() -> None:
    assert plainly("“Löhne” – naïve café…\u00a0ž") == '"Löhne" - naive café... z'
    assert segments(plainly("“" + "a" * 150 + "”")) == 1


@pytest.mark.parametrize("subject", ["Short", "w " * 200, "ж" * 300, "\N{LARGE RED CIRCLE}" * 200, "“x”" * 90])
@pytest.mark.parametrize("code", ["4711", ""])
def test_a_text_never_takes_more_than_two_segments(message: Callable[..., Message], subject: str, code: str) -> None:
    told = sms_text(message(subject=subject, code=code, short_link=SHORT))
    assert segments(told) <= 2
    assert SHORT in told
    assert code in told


def test_a_code_is_never_cut_off_by_a_long_address(message: Callable[..., Message]) -> None:
    told = sms_text(message(subject="ж" * 300, code="4711", short_link="https://" + "d" * 100 + "/r/" + "x" * 32))
    assert segments(told) <= 2
    assert told.endswith("Reply ack 4711")
    assert told.startswith("ж" * 20)


def test_a_bundle_is_answered_as_a_whole(message: Callable[..., Message]) -> None:
    items = tuple(BundleItem(f"T-{n}", f"s{n}", "") for n in range(37))
    told = sms_text(message(subject="37 escalations, ack all", items=items, link=f"{BASE}/respond/"))
    assert told == f'37 escalations, ack all\nReply "ack all".\n{BASE}/respond/'


def test_a_notice_asks_for_nothing(message: Callable[..., Message]) -> None:
    assert (
        sms_text(message(subject="Swap accepted", body="Kai takes\nMonday.", link=""))
        == "Swap accepted\nKai takes Monday."
    )


# What a call says.


def spoken(**fields) -> speech.Spoken:
    wanted = {"name": "Ana", "language": "en", "subject": "[P1] T-7 needs an answer", "body": "Payroll <down> & out"}
    return speech.Spoken(**(wanted | fields))


def test_a_call_says_the_page_and_waits_for_a_key() -> None:
    root = ElementTree.fromstring(speech.page(spoken(), keys_url=f"{BASE}/k?n=1", again_url=f"{BASE}/v?n=2"))
    gather = root.find("Gather")
    assert gather is not None
    assert gather.attrib == {
        "numDigits": "1", "timeout": "8", "action": f"{BASE}/k?n=1", "method": "POST", "input": "dtmf",
    }  # fmt: skip
    assert [say.get("language") for say in gather.findall("Say")] == ["en-GB", "en-GB"]
    assert gather.findall("Say")[0].text == (
        "This is Tocsin, calling Ana. P1, T-7 needs an answer. Payroll <down> & out."
    )
    assert "Press 4 to acknowledge. Press 6 to decline. Press 8 to call the next" in str(gather.findall("Say")[1].text)
    assert root.findtext("Redirect") == f"{BASE}/v?n=2"


def test_a_call_speaks_the_persons_language() -> None:
    root = ElementTree.fromstring(speech.page(spoken(language="de-AT"), keys_url="k", again_url=""))
    said = [say.text or "" for say in root.iter("Say")]
    assert {say.get("language") for say in root.iter("Say")} == {"de-DE"}
    assert said[0].startswith("Hier ist Tocsin, ein Anruf für Ana.")
    assert "Drücken Sie die 4" in said[1]
    assert root.find("Hangup") is not None
    assert speech.outcome("acknowledge", True, "Acknowledged.", "de").startswith("Übernommen.")
    assert speech.outcome("acknowledge", False, "Kai has it.", "de") == "Kai has it."


def test_a_bundle_and_a_notice_are_said_differently() -> None:
    bundle = speech.page(spoken(count=37), keys_url="k", again_url="")
    assert "37 escalations are waiting for you." in bundle
    assert "acknowledge all" in bundle
    notice = ElementTree.fromstring(speech.page(spoken(asks=False), keys_url="k", again_url="v"))
    assert notice.find("Gather") is None
    assert len(notice.findall("Say")) == 2
