"""Signed webhooks by the guarded client."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tocsin.channels.webhook.signature import sign
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.guarded import Answer, Refused, Unreachable, fetch
from tocsin.domain.notify.transport import Capabilities, Message, Sent, TransportError

# What a later try may change; every other 4xx is about this request and stays.
TEMPORARY = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Post:
    """One request, complete but for the sending."""

    url: str
    body: bytes
    headers: dict[str, str]


class WebhookTransport:
    """Posts JSON. `secret_for(url)` gives the receiver's signing secret; `allow` its networks that are not public."""

    # Receivers are programs: each page is its own event for them.
    capabilities = Capabilities(
        channel=Channel.WEBHOOK, bundles=False, takes_keys=True, receipts=False, one_server=False
    )

    def __init__(self, secret_for: Callable[[str], str], allow: Sequence[str] = ()) -> None:
        self._secret_for = secret_for
        self._allow = tuple(allow)

    def payload(self, message: Message) -> Post:
        """Return the signed request: the page as one JSON object (docs/operator.md describes its fields)."""
        content = {
            "id": message.key,
            "at": message.at.isoformat(),
            "purpose": message.purpose,
            "urgency": message.urgency,
            "reference": message.reference,
            "subject": message.subject,
            "body": message.body,
            "link": message.link,
            "data": dict(message.data),
        }
        body = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()
        headers = {
            "content-type": "application/json",
            "idempotency-key": message.key,
            "tocsin-id": message.key,
            "tocsin-signature": sign(self._secret_for(message.to), body, message.at),
        }
        return Post(message.to, body, headers)

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:
        """Post it. Raises TransportError: permanent for refused addresses, redirects and most 4xx."""
        headers = payload.headers | {"idempotency-key": idempotency_key}
        try:
            answer = fetch(
                "POST", payload.url, body=payload.body, headers=headers, timeout=timeout, allow=self._allow, most=4096
            )
        except Refused as error:
            raise TransportError(str(error), permanent=True) from error
        except Unreachable as error:
            raise TransportError(str(error)) from error
        text = f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}".replace("\x00", "").strip()
        if 200 <= answer.status < 300:
            return Sent(provider_id=answer.headers.get("tocsin-receipt", idempotency_key)[:200], answer=text)
        permanent = 300 <= answer.status < 500 and answer.status not in TEMPORARY
        raise TransportError(text, permanent=permanent, retry_after=_retry_after(answer))

    def close(self) -> None:
        """Nothing is kept between requests."""


def _retry_after(answer: Answer) -> timedelta | None:
    """Return Retry-After if given in seconds; a date would need the sender's own clock, which is not to be trusted."""
    given = answer.headers.get("retry-after", "").strip()
    return timedelta(seconds=int(given[:6])) if given.isascii() and given.isdigit() else None
