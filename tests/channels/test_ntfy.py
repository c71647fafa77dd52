"""ntfy against a local server that takes what ntfy takes as JSON."""

import json
from collections.abc import Iterator

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.ntfy.kind import KIND
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import BundleItem, TransportError

ANSWER = "https://desk.example.org/answer/tok"


def publish(taken: Taken) -> tuple[int, bytes]:
    content = taken.json
    fits = taken.path == "/" and 1 <= content["priority"] <= 5 and len(content.get("actions", [])) <= 3
    if not fits or len(content["message"].encode()) > 4096:
        return 400, b'{"code":40024,"http":400,"error":"invalid request"}'
    return 200, json.dumps({"id": "sPs71M8A2T", "event": "message", "topic": content["topic"]}).encode()


@pytest.fixture
def ntfy() -> Iterator[Service]:
    with running(publish) as service:
        yield service


def test_an_urgent_page_has_the_highest_priority_and_buttons_that_answer(ntfy: Service, message) -> None:
    sent = send(KIND, message(to="my-pages", answer_url=ANSWER), {"api_url": ntfy.url})
    (taken,) = ntfy.taken
    assert taken.json == {
        "topic": "my-pages",
        "title": "[P1] T-7 needs an answer: Payroll",
        "message": "Nobody is paid.\nImpact: all.",
        "priority": 5,
        "tags": ["rotating_light"],
        "click": "https://desk.example.org/respond/abc",
        "actions": [
            {
                "action": "http",
                "label": "Acknowledge",
                "url": f"{ANSWER}?verb=acknowledge",
                "method": "POST",
                "clear": True,
            },
            {"action": "http", "label": "Decline", "url": f"{ANSWER}?verb=decline", "method": "POST", "clear": True},
            {"action": "view", "label": "Open", "url": "https://desk.example.org/respond/abc"},
        ],
    }
    assert "authorization" not in taken.headers
    assert (sent.provider_id, sent.answer) == ("sPs71M8A2T", "200")


def test_a_notice_is_quiet_and_has_no_buttons_that_answer(ntfy: Service, message) -> None:
    send(KIND, message(to="my-pages", urgency="normal", link=""), {"api_url": ntfy.url})
    content = ntfy.taken[0].json
    assert (content["priority"], content["tags"], "actions" in content, "click" in content) == (3, [], False, False)


def test_a_bundle_is_answered_as_a_whole(ntfy: Service, message) -> None:
    send(KIND, message(to="t", answer_url=ANSWER, items=(BundleItem("T-1", "a", ""),)), {"api_url": ntfy.url})
    assert [a["label"] for a in ntfy.taken[0].json["actions"]] == ["Acknowledge all", "Decline all", "Open"]


def test_the_token_goes_to_the_operators_server_and_to_no_other(ntfy: Service, message) -> None:
    settings = {"api_url": ntfy.url, "token": "tk_secret"}
    send(KIND, message(to="my-pages"), settings)
    send(KIND, message(to=f"{ntfy.url}/my-pages"), settings)
    with running(publish) as elsewhere:
        send(KIND, message(to=f"{elsewhere.url}/my-pages"), settings)
        assert "authorization" not in elsewhere.taken[0].headers
        assert elsewhere.taken[0].json["topic"] == "my-pages"
    assert [t.headers["authorization"] for t in ntfy.taken] == ["Bearer tk_secret"] * 2


def test_a_long_text_stays_a_message(ntfy: Service, message) -> None:
    send(KIND, message(to="t", body="ä" * 5000), {"api_url": ntfy.url})
    assert ntfy.taken[0].json["message"].endswith("ä ...")


@pytest.mark.parametrize(
    ("status", "fault", "permanent"),
    [
        (401, Fault.CREDENTIALS, False),
        (404, Fault.MESSAGE, True),
        (429, Fault.BUSY, False),
        (507, Fault.PROVIDER, False),
    ],
)
def test_what_ntfy_refuses(ntfy: Service, message, status: int, fault: Fault, permanent: bool) -> None:
    ntfy.says(status, {"code": status * 100, "error": "no"})
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to="t"), {"api_url": ntfy.url})
    assert (refused.value.fault, refused.value.permanent) == (fault, permanent)


def test_a_yes_without_an_id_is_not_believed(ntfy: Service, message) -> None:
    ntfy.says(200, b"<html>Welcome to the hotel's network</html>")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to="t"), {"api_url": ntfy.url})
    assert refused.value.fault is Fault.UNSURE
