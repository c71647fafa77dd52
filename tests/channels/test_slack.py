"""Slack's chat.postMessage against a local server that checks what Slack checks."""

import json
from collections.abc import Iterator

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.slack.kind import KIND
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import BundleItem, TransportError

TOKEN = "xoxb-1-secret"
LIMITS = {"header": 150, "section": 3000}


def chat(taken: Taken) -> tuple[int, bytes]:
    content = taken.json
    if taken.path != "/chat.postMessage" or taken.headers.get("authorization") != f"Bearer {TOKEN}":
        return 200, b'{"ok":false,"error":"invalid_auth"}'
    for block in content["blocks"]:
        if block["type"] in LIMITS and len(block["text"]["text"]) > LIMITS[block["type"]]:
            return 200, b'{"ok":false,"error":"invalid_blocks"}'
        for element in block.get("elements", []):
            if len(element.get("text", element.get("placeholder"))["text"]) > 75:
                return 200, b'{"ok":false,"error":"invalid_blocks"}'
    return 200, json.dumps({"ok": True, "channel": "D024BE91L", "ts": "1712345678.000100"}).encode()


@pytest.fixture
def slack() -> Iterator[Service]:
    with running(chat) as service:
        yield service


def values(service: Service) -> dict[str, str]:
    return {"bot_token": TOKEN, "signing_secret": "s", "api_url": service.url}


def test_a_page_has_buttons_that_name_their_message(slack: Service, message) -> None:
    sent = send(KIND, message(to="U012AB3CD"), values(slack))
    content = slack.taken[0].json
    assert content["channel"] == "U012AB3CD"
    assert content["text"] == "[P1] T-7 needs an answer: Payroll"
    actions = content["blocks"][-1]
    assert actions["block_id"] == f"answer:{message().key}"
    assert [element["action_id"] for element in actions["elements"]] == ["acknowledge", "decline", "call_next", "open"]
    assert sent.provider_id == "D024BE91L:1712345678.000100"
    assert TOKEN not in sent.answer


def test_what_tickets_say_is_never_markup(slack: Service, message) -> None:
    send(KIND, message(to="U1", subject="<!channel> *bold* & more", body="<@U2> `x`"), values(slack))
    content = slack.taken[0].json
    assert content["text"] == "&lt;!channel&gt; *bold* &amp; more"
    assert {block["text"]["type"] for block in content["blocks"] if "text" in block} == {"plain_text"}


def test_a_notice_can_only_be_opened(slack: Service, message) -> None:
    send(KIND, message(to="U1", purpose="notice"), values(slack))
    assert [element["action_id"] for element in slack.taken[0].json["blocks"][-1]["elements"]] == ["open"]


def test_a_bundle_is_acknowledged_as_a_whole(slack: Service, message) -> None:
    items = tuple(BundleItem(f"T-{n}", "x" * 100, "") for n in range(40))
    send(KIND, message(to="U1", items=items), values(slack))
    content = slack.taken[0].json
    assert "and 25 more" in content["blocks"][1]["text"]["text"]
    assert content["blocks"][-1]["elements"][0]["text"]["text"] == "Acknowledge all"


def test_long_texts_fit(slack: Service, message) -> None:
    send(KIND, message(to="U1", subject="s" * 300, body="b" * 9000), values(slack))
    assert slack.taken[0].json["blocks"][0]["text"]["text"].endswith(" ...")


@pytest.mark.parametrize(
    ("error", "fault", "permanent"),
    [
        ("channel_not_found", Fault.MESSAGE, True), ("invalid_auth", Fault.CREDENTIALS, False), ("ratelimited", Fault.BUSY, False),
        ("internal_error", Fault.UNSURE, False), ("service_unavailable", Fault.PROVIDER, False),
    ],
)  # fmt: skip
def test_what_slack_refuses(slack: Service, message, error: str, fault: Fault, permanent: bool) -> None:
    slack.says(200, {"ok": False, "error": error})
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to="U1"), values(slack))
    assert (refused.value.fault, refused.value.permanent) == (fault, permanent)


def test_429_waits_as_long_as_slack_says(slack: Service, message) -> None:
    slack.says(429, b"", retry_after="30")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to="U1"), values(slack))
    assert refused.value.retry_after is not None
    assert refused.value.retry_after.total_seconds() == 30


def test_a_page_of_a_proxy_is_not_believed(slack: Service, message) -> None:
    slack.says(200, b"<html>Sign in to the network</html>")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to="U1"), values(slack))
    assert refused.value.fault is Fault.UNSURE
