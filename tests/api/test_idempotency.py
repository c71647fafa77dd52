"""The same POST sent twice is done once, whatever happens in between (SECURITY "Races")."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from tocsin.api import idempotency, rate
from tocsin.api.models import Answered
from tocsin.domain.people import actions as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.clock import database_now

BODY = {"subject": "Printer is out of paper"}


def test_the_second_request_gets_the_first_ones_answer_and_does_nothing(desk: Any, program: Any) -> None:
    caller = program("agent")
    first = caller("POST", "/tickets", BODY, Idempotency_Key="one")
    before = Ticket.objects.count()
    again = caller("POST", "/tickets", BODY, Idempotency_Key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert [again.headers[name] for name in ("Location", "ETag")] == [first.headers[n] for n in ("Location", "ETag")]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert Ticket.objects.count() == before


def test_the_same_key_with_another_body_or_address_is_refused(desk: Any, program: Any) -> None:
    caller = program("agent")
    caller("POST", "/tickets", BODY, Idempotency_Key="one")
    for path, body in (("/tickets", {"subject": "Another"}), (f"/tickets/{desk.queued.number}/take", None)):
        refused = caller("POST", path, body, Idempotency_Key="one")
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_belong_to_their_token(desk: Any, program: Any) -> None:
    numbers = {program("agent")("POST", "/tickets", BODY, Idempotency_Key="one").json()["number"] for _ in range(2)}
    assert len(numbers) == 2


def test_a_refused_request_leaves_its_key_free(desk: Any, program: Any) -> None:
    caller = program("agent")
    wrong = caller("POST", f"/tickets/{desk.ticket.number}/status", {"status": "closed"}, Idempotency_Key="one")
    assert wrong.status_code == 409
    assert Answered.objects.count() == 0
    right = caller("POST", f"/tickets/{desk.ticket.number}/status", {"status": "resolved"}, Idempotency_Key="one")
    assert right.status_code == 200


def test_a_fault_leaves_nothing_behind_and_the_key_free(desk: Any, program: Any, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("after the act")

    caller, before = program("agent"), Ticket.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr("tocsin.api.operations.tickets._answered", broken)
        assert caller("POST", "/tickets", BODY, Idempotency_Key="one").status_code == 500
    assert (Ticket.objects.count(), Answered.objects.count()) == (before, 0)
    assert caller("POST", "/tickets", BODY, Idempotency_Key="one").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "\x01"])
def test_what_is_no_key_is_refused(desk: Any, program: Any, key: str) -> None:
    refused = program("agent")("POST", "/tickets", BODY, Idempotency_Key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_idempotency_key")


def test_a_key_is_free_again_after_a_day_and_its_answer_is_forgotten(desk: Any, program: Any) -> None:
    caller = program("agent")
    first = caller("POST", "/tickets", BODY, Idempotency_Key="one").json()["number"]
    Answered.objects.update(at=desk.now - idempotency.KEPT_FOR - timedelta(minutes=1))
    assert caller("POST", "/tickets", {"subject": "Later"}, Idempotency_Key="one").json()["number"] != first
    now = database_now(connection)
    assert idempotency.forget_old(now=now) == 0
    due = idempotency.next_old()
    assert due is not None and idempotency.forget_old(now=due) == 1
    assert idempotency.next_old() is None


@pytest.fixture
def committed(transactional_db: None) -> Iterator[tuple[str, Any]]:
    """An agent's token in a database that other connections see."""
    rate.forget()
    now = database_now(connection)
    agent = people.create_person(email="agent@race.example", name="Agent", role="agent", by=None, now=now)
    token, _ = people.make_token(owner=agent, name="race", scopes=[Scope.ADMIN], by=agent, now=now)
    yield token, agent
    rate.forget()


def race(token: str, many: int, path: str, body: dict[str, Any], key: str) -> list[Any]:
    """Send the same request from many threads at the same moment, each with its own connection."""
    start, answers = threading.Barrier(many), list[Any]()

    def send() -> None:
        client = Client()
        start.wait()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        answers.append(
            client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)
        )
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_many_at_the_same_moment_one_opens_the_ticket_and_all_get_its_number(committed: tuple[str, Any]) -> None:
    token, _ = committed
    for number in range(5):
        answers = race(token, 6, "/tickets", BODY, f"race-{number}")
        assert {one.status_code for one in answers} == {201}
        assert len({one.json()["number"] for one in answers}) == 1
        assert sum("Idempotent-Replayed" not in one.headers for one in answers) == 1
    assert Ticket.objects.count() == 5


def test_of_many_at_the_same_moment_one_writes_the_message(committed: tuple[str, Any]) -> None:
    token, _ = committed
    number = race(token, 1, "/tickets", BODY, "open")[0].json()["number"]
    answers = race(token, 6, f"/tickets/{number}/messages", {"body": "Once", "kind": "note"}, "write")
    assert {one.status_code for one in answers} == {201}
    assert Message.objects.count() == 1
