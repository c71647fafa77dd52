"""The assistant against a server that speaks the protocol: what it is told, every way in which it fails, and its key."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.domain.listening.model_server import KEY, ModelServer, serving
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.journal.models import Entry
from tocsin.domain.listening import actions
from tocsin.domain.listening.models import Assistant, AssistantDraft
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, Unavailable


@pytest.fixture
def model(settings: Any) -> Iterator[ModelServer]:
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    with serving() as box:
        yield box


def set_up(desk: Any, box: ModelServer, **more: Any) -> Assistant:
    given = {"enabled": True, "url": box.url, "model": "small-1", "key": KEY, "timeout": 2, **more}
    return actions.save_assistant(by=desk.admin, now=desk.now, **given)


def ask(desk: Any, wanted: str = "summary") -> AssistantDraft:
    return actions.ask_assistant(ticket=desk.ticket, wanted=wanted, by=desk.agent, now=desk.now)


def test_it_is_off_until_somebody_sets_it_up(desk: Any, model: ModelServer) -> None:
    with pytest.raises(Conflict, match="off"):
        ask(desk)
    set_up(desk, model, enabled=False)
    with pytest.raises(Conflict, match="off"):
        ask(desk)
    assert model.asked == []


def test_a_draft_is_kept_with_its_sources_and_nothing_is_sent(desk: Any, model: ModelServer) -> None:
    note = tickets.add_message(
        ticket_id=desk.ticket.pk, kind="note", body="Secret of the house", by=desk.agent, now=desk.now
    )
    set_up(desk, model)
    before = Message.objects.count()
    made = ask(desk, "reply")
    said = Message.objects.get(body="Please hurry.")
    assert (made.text, made.sources, made.model) == (model.text, ["", str(said.pk)], "small-1")
    assert Message.objects.count() == before
    told = model.asked[0]["messages"][1]["content"]
    assert "Please hurry." in told
    assert note.body not in told
    assert desk.requester.name not in told.replace("[name]", "")
    assert Entry.objects.filter(stream=f"ticket:{desk.ticket.pk}", kind="assistant.drafted").count() == 1


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("429", "asked too often"), ("slow", "no answer within"), ("malformed", "not of the form"), ("empty", "empty text"),
        ("redirect", "redirect"), ("huge", "not of the form"),
    ],
)  # fmt: skip
def test_each_failure_is_told_with_what_to_do(desk: Any, model: ModelServer, mode: str, said: str) -> None:
    set_up(desk, model)
    model.mode = mode
    with pytest.raises(Unavailable, match=said):
        ask(desk)
    assert not AssistantDraft.objects.exists()


def test_a_wrong_key_is_told_and_stands_nowhere(desk: Any, model: ModelServer) -> None:
    made = set_up(desk, model, key="sk-wrong-key")
    with pytest.raises(Unavailable, match="refused the key") as refused:
        ask(desk)
    assert "sk-wrong-key" not in refused.value.message
    assert "sk-wrong-key" not in made.sealed_key
    assert not Entry.objects.filter(data__icontains="sk-wrong-key").exists()


def test_a_private_address_is_reached_only_where_the_operator_allows_it(
    desk: Any, model: ModelServer, settings: Any
) -> None:
    set_up(desk, model)
    settings.WEBHOOK_ALLOW = []
    with pytest.raises(Unavailable, match="not a public address"):
        ask(desk)


def test_a_key_is_never_sent_to_another_address(desk: Any, model: ModelServer) -> None:
    set_up(desk, model)
    assert set_up(desk, model, key="").sealed_key
    assert set_up(desk, model, key="", url="https://elsewhere.example/v1").sealed_key == ""


def test_who_may_set_it_up_and_what_is_refused(desk: Any, model: ModelServer) -> None:
    with pytest.raises(NotAllowed):
        actions.save_assistant(enabled=True, url=model.url, model="m", key="", timeout=5, by=desk.lead, now=desk.now)
    for more in ({"url": "ftp://x/v1"}, {"url": "https://me:pw@x.example/v1"}, {"timeout": 999}, {"model": " "}):
        with pytest.raises(InvalidInput):
            set_up(desk, model, **more)
