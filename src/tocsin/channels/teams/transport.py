"""Microsoft Teams by a Workflows webhook ("Post to a chat when a webhook request is received"): an Adaptive Card.

All text stands in text runs, which know no markup, so nothing that a ticket says can format, link or mention.
Source: Microsoft Learn, "Create incoming webhooks with Workflows"; Adaptive Cards 1.4; cards up to 28 KB.
"""

from typing import Any

from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.posting import Post, json_post, not_understood, post, quoted
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent

MOST_SUBJECT = 300
MOST_BODY = 6000  # characters: with four bytes each still within a card's 28 KB
MOST_ITEMS = 20


class TeamsTransport:
    """Posts a card to the webhook that a person has made: an address of their own."""

    capabilities = Capabilities(channel=Channel.TEAMS, bundles=True, takes_keys=False, receipts=False, one_server=False)

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def payload(self, message: Message) -> Post:
        """Return the request."""
        return json_post(message.to, _envelope(_card(message)), own=True)

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:
        """Post it. Raises TransportError. The workflow answers 202 before it has run; 200 only from older webhooks."""
        answer = post(payload, reach=self._reach, timeout=timeout)
        # The webhooks that Workflows replace said 200 and the error in words.
        if answer.status == 200 and answer.body.strip() not in (b"", b"1"):
            raise not_understood(answer, own=payload.own)
        run = answer.headers.get("x-ms-workflow-run-id", "")
        return Sent(provider_id=run[:200] or idempotency_key, answer=quoted(answer))

    def close(self) -> None:
        """Nothing is kept between requests."""


def _envelope(card: dict[str, Any]) -> dict[str, Any]:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _card(message: Message) -> dict[str, Any]:
    urgent = message.urgency == Urgency.HIGH
    title = _text(message.subject[:MOST_SUBJECT], size="large", weight="bolder")
    head = {"type": "Container", "style": "attention" if urgent else "emphasis", "bleed": True, "items": [title]}
    body = [head, *(_text(line) for line in _lines(message))]
    actions = [{"type": "Action.OpenUrl", "title": _verb(message), "url": message.link}] if message.link else []
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": message.subject[:MOST_SUBJECT],
        "msteams": {"width": "Full"},
        "body": body,
        "actions": actions,
    }


def _lines(message: Message) -> list[str]:
    if message.items:
        shown = [f"{item.reference} {item.subject}".strip() for item in message.items[:MOST_ITEMS]]
        return shown + ([f"and {len(message.items) - MOST_ITEMS} more"] if len(message.items) > MOST_ITEMS else [])
    text = message.body[:MOST_BODY]
    return [line for line in text.splitlines() if line.strip()][:60]


def _verb(message: Message) -> str:
    if message.items:
        return "Answer them all"
    return "Answer" if message.reference else "Open"


def _text(text: str, **run: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " ", **run}]}
