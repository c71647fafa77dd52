"""The way in for events of monitoring: verified, bounded, durable before it is answered."""

import base64
import hashlib
import hmac
import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from tocsin.intake.alerts.doors import Gauge, door_of
from tocsin.intake.alerts.models import Event, Integration
from tocsin.intake.alerts.setting_up import Settings, add_integration, rotate_token
from tocsin.kernel.clock import database_now
from tocsin.web.hooks import events as hook
from tocsin.web.hooks.events import Front, Writer

SECRET = "a-long-enough-secret"
type Post = Callable[..., Any]


@pytest.fixture
def added(db: None) -> tuple[str, Integration]:
    return _add()


def _add(**given: Any) -> tuple[str, Integration]:
    wanted = Settings(**{"name": "Monitoring", "kind": "generic", **given})
    return add_integration(wanted=wanted, by=None, now=database_now(connection))


def _post(token: str, body: Any = None, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body or {"title": "Disk full"})
    return Client().post(f"/events/{token}", content, content_type="application/json", headers=headers)


def test_an_event_is_stored_before_it_is_answered(added: tuple[str, Integration]) -> None:
    answer = _post(added[0])
    event = Event.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"id": event.pk, "duplicate": False})
    assert (bytes(event.body), event.state, event.integration) == (b'{"title": "Disk full"}', "stored", added[1])


def test_the_token_may_be_a_bearer(added: tuple[str, Integration]) -> None:
    body = json.dumps({"title": "x"})
    for headers in ({"Authorization": f"Bearer {added[0]}"}, {"X-Api-Key": added[0]}):
        assert Client().post("/events", body, content_type="application/json", headers=headers).status_code == 202
    assert Client().post("/events", body, content_type="application/json").status_code == 404


def test_an_unknown_token_opens_nothing_and_says_where_to_find_one(added: tuple[str, Integration]) -> None:
    answer = _post("tocsin_evt_guessed")
    assert (answer.status_code, answer.json()["code"]) == (404, "integration_not_found")
    assert Event.objects.count() == 0


def test_tokens_are_kept_as_digests_only(added: tuple[str, Integration]) -> None:
    """SECURITY "Tokens": secrets random and stored hashed."""
    row = Integration.objects.values().get()
    assert added[0] not in json.dumps(row, default=str)
    assert len(added[0]) > 50 and row["digest"] == hashlib.sha256(added[0].encode()).hexdigest()


def test_a_get_stores_nothing(added: tuple[str, Integration]) -> None:
    """SECURITY "Tokens": GET never changes state."""
    answer = Client().get(f"/events/{added[0]}")
    assert (answer.status_code, answer["allow"], Event.objects.count()) == (405, "POST", 0)


def test_too_much_is_refused_with_413(added: tuple[str, Integration], settings: Any) -> None:
    settings.EVENT_LARGEST = 100
    answer = _post(added[0], {"title": "x" * 200})
    assert (answer.status_code, "body" in answer.json()["fields"], Event.objects.count()) == (413, True, 0)


@pytest.mark.parametrize("body", [b"<xml/>", b'{"title": ', b"\xff\xff"])
def test_what_is_no_json_is_refused_by_the_field_and_kept_all_the_same(
    added: tuple[str, Integration], body: bytes
) -> None:
    answer = _post(added[0], body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["body"])
    assert bytes(Event.objects.get(pk=answer.json()["id"]).body) == body


def test_an_empty_body_is_refused(added: tuple[str, Integration]) -> None:
    assert (_post(added[0], b" ").status_code, Event.objects.count()) == (400, 0)


def test_the_same_id_twice_is_one_event(added: tuple[str, Integration]) -> None:
    """SECURITY 6: callbacks are idempotent."""
    first, second = (_post(added[0], **{"Idempotency-Key": "r-1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json() == {"id": first.json()["id"], "duplicate": True}
    assert Event.objects.count() == 1


def test_an_id_is_the_senders_own_and_not_anothers(added: tuple[str, Integration]) -> None:
    other, _ = _add(name="Other")
    for token in (added[0], other):
        assert _post(token, **{"Idempotency-Key": "r-1"}).json()["duplicate"] is False


def test_a_signature_is_over_the_raw_body(db: None) -> None:
    """SECURITY "Tokens": replayed or forged webhooks."""
    token, _ = _add(signing="body", secret=SECRET)
    body = b'{"title":  "Disk full"}'
    good = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert _post(token, body, **{"X-Hub-Signature-256": f"sha256={good}"}).status_code == 202
    assert _post(token, body, **{"X-PagerDuty-Signature": f"v1={'0' * 64},v1={good}"}).status_code == 202
    assert _post(token, body + b" ", **{"X-Hub-Signature-256": f"sha256={good}"}).status_code == 401
    assert _post(token, body).status_code == 401
    assert Event.objects.count() == 2


@pytest.mark.parametrize(("off", "status"), [(0, 202), (-290, 202), (-310, 401), (310, 401)])
def test_a_signed_time_is_believed_for_five_minutes(db: None, off: int, status: int) -> None:
    """SECURITY "Tokens": HMAC over the raw body and time, unique id."""
    key = b"0123456789abcdef01234567"
    token, _ = _add(signing="standard", secret="whsec_" + base64.b64encode(key).decode())
    body = b'{"title": "x"}'
    stamp = str(int((database_now(connection) + timedelta(seconds=off)).timestamp()))
    signed = base64.b64encode(hmac.new(key, b"m-1." + stamp.encode() + b"." + body, hashlib.sha256).digest()).decode()
    headers = {"Webhook-Id": "m-1", "Webhook-Timestamp": stamp, "Webhook-Signature": f"v1,AAAA v1,{signed}"}
    assert _post(token, body, **headers).status_code == status
    if status == 202:
        assert _post(token, body, **headers).json()["duplicate"] is True
        assert _post(token, body, **headers | {"Webhook-Id": "m-2"}).status_code == 401


def test_an_old_token_is_good_for_a_day_after_rotation(added: tuple[str, Integration]) -> None:
    at = database_now(connection)
    fresh, row = rotate_token(integration_id=added[1].pk, by=None, now=at)
    assert [_post(one).status_code for one in (added[0], fresh)] == [202, 202]
    Integration.objects.filter(pk=row.pk).update(old_until=at - timedelta(seconds=1))
    assert [_post(one).status_code for one in (added[0], fresh)] == [404, 202]


def test_a_token_that_was_lost_can_be_closed_at_once(added: tuple[str, Integration]) -> None:
    fresh, _ = rotate_token(integration_id=added[1].pk, by=None, now=database_now(connection), keep_old=False)
    assert [_post(one).status_code for one in (added[0], fresh)] == [404, 202]


def test_an_integration_brings_no_more_than_its_limit_and_others_go_on(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "_gauge", Gauge())
    token, _ = _add(per_minute=3)
    other, _ = _add(name="Other")
    answers = [_post(token) for _ in range(5)]
    assert [one.status_code for one in answers] == [202, 202, 202, 429, 429]
    assert answers[-1]["retry-after"] == "10"
    assert _post(other).status_code == 202


def test_the_limit_counts_what_other_processes_took(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = _add(per_minute=3)
    for _ in range(3):
        monkeypatch.setattr(hook, "_gauge", Gauge())
        assert _post(token).status_code == 202
    monkeypatch.setattr(hook, "_gauge", Gauge())
    assert _post(token).status_code == 429


def _front(token: str, body: bytes, method: str = "POST", **more: str) -> tuple[int, dict[str, Any]]:
    told: list[str] = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": f"/events/{token}", "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json", "wsgi.input": io.BytesIO(body), **more,
    }  # fmt: skip

    def passed_on(_environ: Any, start: Any) -> list[bytes]:
        start("299 passed on", [])
        return [b"{}"]

    parts = Front(passed_on)(environ, lambda status, _headers: told.append(status))
    return int(told[0][:3]), json.loads(b"".join(parts))


@pytest.fixture
def writer(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    made = Writer()
    monkeypatch.setattr(hook, "_writer", made)
    yield made
    made.stop()


def test_the_short_way_answers_like_the_plain_one(writer: Writer, settings: Any) -> None:
    token, _ = _add(signing="body", secret=SECRET)
    body = b'{"title": "x"}'
    good = {"HTTP_X_TOCSIN_SIGNATURE": hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
    assert _front(token, body, **good)[0] == 202
    assert _front(token, body)[0] == 401
    assert _front("nobody", body)[0] == 404
    assert _front(token, body, method="GET")[0] == 405
    assert _front("", body)[0] == 404
    assert _front("", body, HTTP_AUTHORIZATION=f"Bearer {token}", **good)[0] == 202
    settings.EVENT_LARGEST = 5
    assert _front(token, body, **good)[0] == 413
    assert _front(token, body, CONTENT_LENGTH="", **good)[0] == 413
    assert _front("a/b/c", body)[0] == 299
    assert Event.objects.count() == 2


def test_what_comes_at_once_is_stored_once_each_and_answered_with_its_own_number(writer: Writer) -> None:
    """SECURITY 10: 202 means durable; what is answered is in the database under the number that was answered."""
    token, _ = _add()
    answers: dict[int, list[tuple[int, dict[str, Any]]]] = {}

    def work(client: int) -> None:
        answers[client] = [_front(token, json.dumps({"title": f"{client}-{n}"}).encode()) for n in range(20)]
        connection.close()

    threads = [threading.Thread(target=work, args=(client,)) for client in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    stored = {pk: json.loads(bytes(body))["title"] for pk, body in Event.objects.values_list("pk", "body")}
    expected = {answer["id"]: f"{client}-{n}" for client, own in answers.items() for n, (_, answer) in enumerate(own)}
    assert stored == expected and len(stored) == 160


def test_what_cannot_be_stored_is_not_answered_202(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    token, row = _add()

    def broken(_events: Any) -> Any:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(hook, "store", broken)
    status, told = _front(token, b'{"title": "x"}')
    assert (status, told["code"], Event.objects.filter(integration=row).count()) == (503, "not_stored", 0)


def test_a_door_is_found_by_its_digest(added: tuple[str, Integration], now: datetime) -> None:
    assert door_of(added[0]).integration == UUID(str(added[1].pk))
