"""Slack by a bot: a direct message (or a channel's) with buttons that answer.

Source: Slack's developer documentation, chat.postMessage and "Block Kit" (header 150, section 3,000 characters, 50
blocks, a button's value 2,000). Text is sent as plain_text: nothing in a ticket is read as markup or as a mention.
"""

from typing import Any

from tocsin.domain.notify.enums import TELLING, Channel
from tocsin.domain.notify.guarded import Answer
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import Post, json_post, not_understood, post, quoted, told
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

API_URL = "https://slack.com/api"
MOST_HEADER, MOST_TEXT, MOST_BUTTON = 150, 3000, 75
LISTED = 15  # pages that a bundle names; the page behind the link has them all
REASONS = (
    "I am not available", "It is not my area", "I am on another urgent case", "It came to the wrong person",
)  # fmt: skip
# What Slack says with ok: false. What is not listed is about this message.
CREDENTIALS = frozenset(
    {
        "access_denied", "account_inactive", "invalid_auth", "missing_scope", "no_permission", "not_allowed_token_type",
        "not_authed", "org_login_required", "team_access_not_granted", "token_expired", "token_revoked",
    }
)  # fmt: skip
UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout"})
BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
PROVIDER = frozenset({"service_unavailable", "team_added_to_org", "ekm_access_denied"})


class SlackTransport:
    """Posts as the bot of one workspace. The address is a member's or a channel's id."""

    capabilities = Capabilities(channel=Channel.SLACK, bundles=True, takes_keys=False, receipts=False)

    def __init__(self, token: str, api_url: str, reach: Reach) -> None:
        self._token = token
        self._url = f"{api_url.rstrip('/')}/chat.postMessage"
        self._reach = reach

    def payload(self, message: Message) -> Post:
        """Return the request."""
        content = {
            "channel": message.to,
            "text": _escaped(message.subject),  # what a notification shows
            "blocks": _blocks(message),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return json_post(self._url, content, headers={"authorization": f"Bearer {self._token}"})

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - Slack takes no keys
        """Post it. Raises TransportError. The id is "<channel>:<ts>", by which Slack names a message."""
        answer = post(payload, reach=self._reach, timeout=timeout)
        said = told(answer)
        if said.get("ok") is not True:
            raise _refusal(answer, said)
        return Sent(provider_id=f"{said.get('channel', '')}:{said.get('ts', '')}"[:200], answer=f"{answer.status} ok")

    def close(self) -> None:
        """Nothing is kept between requests."""


def _refusal(answer: Answer, said: dict[str, Any]) -> TransportError:
    error = said.get("error")
    if not isinstance(error, str):
        return not_understood(answer, own=False)
    if error in BUSY:
        return TransportError(quoted(answer), fault=Fault.BUSY)
    if error in CREDENTIALS:
        return TransportError(quoted(answer), fault=Fault.CREDENTIALS)
    if error in UNSURE:
        return TransportError(quoted(answer), fault=Fault.UNSURE)
    if error in PROVIDER:
        return TransportError(quoted(answer), fault=Fault.PROVIDER)
    return TransportError(quoted(answer), permanent=True, fault=Fault.MESSAGE)


def _blocks(message: Message) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(message.subject, MOST_HEADER)}]
    if message.items:
        lines = [f"{item.reference}  {item.subject}".strip() for item in message.items[:LISTED]]
        if len(message.items) > LISTED:
            lines.append(f"and {len(message.items) - LISTED} more")
        blocks.append({"type": "section", "text": _plain("\n".join(lines), MOST_TEXT)})
    elif message.body.strip():
        blocks.append({"type": "section", "text": _plain(message.body, MOST_TEXT)})
    if buttons := _buttons(message):
        # The block's id comes back with a press: it names the message, whichever button it was.
        blocks.append({"type": "actions", "block_id": f"answer:{message.key}", "elements": buttons})
    return blocks


def _buttons(message: Message) -> list[dict[str, Any]]:
    opens = {"type": "button", "action_id": "open", "text": _plain("Open", MOST_BUTTON), "url": message.link}
    if message.purpose in TELLING or not message.link:
        return [opens] if message.link else []
    everything = " all" if message.items else ""
    options = [{"text": _plain(reason, MOST_BUTTON), "value": reason[:75]} for reason in REASONS]
    acknowledge = {
        "type": "button", "action_id": "acknowledge", "style": "primary",
        "text": _plain(f"Acknowledge{everything}", MOST_BUTTON), "value": "acknowledge",
    }  # fmt: skip
    decline = {
        "type": "static_select", "action_id": "decline", "placeholder": _plain("Decline because ...", MOST_BUTTON),
        "options": options,
    }  # fmt: skip
    further = {
        "type": "button",
        "action_id": "call_next",
        "text": _plain("Call the next", MOST_BUTTON),
        "value": "call_next",
    }
    return [acknowledge, decline, *([] if message.items else [further]), opens]


def _plain(text: str, most: int) -> dict[str, Any]:
    text = text.strip() or "-"
    return {"type": "plain_text", "text": text if len(text) <= most else f"{text[: most - 4]} ...", "emoji": False}


def _escaped(text: str) -> str:
    """Return text for the one field that Slack reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:MOST_TEXT]
