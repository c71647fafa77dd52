"""Rocket.Chat by incoming integrations: a message with one attachment.

Source: Rocket.Chat's documentation, "Incoming WebHook integrations" and "postMessage" attachments. Markdown and
mentions are understood in texts, so what tickets say is escaped.
"""

import re
from typing import Any

from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import Post, json_post, not_understood, post, quoted, told
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

MOST_BODY = 4000  # characters; a message takes 5,000 unless its administrator says otherwise
COLOURS = {Urgency.HIGH: "#8F1031", Urgency.NORMAL: "#5B6472"}
_MARKS = re.compile(r"[*_~`>\[\]()#|\\:@<]")
_APART = "\N{ZERO WIDTH SPACE}"  # Rocket.Chat's parser knows no escape for most of its marks; apart they mean nothing


class RocketChatTransport:
    """Posts to an integration's address, or with id/token to the operator's server."""

    def __init__(self, server: str, reach: Reach) -> None:
        self._server = server.rstrip("/")
        self._reach = reach
        self.capabilities = Capabilities(
            channel=Channel.ROCKET_CHAT, bundles=True, takes_keys=False, receipts=False, one_server=bool(server)
        )

    def payload(self, message: Message) -> Post:
        """Return the request. Raises TransportError for id/token where no server is set."""
        url, own = self._url(message.to)
        content = {"alias": "Tocsin", "text": plain(message.subject[:300]), "attachments": [_attachment(message)]}
        return json_post(url, content, own=own)

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:
        """Post it. Raises TransportError."""
        answer = post(payload, reach=self._reach, timeout=timeout)
        if told(answer).get("success") is not True:
            raise not_understood(answer, own=payload.own)
        return Sent(provider_id=idempotency_key, answer=quoted(answer))

    def close(self) -> None:
        """Nothing is kept between requests."""

    def _url(self, to: str) -> tuple[str, bool]:
        """Return (address, whether its server is the person's own choice)."""
        if "://" in to:
            return to, not (self._server and to.startswith(f"{self._server}/"))
        if not self._server:
            message = "no Rocket.Chat server is set for id/token; give the integration's whole address"
            raise TransportError(message, permanent=True, fault=Fault.MESSAGE)
        return f"{self._server}/hooks/{to}", False


def _attachment(message: Message) -> dict[str, Any]:
    lines = [plain(f"{item.reference} {item.subject}".strip()) for item in message.items]
    made: dict[str, Any] = {
        "color": COLOURS[Urgency(message.urgency)],
        "text": "\n".join(lines) if lines else plain(message.body[:MOST_BODY]),
    }
    if message.link:
        # A title with a link is drawn as a link; its text knows no markup.
        made |= {"title": "Answer" if message.reference or message.items else "Open", "title_link": message.link}
    made["text"] = made["text"][:MOST_BODY]
    return made


def plain(text: str) -> str:
    """Return `text` so that Rocket.Chat shows it as it is: no formatting, no links of its own, nobody mentioned."""
    return _MARKS.sub(lambda mark: f"{mark[0]}{_APART}", text)
