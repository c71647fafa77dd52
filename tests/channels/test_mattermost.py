"""Mattermost against a local server that takes what an incoming webhook takes."""

from collections.abc import Iterator

import pytest

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.mattermost.kind import KIND
from tocsin.channels.mattermost.transport import plain
from tocsin.domain.notify.transport import BundleItem, TransportError

KEY = "xi4jkq7h1tgz8cnwyp6s5b3dmo"


def hook(taken: Taken) -> tuple[int, bytes]:
    if taken.path != f"/hooks/{KEY}":
        return 404, b'{"id":"web.incoming_webhook.invalid.app_error"}'
    return (200, b"ok") if len(taken.json["attachments"][0]["text"]) <= 16_383 else (400, b"too long")


@pytest.fixture
def mattermost() -> Iterator[Service]:
    with running(hook) as service:
        yield service


def test_a_page_is_one_attachment(mattermost: Service, message) -> None:
    sent = send(KIND, message(to=f"{mattermost.url}/hooks/{KEY}"))
    assert mattermost.taken[0].json == {
        "username": "Tocsin",
        "attachments": [
            {
                "fallback": "[P1] T-7 needs an answer: Payroll",
                "color": "#8F1031",
                "title": r"\[P1\] T\-7 needs an answer: Payroll",
                "title_link": "https://desk.example.org/respond/abc",
                "text": "Nobody is paid\\.\nImpact: all\\.\n\n[Answer](https://desk.example.org/respond/abc)",
            }
        ],
    }
    assert sent.answer == "200 ok"


def test_the_key_alone_is_enough_where_the_server_is_set(mattermost: Service, message) -> None:
    send(KIND, message(to=KEY), {"api_url": f"{mattermost.url}/"})
    assert mattermost.taken[0].path == f"/hooks/{KEY}"


def test_a_key_without_a_server_says_what_to_do(message) -> None:
    with pytest.raises(TransportError, match="whole address") as refused:
        send(KIND, message(to=KEY))
    assert refused.value.permanent is True


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("**bold**", r"\*\*bold\*\*"),
        ("[a](https://b.example)", r"\[a\]\(https://b\.example\)"),
        ("@all look", "@\N{ZERO WIDTH SPACE}all look"),
        ("<!channel>", "<\N{ZERO WIDTH SPACE}\\!channel\\>"),
        ("a_b `c` # d", r"a\_b \`c\` \# d"),
        ("C:\\dir", "C:\\\\dir"),
    ],
)
def test_what_a_ticket_says_is_shown_as_it_is(said: str, shown: str) -> None:
    assert plain(said) == shown


def test_a_bundle_links_each_page(mattermost: Service, message) -> None:
    items = (BundleItem("T-1", "Down", "https://desk.example.org/a"), BundleItem("T-2", "Up", ""))
    send(KIND, message(to=f"{mattermost.url}/hooks/{KEY}", items=items))
    text = mattermost.taken[0].json["attachments"][0]["text"]
    assert text.startswith("- [T\\-1 Down](https://desk.example.org/a)\n- T\\-2 Up\n")


def test_a_very_long_page_is_cut_to_what_a_post_takes(mattermost: Service, message) -> None:
    send(KIND, message(to=f"{mattermost.url}/hooks/{KEY}", body="*" * 60_000))
    assert len(mattermost.taken) == 1


def test_a_webhook_that_was_removed_is_futile(mattermost: Service, message) -> None:
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=f"{mattermost.url}/hooks/other"))
    assert refused.value.permanent is True


def test_a_proxy_that_says_yes_is_not_believed(mattermost: Service, message) -> None:
    mattermost.says(200, b"<html>Please sign in</html>")
    with pytest.raises(TransportError, match="without its word"):
        send(KIND, message(to=f"{mattermost.url}/hooks/{KEY}"))
