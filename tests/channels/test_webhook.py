import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from tocsin.channels.webhook.signature import secret_for, sign
from tocsin.channels.webhook.transport import WebhookTransport
from tocsin.domain.notify.transport import Sent, TransportError

LOOPBACK = ["127.0.0.0/8"]


class Receiver(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    answer_headers: ClassVar[dict[str, str]] = {}
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.status)
        for name, value in self.answer_headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.status, Receiver.answer_headers, Receiver.seen = 200, {}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/hook"
        running.shutdown()


def send(message) -> Sent:
    transport = WebhookTransport(secret_for, LOOPBACK)
    return transport.send(transport.payload(message), idempotency_key=message.key, timeout=5)


def test_a_receiver_can_verify_time_and_body(receiver: str, message) -> None:
    sent = send(message(to=receiver))
    ((headers, body),) = Receiver.seen
    parts = dict(part.split("=", 1) for part in headers["tocsin-signature"].split(","))
    wanted = hmac.new(secret_for(receiver).encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == wanted
    assert int(parts["t"]) == int(message().at.timestamp())
    assert headers["tocsin-id"] == headers["idempotency-key"] == json.loads(body)["id"] == "0190-key"
    assert sent == Sent(provider_id="0190-key", answer="200 thanks")


def test_the_body_says_what_a_program_needs(receiver: str, message) -> None:
    send(message(to=receiver, data={"priority": 1}))
    content = json.loads(Receiver.seen[0][1])
    assert content == {
        "id": "0190-key",
        "at": "2026-03-04T09:00:00+00:00",
        "purpose": "page",
        "urgency": "high",
        "reference": "T-7",
        "subject": "[P1] T-7 needs an answer: Payroll",
        "body": "Nobody is paid.\nImpact: all.",
        "link": "https://desk.example.org/respond/abc",
        "data": {"priority": 1},
    }


def test_receivers_have_secrets_of_their_own(settings) -> None:
    assert secret_for("https://a.example.org/") != secret_for("https://b.example.org/")
    assert settings.WEBHOOK_SECRET not in secret_for("https://a.example.org/")


def test_a_signature_depends_on_time_and_body(message) -> None:
    at = message().at
    signatures = {sign("s", b"a", at), sign("s", b"b", at), sign("s", b"a", at + timedelta(seconds=1))}
    assert len(signatures) == 3


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(302, True), (400, True), (401, True), (404, True), (410, True), (413, True),
     (408, False), (409, False), (425, False), (429, False), (500, False), (503, False)],
)  # fmt: skip
def test_the_status_tells_whether_a_retry_is_futile(receiver: str, message, status: int, permanent: bool) -> None:
    Receiver.status = status
    with pytest.raises(TransportError) as refused:
        send(message(to=receiver))
    assert refused.value.permanent is permanent
    assert refused.value.answer.startswith(str(status))


@pytest.mark.parametrize(
    ("given", "asked"),
    [("30", timedelta(seconds=30)), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("", None), ("²", None)],
)
def test_retry_after_in_seconds_is_passed_on(receiver: str, message, given: str, asked: timedelta | None) -> None:
    Receiver.status, Receiver.answer_headers = 429, {"retry-after": given.encode().decode("latin-1")}
    with pytest.raises(TransportError) as refused:
        send(message(to=receiver))
    assert refused.value.retry_after == asked


def test_a_private_receiver_is_refused_for_good(receiver: str, message) -> None:
    transport = WebhookTransport(secret_for)
    with pytest.raises(TransportError) as refused:
        transport.send(transport.payload(message(to=receiver)), idempotency_key="1", timeout=5)
    assert refused.value.permanent is True
    assert Receiver.seen == []


def test_nobody_listening_is_temporary(message) -> None:
    with pytest.raises(TransportError) as refused:
        send(message(to="http://127.0.0.1:9/"))
    assert refused.value.permanent is False
