"""Gotify against a local server that takes what /message takes."""

from collections.abc import Iterator

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.gotify.kind import KIND
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import TransportError

TOKEN = "AbCdEfGhIjKlMnO"


def push(taken: Taken) -> tuple[int, bytes]:
    if taken.headers.get("x-gotify-key") != TOKEN:
        return 401, b'{"error":"Unauthorized","errorCode":401}'
    return (200, b'{"id":25,"appid":5}') if taken.path.endswith("/message") and taken.json["message"] else (400, b"")


@pytest.fixture
def gotify() -> Iterator[Service]:
    with running(push) as service:
        yield service


def test_a_page_sounds_and_opens_the_page(gotify: Service, message) -> None:
    sent = send(KIND, message(to=TOKEN), {"api_url": gotify.url})
    (taken,) = gotify.taken
    assert taken.json == {
        "title": "[P1] T-7 needs an answer: Payroll",
        "message": "Nobody is paid.\nImpact: all.",
        "priority": 10,
        "extras": {
            "client::display": {"contentType": "text/plain"},
            "client::notification": {"click": {"url": "https://desk.example.org/respond/abc"}},
        },
    }
    assert TOKEN not in taken.path
    assert (sent.provider_id, sent.answer) == ("25", "200")


def test_an_address_may_name_its_server_even_below_a_path(gotify: Service, message) -> None:
    send(KIND, message(to=f"{gotify.url}/push/?token={TOKEN}", urgency="normal"))
    assert gotify.taken[0].path == "/push/message"
    assert gotify.taken[0].json["priority"] == 5


def test_a_bare_token_without_a_server_says_what_to_do(message) -> None:
    with pytest.raises(TransportError, match=r"no Gotify server is set") as refused:
        send(KIND, message(to=TOKEN))
    assert refused.value.permanent is True


def test_a_token_that_is_refused_is_the_persons_and_not_the_servers_failure(gotify: Service, message) -> None:
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to="AnotherToken123"), {"api_url": gotify.url})
    assert (refused.value.permanent, refused.value.fault) == (True, Fault.MESSAGE)


def test_a_server_in_trouble_is_tried_again(gotify: Service, message) -> None:
    gotify.says(500, b"")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=TOKEN), {"api_url": gotify.url})
    assert (refused.value.permanent, refused.value.fault) == (False, Fault.PROVIDER)
