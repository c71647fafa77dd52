"""ntfy: a topic on ntfy.sh or on a server of one's own, with buttons that answer without opening anything.

Source: docs.ntfy.sh, "Publish as JSON", "Action buttons", "Limitations" (4,096 bytes of text, three actions).
"""

from typing import Any

from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.posting import Post, json_post, not_understood, post, quoted, told
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent

API_URL = "https://ntfy.sh"
PRIORITIES = {Urgency.HIGH: 5, Urgency.NORMAL: 3}
MOST_BYTES = 3800  # of the text: what is longer arrives as a file
MOST_TITLE = 250


class NtfyTransport:
    """Publishes to a topic on the operator's server (with its token), or to a topic's full address (without)."""

    capabilities = Capabilities(channel=Channel.NTFY, bundles=True, takes_keys=False, receipts=False)

    def __init__(self, server: str, token: str, reach: Reach) -> None:
        self._server = server.rstrip("/")
        self._token = token
        self._reach = reach

    def payload(self, message: Message) -> Post:
        """Return the request. The token goes to the operator's server only, wherever a person's topic may be."""
        server, topic = self._server, message.to
        if "://" in topic:
            server, _, topic = topic.rpartition("/")
        own = server != self._server
        headers = {"authorization": f"Bearer {self._token}"} if self._token and not own else {}
        return json_post(f"{server}/", _content(topic, message), headers=headers, own=own)

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - ntfy takes no keys
        """Publish it. Raises TransportError."""
        answer = post(payload, reach=self._reach, timeout=timeout)
        made = told(answer).get("id")
        if not isinstance(made, str) or not made:
            raise not_understood(answer, own=payload.own)
        # What it says repeats the message; its id is enough.
        return Sent(provider_id=made[:200], answer=quoted(answer)[:3])

    def close(self) -> None:
        """Nothing is kept between requests."""


def _content(topic: str, message: Message) -> dict[str, Any]:
    urgency = Urgency(message.urgency)
    content: dict[str, Any] = {
        "topic": topic,
        "title": message.subject[:MOST_TITLE],
        "message": _cut(message.body) or message.subject,
        "priority": PRIORITIES[urgency],
        "tags": ["rotating_light"] if urgency is Urgency.HIGH else [],
    }
    if message.link:
        content["click"] = message.link
    actions = _buttons(message)
    return content | ({"actions": actions} if actions else {})


def _buttons(message: Message) -> list[dict[str, Any]]:
    """Return what answers by POST, and what opens the page. At most three."""
    found: list[dict[str, Any]] = []
    if message.answer_url:
        everything = " all" if message.items else ""
        for verb, label in (("acknowledge", f"Acknowledge{everything}"), ("decline", f"Decline{everything}")):
            url = f"{message.answer_url}?verb={verb}"
            found.append({"action": "http", "label": label, "url": url, "method": "POST", "clear": True})
    if message.link:
        found.append({"action": "view", "label": "Open", "url": message.link})
    return found


def _cut(text: str) -> str:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= MOST_BYTES:
        return text
    return encoded[:MOST_BYTES].decode("utf-8", "ignore").rstrip() + " ..."
