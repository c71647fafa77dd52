"""Rocket.Chat against a local server that takes what an incoming integration takes."""

from collections.abc import Iterator

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.rocket_chat.kind import KIND
from tocsin.channels.rocket_chat.transport import plain
from tocsin.domain.notify.transport import BundleItem, TransportError

HOOK = "65f0c1a2b3c4d5e6f7a8b9c0/Zx81kQpLr93TtVwYbNmHsDfGjKqWeRtY"


def integration(taken: Taken) -> tuple[int, bytes]:
    return (200, b'{"success":true}') if taken.path == f"/hooks/{HOOK}" else (404, b'{"success":false}')


@pytest.fixture
def rocket() -> Iterator[Service]:
    with running(integration) as service:
        yield service


def test_a_page_is_a_text_with_an_attachment_that_links(rocket: Service, message) -> None:
    sent = send(KIND, message(to=f"{rocket.url}/hooks/{HOOK}", subject="T-7 Payroll"))
    assert rocket.taken[0].json == {
        "alias": "Tocsin",
        "text": "T-7 Payroll",
        "attachments": [
            {
                "color": "#8F1031",
                "text": "Nobody is paid.\nImpact\N{COLON}\N{ZERO WIDTH SPACE} all.",
                "title": "Answer",
                "title_link": "https://desk.example.org/respond/abc",
            }
        ],
    }
    assert sent.answer == '200 {"success":true}'


def test_id_and_token_are_enough_where_the_server_is_set(rocket: Service, message) -> None:
    send(KIND, message(to=HOOK), {"api_url": rocket.url})
    assert rocket.taken[0].path == f"/hooks/{HOOK}"
    with pytest.raises(TransportError, match="whole address"):
        send(KIND, message(to=HOOK))


def test_what_a_ticket_says_formats_and_mentions_nothing() -> None:
    for mark in ("*a*", "_a_", "`a`", "[a](b)", "@all", ":bell:", "||a||", "# a", "> a", "<https://a.example|b>"):
        shown = plain(mark)
        assert shown.replace("\N{ZERO WIDTH SPACE}", "") == mark
        assert mark not in shown


def test_a_bundle_lists_its_pages(rocket: Service, message) -> None:
    items = (BundleItem("T-1", "Down", ""), BundleItem("T-2", "Up", ""))
    send(KIND, message(to=f"{rocket.url}/hooks/{HOOK}", items=items))
    assert rocket.taken[0].json["attachments"][0]["text"] == "T-1 Down\nT-2 Up"


def test_a_no_with_status_200_is_a_no(rocket: Service, message) -> None:
    rocket.says(200, {"success": False, "error": "invalid-channel"})
    with pytest.raises(TransportError, match="invalid-channel"):
        send(KIND, message(to=f"{rocket.url}/hooks/{HOOK}"))
