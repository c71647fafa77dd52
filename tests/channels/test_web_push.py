"""Web push against a local push service that decrypts (RFC 8291) and checks the signature (RFC 8292)."""

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import http_ece
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.channels.service import Service, Taken, running, send
from tocsin.channels.web_push.kind import KIND, new_key, public_key
from tocsin.domain.notify.logic.addresses import BadAddress, checked
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import BundleItem, TransportError

SECRET = b"\x07" * 16


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(words: str) -> bytes:
    return urlsafe_b64decode(words + "=" * (-len(words) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@dataclass
class PushService:
    """What a maker of browsers runs: it knows with which key the browser has subscribed."""

    browser: ec.EllipticCurvePrivateKey
    application: str  # the public key with which the browser subscribed

    def answer(self, taken: Taken) -> tuple[int, bytes, dict[str, str]]:
        headers = taken.headers
        if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl", "").isdigit():
            return 400, b"bad headers", {}
        if len(taken.body) > 4096 or len(headers.get("topic", "")) > 32:
            return 413, b"too large", {}
        if not self.signed(headers.get("authorization", ""), f"http://{headers['host']}"):
            return 403, b"not signed by the key of this subscription", {}
        return 201, b"", {"location": "/message/1"}

    def signed(self, authorization: str, audience: str) -> bool:
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        head, claims, signature = parts["t"].split(".")
        told = json.loads(raw(claims))
        now = datetime(2026, 3, 4, 9, tzinfo=UTC).timestamp()
        if scheme.lower() != "vapid" or parts["k"] != self.application or json.loads(raw(head))["alg"] != "ES256":
            return False
        if told["aud"] != audience or not now < told["exp"] <= now + 86_400 or not told["sub"].startswith("mailto:"):
            return False
        both = raw(signature)
        der = encode_dss_signature(int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
        try:
            key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def read(self, taken: Taken) -> dict[str, Any]:
        """What the browser shows."""
        clear = http_ece.decrypt(taken.body, private_key=self.browser, auth_secret=SECRET, version="aes128gcm")
        found: dict[str, Any] = json.loads(clear)
        return found


KEY = new_key()


@pytest.fixture
def maker() -> PushService:
    return PushService(ec.generate_private_key(ec.SECP256R1()), public_key(KEY))


@pytest.fixture
def service(maker: PushService) -> Iterator[Service]:
    with running(maker.answer) as service:
        yield service


def address(service: Service, maker: PushService) -> str:
    return f"{service.url}/push/1#{text(point(maker.browser.public_key()))}.{text(SECRET)}"


def values(key: str = KEY) -> dict[str, str]:
    return {"private_key": key, "subject": "ops@example.org"}


def test_a_page_can_be_read_by_the_browser_alone_and_answered(service: Service, maker: PushService, message) -> None:
    page = message(to=address(service, maker), answer_url="https://desk.example.org/answer/abc")
    sent = send(KIND, page, values())
    told = maker.read(service.taken[0])
    assert told == {
        "title": "[P1] T-7 needs an answer: Payroll", "body": "Nobody is paid.\nImpact: all.",
        "url": "https://desk.example.org/respond/abc", "answer": "https://desk.example.org/answer/abc", "all": False,
        "tag": "0190-key", "urgent": True,
    }  # fmt: skip
    assert b"Payroll" not in service.taken[0].body
    assert service.taken[0].headers["urgency"] == "high"
    assert sent.provider_id == "/message/1"


def test_each_message_is_encrypted_anew(service: Service, maker: PushService, message) -> None:
    page = message(to=address(service, maker))
    send(KIND, page, values())
    send(KIND, page, values())
    first, second = service.taken
    assert first.body != second.body
    assert maker.read(first) == maker.read(second)


def test_a_notice_has_no_buttons(service: Service, maker: PushService, message) -> None:
    notice = message(
        to=address(service, maker), purpose="notice", urgency="normal", answer_url="https://d.example/answer/a"
    )
    send(KIND, notice, values())
    told = maker.read(service.taken[0])
    assert (told["answer"], told["urgent"]) == ("", False)


def test_a_bundle_is_listed_and_answered_as_a_whole(service: Service, maker: PushService, message) -> None:
    items = tuple(BundleItem(f"T-{n}", "x" * 300, "") for n in range(37))
    send(KIND, message(to=address(service, maker), items=items, answer_url="https://d.example/answer/a"), values())
    told = maker.read(service.taken[0])
    assert told["all"] is True
    assert told["body"].startswith("T-0  x")


def test_long_texts_fit_what_every_service_takes(service: Service, maker: PushService, message) -> None:
    send(KIND, message(to=address(service, maker), body="ß" * 20_000, subject="ü" * 5_000), values())
    assert maker.read(service.taken[0])["title"] == "ü" * 200


def test_a_key_that_was_changed_is_told(service: Service, maker: PushService, message) -> None:
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=address(service, maker)), values(new_key()))
    assert refused.value.answer.startswith("403 not signed")


@pytest.mark.parametrize(("status", "permanent"), [(404, True), (410, True), (429, False), (500, False), (503, False)])
def test_a_browser_that_is_gone_is_given_up_and_a_busy_service_is_not(
    service: Service, maker: PushService, message, status: int, permanent: bool
) -> None:
    service.says(status, b"no", retry_after="7")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=address(service, maker)), values())
    assert (refused.value.permanent, refused.value.fault is Fault.CREDENTIALS) == (permanent, False)
    assert ("no longer takes" in refused.value.answer) is permanent
    if status == 429:
        assert refused.value.retry_after is not None


def test_a_page_of_a_proxy_is_not_believed(service: Service, maker: PushService, message) -> None:
    service.says(200, b"<html>Sign in to the network</html>")
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=address(service, maker)), values())
    assert refused.value.fault is Fault.UNSURE


def test_a_service_that_does_not_answer_is_left_in_time(maker: PushService, message) -> None:
    def sleeps(_taken: Taken) -> tuple[int, bytes]:
        time.sleep(1)
        return 201, b""

    with running(sleeps) as slow:
        began = time.monotonic()
        with pytest.raises(TransportError):
            send(KIND, message(to=address(slow, maker)), values(), timeout=0.2)
        assert time.monotonic() - began < 0.9


@pytest.mark.parametrize("keys", ["", "short.keys", "!!.!!", "A" * 87 + "." + "B" * 21])
def test_an_address_without_whole_keys_is_refused(service: Service, message, keys: str) -> None:
    with pytest.raises(TransportError) as refused:
        send(KIND, message(to=f"{service.url}/push/1#{keys}"), values())
    assert (refused.value.permanent, service.taken) == (True, [])
    with pytest.raises(BadAddress):
        checked("web_push", f"https://push.example.org/1#{keys}")
