"""Telegram's call-backs: the secret or nothing, each acts once, and only for whom the message went to."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.web.conftest import Desk
from tocsin.channels.telegram.kind import KIND
from tocsin.domain.escalation.models import Run
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions
from tocsin.domain.notify.models import AnswerCode, ContactMethod, Delivery, Page, Provider

SECRET = "a-secret-of-twenty-letters"
CHAT = 123456789


@pytest.fixture
def provider(desk: Desk) -> Provider:
    values = {"bot_token": "123456:ABC", "webhook_secret": SECRET}
    return actions.add_provider(kind=KIND, name="Telegram", values=values, by=None, now=desk.now)


@pytest.fixture
def sent(desk: Desk) -> Delivery:
    """The page of whoever is paged, sent to their verified chat."""
    page = Page.objects.filter(run__isnull=False).order_by("pk").first()
    assert page is not None
    ContactMethod.objects.create(user=page.user, channel="telegram", address=str(CHAT), verified_at=desk.now)
    AnswerCode.objects.get_or_create(page=page, defaults={"user": page.user, "code": "4711", "made_at": desk.now})
    return Delivery.objects.create(
        page=page, run=page.run, user=page.user, channel="telegram", address=str(CHAT), state="sent", attempts=1,
        sent_at=desk.now,
    )  # fmt: skip


@pytest.fixture
def post(provider: Provider) -> Callable[..., HttpResponse]:
    def call(update: Any, secret: str = SECRET) -> HttpResponse:
        headers = {"x-telegram-bot-api-secret-token": secret}
        address = f"/hooks/telegram/{provider.pk}"
        response = Client().post(address, update, content_type="application/json", headers=headers)
        assert isinstance(response, HttpResponse)
        return response

    return call


def press(
    letter: str, delivery: UUID, *, number: int = 1, chat: int = CHAT, by: int | None = None, kind: str = "private"
) -> Any:
    message = {"message_id": 7, "chat": {"id": chat, "type": kind}}
    query = {"id": "q1", "from": {"id": by or chat}, "message": message, "data": f"{letter}:{delivery.hex}"}
    return {"update_id": number, "callback_query": query}


def words(text: str, *, number: int = 1, chat: int = CHAT, kind: str = "private") -> Any:
    return {"update_id": number, "message": {"message_id": 8, "chat": {"id": chat, "type": kind}, "text": text}}


def status(sent: Delivery) -> str:
    return str(Run.objects.get(pk=sent.run).status)


def test_a_press_acknowledges_and_says_so(post, sent: Delivery) -> None:
    said = post(press("a", sent.pk)).json()
    assert (said["method"], said["callback_query_id"]) == ("answerCallbackQuery", "q1")
    assert status(sent) == "acknowledged"
    assert Entry.objects.filter(data__via="telegram").exists()


def test_a_repeated_update_acts_once_and_is_answered_alike(post, sent: Delivery) -> None:
    assert post(press("a", sent.pk)).json() == post(press("a", sent.pk)).json()
    assert Entry.objects.filter(data__via="telegram").count() == 1


def test_a_press_from_another_chat_changes_nothing(post, sent: Delivery) -> None:
    assert "somebody else" in post(press("a", sent.pk, chat=999)).json()["text"]
    assert post(press("a", sent.pk, number=2, by=999)).json() == {}
    assert post(press("a", sent.pk, number=3, kind="group")).json() == {}
    assert status(sent) == "climbing"


def test_words_answer_by_code(post, sent: Delivery) -> None:
    said = post(words("ack 4711")).json()
    assert (said["method"], said["chat_id"]) == ("sendMessage", str(CHAT))
    assert status(sent) == "acknowledged"


def test_strangers_get_their_number_and_nothing_else(post, sent: Delivery) -> None:
    assert "999" in post(words("/start", chat=999)).json()["text"]
    assert post(words("ack all", number=2, chat=999)).json() == {}
    assert post(words("ack all", number=3, kind="group")).json() == {}
    assert status(sent) == "climbing"


def test_without_the_secret_nothing_is_read(post, sent: Delivery) -> None:
    for secret in ("", "wrong", "ü"):
        assert post(press("a", sent.pk), secret).status_code == 403
    assert status(sent) == "climbing"


@pytest.mark.parametrize("update", [{}, [], {"update_id": "x"}, {"update_id": 1, "callback_query": 3}])
def test_nonsense_is_refused_without_a_fault(post, update: Any) -> None:
    assert post(update).status_code == 400
