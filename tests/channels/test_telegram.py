"""Telegram's sendMessage against a local server that checks what Telegram checks."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.telegram.kind import KIND
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import BundleItem, TransportError

TOKEN = "123456:ABC-DEF"
KEY = str(uuid4())


def bot(taken: Taken) -> tuple[int, bytes]:
    if taken.path != f"/bot{TOKEN}/sendMessage":
        return 404, b'{"ok":false,"error_code":404,"description":"Not Found"}'
    content = taken.json
    rows = content.get("reply_markup", {}).get("inline_keyboard", [])
    fits = len(content["text"]) <= 4096 and "parse_mode" not in content
    fits = fits and all(len(b.get("callback_data", "x").encode()) <= 64 for row in rows for b in row)
    if not fits:
        return 400, b'{"ok":false,"error_code":400,"description":"Bad Request"}'
    result = {"message_id": 7, "chat": {"id": int(content["chat_id"]), "type": "private"}}
    return 200, json.dumps({"ok": True, "result": result}).encode()


@pytest.fixture
def telegram() -> Iterator[Service]:
    with running(bot) as service:
        yield service


def values(service: Service) -> dict[str, str]:
    return {"bot_token": TOKEN, "webhook_secret": "s" * 20, "api_url": service.url}


def test_a_page_has_buttons_that_name_their_message(telegram: Service, message) -> None:
    sent = send(KIND, message(key=KEY, to="123456789", code="4711"), values(telegram))
    content = telegram.taken[0].json
    assert content["text"].startswith("[P1] T-7 needs an answer: Payroll\n\nNobody is paid.")
    assert 'answer "ack 4711"' in content["text"]
    rows = content["reply_markup"]["inline_keyboard"]
    name = KEY.replace("-", "")
    assert [[b.get("callback_data", b.get("url")) for b in row] for row in rows] == [
        [f"a:{name}", f"d:{name}"], [f"n:{name}"], ["https://desk.example.org/respond/abc"],
    ]  # fmt: skip
    assert (sent.provider_id, sent.answer) == ("123456789:7", "200")


def test_a_notice_can_only_be_opened_and_makes_no_sound(telegram: Service, message) -> None:
    send(KIND, message(key=KEY, to="1", purpose="notice", urgency="normal"), values(telegram))
    content = telegram.taken[0].json
    assert [[b["text"] for b in row] for row in content["reply_markup"]["inline_keyboard"]] == [["Open"]]
    assert content["disable_notification"] is True


def test_a_bundle_is_acknowledged_as_a_whole(telegram: Service, message) -> None:
    items = tuple(BundleItem(f"T-{n}", "x" * 300, "") for n in range(40))
    send(KIND, message(key=KEY, to="1", items=items), values(telegram))
    content = telegram.taken[0].json
    assert content["reply_markup"]["inline_keyboard"][0][0]["text"] == "Acknowledge all"
    assert len(content["text"]) <= 4096


@pytest.mark.parametrize(
    ("status", "fault", "permanent"),
    [
        (403, Fault.MESSAGE, True), (400, Fault.MESSAGE, True), (401, Fault.CREDENTIALS, False), (404, Fault.CREDENTIALS, False),
        (429, Fault.BUSY, False), (502, Fault.PROVIDER, False),
    ],
)  # fmt: skip
def test_what_telegram_refuses_and_the_token_is_not_told(
    telegram: Service, message, status: int, fault: Fault, permanent: bool
) -> None:
    telegram.says(status, {"ok": False, "error_code": status, "description": f"bot{TOKEN} says no"}, retry_after="5")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(key=KEY, to="1"), values(telegram))
    assert (refused.value.fault, refused.value.permanent) == (fault, permanent)
    assert TOKEN not in refused.value.answer
    assert (refused.value.retry_after is not None) or status in (403, 404)


def test_a_page_of_a_proxy_is_not_believed(telegram: Service, message) -> None:
    telegram.says(200, b"<html>Sign in to the network</html>")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(key=KEY, to="1"), values(telegram))
    assert refused.value.fault is Fault.UNSURE
