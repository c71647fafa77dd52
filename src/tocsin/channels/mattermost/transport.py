"""Mattermost by incoming webhooks: a message with one attachment, which keeps a page together.

Source: Mattermost's developer documentation, "Incoming webhooks" and "Message attachments". Markdown, mentions and
Slack's <...> are understood everywhere in a post, so what tickets say is escaped.
"""

import re
from typing import Any

from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import Post, json_post, not_understood, post, quoted
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

MOST_BODY = 7000  # characters; a post takes 16,383, and escaping may double them
COLOURS = {Urgency.HIGH: "#8F1031", Urgency.NORMAL: "#5B6472"}
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>])")
_APART = "\N{ZERO WIDTH SPACE}"  # keeps @all and <!channel> from being read as what they are


class MattermostTransport:
    """Posts to a webhook's address, or with its key to the operator's server."""

    def __init__(self, server: str, reach: Reach) -> None:
        self._server = server.rstrip("/")
        self._reach = reach
        self.capabilities = Capabilities(
            channel=Channel.MATTERMOST, bundles=True, takes_keys=False, receipts=False, one_server=bool(server)
        )

    def payload(self, message: Message) -> Post:
        """Return the request. Raises TransportError for a key where no server is set."""
        url, own = self._url(message.to)
        return json_post(url, {"username": "Tocsin", "attachments": [_attachment(message)]}, own=own)

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:
        """Post it. Raises TransportError."""
        answer = post(payload, reach=self._reach, timeout=timeout)
        if answer.body.strip().strip(b'"') != b"ok":
            raise not_understood(answer, own=payload.own)
        return Sent(provider_id=idempotency_key, answer=quoted(answer))

    def close(self) -> None:
        """Nothing is kept between requests."""

    def _url(self, to: str) -> tuple[str, bool]:
        """Return (address, whether its server is the person's own choice)."""
        if "://" in to:
            return to, not (self._server and to.startswith(f"{self._server}/"))
        if not self._server:
            message = "no Mattermost server is set for a webhook's key; give the webhook's whole address"
            raise TransportError(message, permanent=True, fault=Fault.MESSAGE)
        return f"{self._server}/hooks/{to}", False


def _attachment(message: Message) -> dict[str, Any]:
    lines = [_item(item.reference, item.subject, item.link) for item in message.items] or [
        plain(message.body[:MOST_BODY])
    ]
    made: dict[str, Any] = {
        "fallback": message.subject,
        "color": COLOURS[Urgency(message.urgency)],
        "title": plain(message.subject[:300]),
        "text": "\n".join(lines)[: 2 * MOST_BODY],
    }
    if message.link:
        made["title_link"] = message.link
        made["text"] += f"\n\n[{'Answer' if message.reference or message.items else 'Open'}]({message.link})"
    return made


def _item(reference: str, subject: str, link: str) -> str:
    name = plain(f"{reference} {subject}".strip())
    return f"- [{name}]({link})" if link else f"- {name}"


def plain(text: str) -> str:
    """Return `text` so that Mattermost shows it as it is: no formatting, no links of its own, nobody mentioned."""
    # Before the backslashes, so that these do not hide a mention's beginning.
    apart = re.sub(r"([@<])", rf"\1{_APART}", text)
    return _MARKS.sub(r"\\\1", apart)
