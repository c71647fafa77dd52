"""Pushover: urgent pages as emergencies, which sound again until somebody acknowledges them on the phone.

That acknowledgement comes back to us (intake/replies/pushover.py) and answers the page.
Source: pushover.net/api: message of 1,024 and title of 250 characters, url of 512, retry from 30 s, expire up to 3 h.
"""

from collections.abc import Mapping

from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import Post, form_post, not_understood, post, quoted, told
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

API_URL = "https://api.pushover.net"
MOST_TITLE, MOST_BODY, MOST_URL = 250, 1024, 512
RETRY = 60  # seconds between two soundings of an emergency
EXPIRE = 600  # seconds after which it gives up: by then the next level is due


class PushoverTransport:
    """Posts with the operator's application token to a person's user key (and device, after a colon)."""

    capabilities = Capabilities(channel=Channel.PUSHOVER, bundles=True, takes_keys=False, receipts=True)

    def __init__(self, token: str, api_url: str, reach: Reach, *, expire: int = EXPIRE) -> None:
        self._token = token
        self._url = f"{api_url.rstrip('/')}/1/messages.json"
        self._reach = reach
        self._expire = expire

    def payload(self, message: Message) -> Post:
        """Return the request."""
        return form_post(self._url, self._fields(message))

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - Pushover takes no keys
        """Post it. Raises TransportError. The receipt of an emergency, else the request, is its id."""
        try:
            answer = post(payload, reach=self._reach, timeout=timeout)
        except TransportError as error:
            raise _read(error) from None
        said = told(answer)
        if said.get("status") != 1:
            raise not_understood(answer, own=payload.own)
        return Sent(provider_id=str(said.get("receipt") or said.get("request") or "")[:200], answer=quoted(answer))

    def close(self) -> None:
        """Nothing is kept between requests."""

    def _fields(self, message: Message) -> Mapping[str, str]:
        user, _, device = message.to.partition(":")
        fields = {
            "token": self._token,
            "user": user,
            "title": message.subject[:MOST_TITLE],
            "message": _text(message)[:MOST_BODY],
            "timestamp": str(int(message.at.timestamp())),
            "priority": "0",
        }
        if device:
            fields["device"] = device
        if message.link and len(message.link) <= MOST_URL:
            fields |= {"url": message.link, "url_title": "Answer" if message.answer_url else "Open"}
        if message.urgency == Urgency.HIGH:
            fields |= self._emergency(message) if message.answer_url else {"priority": "1"}
        return fields

    def _emergency(self, message: Message) -> dict[str, str]:
        """An emergency only where an answer is waited for: a warning must not sound until it is acknowledged."""
        fields = {"priority": "2", "retry": str(RETRY), "expire": str(self._expire), "tags": f"page={message.key}"}
        if self._reach.base_url:
            token = message.answer_url.rstrip("/").rpartition("/")[2]
            fields["callback"] = f"{self._reach.base_url}/hooks/pushover/{token}"
        return fields


def _text(message: Message) -> str:
    if message.items:
        return "\n".join(f"{item.reference} {item.subject}".strip() for item in message.items)
    return message.body or message.subject


def _read(error: TransportError) -> TransportError:
    """Tell a wrong user key (the person's) from a wrong token or a used-up month (everybody's)."""
    text = error.answer
    if text.startswith("429"):
        told = f"{text}: the application's month is used up"
        return TransportError(told, retry_after=error.retry_after, fault=Fault.CREDENTIALS)
    if text.startswith("4") and '"token":"invalid"' in text.replace(" ", ""):
        return TransportError(text, fault=Fault.CREDENTIALS)
    return TransportError(text, permanent=error.permanent, retry_after=error.retry_after, fault=error.fault)
