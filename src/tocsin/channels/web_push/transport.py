"""Web push: encrypted for one browser (RFC 8291), signed with our key (VAPID, RFC 8292), by its maker's service.

The address of a method is "<endpoint>#<p256dh>.<auth>": where to post, the browser's public key, its shared secret.
"""

import json
import os
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from tocsin.domain.notify.enums import TELLING, Channel
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import Post, post, quoted
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

KEEP = 4 * 3600  # seconds for which the service keeps what it cannot deliver at once
VALID = timedelta(hours=12)  # of a signature; services take a day at most
MOST_BODY = 2_000  # characters: 4,096 bytes are all that a service must take
GONE = ("404", "410")
TAKEN = (201, 202)  # RFC 8030, 5


@dataclass(frozen=True, slots=True)
class Push:
    """What a browser is told, and whom it is for. Encrypted when it is sent: each time anew."""

    endpoint: str
    key: bytes
    secret: bytes = field(repr=False)
    content: bytes
    urgency: str
    topic: str
    expires: int  # of the signature, seconds since 1970


class WebPushTransport:
    """Posts to the push service that the browser has chosen."""

    # Each browser's service is its own: one that fails says nothing of the others.
    capabilities = Capabilities(
        channel=Channel.WEB_PUSH, bundles=True, takes_keys=False, receipts=False, one_server=False
    )

    def __init__(self, private_key: str, subject: str, reach: Reach) -> None:
        self._vapid = Vapid02.from_raw(private_key.strip().encode())
        self._subject = subject if ":" in subject else f"mailto:{subject}"
        self._reach = reach

    def payload(self, message: Message) -> Push:
        """Return what is told. Raises TransportError for an address that is none."""
        endpoint, _, keys = message.to.partition("#")
        key, _, secret = keys.partition(".")
        try:
            known, shared = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (key, secret))
        except (ValueError, TypeError):
            known = shared = b""
        if len(known) != 65 or len(shared) != 16:
            raise TransportError(
                "this browser's keys are not whole; turn it on again", permanent=True, fault=Fault.MESSAGE
            )
        asks = bool(message.answer_url) and message.purpose not in TELLING
        content = {
            "title": message.subject[:200],
            "body": _lines(message)[:MOST_BODY],
            "url": message.link,
            "answer": message.answer_url if asks else "",
            "all": bool(message.items),
            "tag": message.key,
            "urgent": message.urgency == "high",
        }
        encoded = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        if len(encoded) > 3_800:
            encoded = json.dumps(content | {"body": content["title"]}, ensure_ascii=False).encode("utf-8", "replace")
        expires = int((message.at + VALID).timestamp())
        return Push(endpoint, known, shared, encoded, message.urgency, message.key.replace("-", "")[:32], expires)

    def send(self, payload: Push, *, idempotency_key: str, timeout: float) -> Sent:
        """Encrypt, sign and post it. Raises TransportError: permanent when the browser has turned it off (404, 410)."""
        place = urlsplit(payload.endpoint)
        claims = {"aud": f"{place.scheme}://{place.netloc}", "exp": payload.expires, "sub": self._subject}
        body = http_ece.encrypt(
            payload.content, salt=os.urandom(16), private_key=ec.generate_private_key(ec.SECP256R1()), dh=payload.key,
            auth_secret=payload.secret, version="aes128gcm",
        )  # fmt: skip
        headers = {
            **self._vapid.sign(claims), "content-encoding": "aes128gcm", "content-type": "application/octet-stream",
            "ttl": str(KEEP), "urgency": payload.urgency, "topic": payload.topic,
        }  # fmt: skip
        try:
            answer = post(Post(payload.endpoint, body, headers, own=True), reach=self._reach, timeout=timeout)
        except TransportError as error:
            if error.answer.startswith(GONE):
                gone = f"{error.answer[:3]} this browser no longer takes our messages"
                raise TransportError(gone, permanent=True, fault=Fault.MESSAGE) from None
            raise
        if answer.status not in TAKEN:
            raise TransportError(f"no push service answered: {quoted(answer)}", fault=Fault.UNSURE)
        return Sent(provider_id=answer.headers.get("location", idempotency_key)[-200:], answer=quoted(answer))

    def close(self) -> None:
        """Nothing is kept between requests."""


def _lines(message: Message) -> str:
    if message.items:
        return "\n".join(f"{item.reference}  {item.subject}".strip() for item in message.items[:10])
    return message.body
