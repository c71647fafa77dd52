"""Slack's call-backs: signed or refused, each acts once, and only for whom the message went to."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.channels.service import Service, running
from tests.web.conftest import Desk
from tocsin.channels.slack.kind import KIND
from tocsin.domain.escalation.models import Run
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions
from tocsin.domain.notify.models import AnswerCode, ContactMethod, Delivery, Page, Provider

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
MEMBER = "U012AB3CD"


@pytest.fixture
def provider(desk: Desk) -> Provider:
    values = {"bot_token": "xoxb-1", "signing_secret": SECRET}
    return actions.add_provider(kind=KIND, name="Slack", values=values, by=None, now=desk.now)


@pytest.fixture
def sent(desk: Desk) -> Delivery:
    """The page of whoever is paged, sent to their verified Slack account."""
    page = Page.objects.filter(run__isnull=False).order_by("pk").first()
    assert page is not None
    ContactMethod.objects.create(user=page.user, channel="slack", address=MEMBER, verified_at=desk.now)
    AnswerCode.objects.get_or_create(page=page, defaults={"user": page.user, "code": "4711", "made_at": desk.now})
    return Delivery.objects.create(
        page=page,
        run=page.run,
        user=page.user,
        channel="slack",
        address=MEMBER,
        state="sent",
        attempts=1,
        sent_at=desk.now,
    )


@pytest.fixture
def post(desk: Desk, provider: Provider) -> Callable[..., HttpResponse]:
    """Call a hook as Slack does."""

    def call(hook: str, form: dict[str, str], *, secret: str = SECRET, age: int = 0, **more: Any) -> HttpResponse:
        body = urlencode(form)
        stamp = str(int(desk.now.timestamp()) - age)
        digest = hmac.new(
            secret.encode(), f"v0:{stamp}:{more.get('signed', body)}".encode(), hashlib.sha256
        ).hexdigest()
        headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}
        address = f"/hooks/slack/{provider.pk}/{hook}"
        response = Client().post(address, body, content_type="application/x-www-form-urlencoded", headers=headers)
        assert isinstance(response, HttpResponse)
        return response

    return call


def press(sent: Delivery, action: str, member: str = MEMBER, url: str = "", **more: Any) -> dict[str, str]:
    chosen = {"action_id": action, "block_id": f"answer:{sent.pk}", "value": action, **more}
    payload = {"type": "block_actions", "user": {"id": member}, "actions": [chosen], "response_url": url}
    return {"payload": json.dumps(payload)}


def status(sent: Delivery) -> str:
    return str(Run.objects.get(pk=sent.run).status)


@pytest.fixture
def replaced(settings) -> Any:
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    with running(lambda _taken: (200, b"ok")) as service:
        yield service


def test_a_press_acknowledges_and_replaces_the_message(post, sent: Delivery, replaced: Service) -> None:
    assert post("interactive", press(sent, "acknowledge", url=f"{replaced.url}/r")).status_code == 200
    assert status(sent) == "acknowledged"
    assert replaced.taken[0].json["replace_original"] is True
    assert Entry.objects.filter(data__via="slack").exists()


def test_a_repeated_press_acts_once(post, sent: Delivery, replaced: Service) -> None:
    for _ in range(2):
        assert post("interactive", press(sent, "acknowledge", url=f"{replaced.url}/r")).status_code == 200
    assert len(replaced.taken) == 1


def test_a_decline_carries_its_reason(post, sent: Delivery) -> None:
    post("interactive", press(sent, "decline", selected_option={"value": "It is not my area"}))
    assert Entry.objects.filter(data__reason="It is not my area").exists()


def test_somebody_elses_press_changes_nothing(post, sent: Delivery, replaced: Service) -> None:
    post("interactive", press(sent, "acknowledge", member="U999", url=f"{replaced.url}/r"))
    assert status(sent) == "climbing"
    assert "somebody else" in replaced.taken[0].json["text"]


@pytest.mark.parametrize("more", [{"secret": "wrong"}, {"age": 400}, {"age": -400}, {"signed": "other"}])
def test_what_slack_has_not_signed_now_is_refused(post, sent: Delivery, more: dict[str, Any]) -> None:
    assert post("interactive", press(sent, "acknowledge"), **more).status_code == 403
    assert status(sent) == "climbing"


def test_opening_the_link_does_nothing(post, sent: Delivery) -> None:
    assert post("interactive", press(sent, "open")).status_code == 200
    assert status(sent) == "climbing"


@pytest.mark.parametrize("form", [{}, {"payload": "["}, {"payload": "{}"}, {"payload": '{"user": 1}'}])
def test_nonsense_that_is_signed_is_refused_without_a_fault(post, provider, form: dict[str, str]) -> None:
    assert post("interactive", {"x": "1", **form}).status_code == 400


def test_the_command_answers_by_code(post, sent: Delivery) -> None:
    said = post("command", {"command": "/tocsin", "text": "ack 4711", "user_id": MEMBER}).json()
    assert said["response_type"] == "ephemeral"
    assert status(sent) == "acknowledged"


def test_the_command_says_who_is_on_call_to_those_it_knows(post, sent: Delivery) -> None:
    assert "First line" in post("command", {"text": "who", "user_id": MEMBER}).json()["text"]
    assert "belongs to nobody" in post("command", {"text": "who", "user_id": "U999"}).json()["text"]
    assert "belongs to nobody" in post("command", {"text": "ack all", "user_id": "U999"}).json()["text"]
    assert "/tocsin ack" in post("command", {"text": "", "user_id": "U999"}).json()["text"]
