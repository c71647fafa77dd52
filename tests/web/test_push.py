"""This browser as a way to reach me: the key it subscribes with, its subscription, and the worker that shows pages."""

from typing import Any

import pytest
from django.test import Client

from tests.channels.test_web_push import text
from tocsin.channels.web_push.kind import KIND, new_key, public_key
from tocsin.domain.notify import actions
from tocsin.domain.notify.models import ContactMethod

FIELDS = {"endpoint": "https://push.example.org/send/abc", "p256dh": text(b"\x04" * 65), "auth": text(b"\x01" * 16)}
KEY = new_key()


@pytest.fixture
def provider(desk: Any) -> None:
    values = {"private_key": KEY, "subject": "ops@example.org"}
    actions.add_provider(kind=KIND, name="Browsers", values=values, by=None, now=desk.now)


def test_the_page_gives_the_public_half_of_the_key_and_never_the_private(
    desk: Any, provider: None, signed_in: Any
) -> None:
    html = signed_in("agent").get("/me/notifications").content.decode()
    assert f'data-key="{public_key(KEY)}"' in html
    assert KEY not in html


def test_without_a_provider_the_page_says_who_can_help(desk: Any, signed_in: Any) -> None:
    html = signed_in("agent").get("/me/notifications").content.decode()
    assert "Notifications in browsers are not set up" in html
    assert signed_in("agent").post("/push/subscribe", FIELDS).status_code == 409


def test_a_subscription_is_taken_once_and_needs_no_code(desk: Any, provider: None, signed_in: Any) -> None:
    client = signed_in("agent")
    assert [client.post("/push/subscribe", FIELDS).status_code for _ in range(2)] == [204, 204]
    method = ContactMethod.objects.get(channel="web_push")
    assert method.user == desk.agent
    assert method.verified_at is not None
    # The browser's shared secret is kept encrypted, and no list shows it.
    assert FIELDS["auth"] not in method.address
    assert FIELDS["auth"] not in client.get("/me/notifications").content.decode()


@pytest.mark.parametrize("wrong", [{"endpoint": "javascript:1"}, {"p256dh": ""}, {"auth": "x#y"}])
def test_what_no_browser_sends_is_refused(desk: Any, provider: None, signed_in: Any, wrong: dict[str, str]) -> None:
    assert signed_in("agent").post("/push/subscribe", FIELDS | wrong).status_code == 400
    assert not ContactMethod.objects.filter(channel="web_push").exists()


def test_the_worker_is_served_at_the_root_for_everybody(client: Client) -> None:
    answer = client.get("/push/worker.js")
    assert (answer["content-type"], answer["service-worker-allowed"]) == ("text/javascript", "/")
    assert b"showNotification" in answer.content


def test_a_browser_cannot_be_added_by_hand(desk: Any, provider: None, signed_in: Any) -> None:
    assert "?channel=web_push" not in signed_in("agent").get("/me/notifications/add").content.decode()
