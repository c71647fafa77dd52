"""Telegram by a bot: plain text with buttons that answer.

Source: Telegram's Bot API, sendMessage (4,096 characters), InlineKeyboardButton (callback_data of 1 to 64 bytes). No
parse_mode is set: what tickets say is never read as markup.
"""

from typing import Any
from uuid import UUID

from tocsin.domain.notify.enums import TELLING, Channel
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import Post, json_post, not_understood, post, quoted, told
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

API_URL = "https://api.telegram.org"
MOST_TEXT = 4096
LISTED = 20  # pages that a bundle names
VERBS = {"a": "acknowledge", "d": "decline", "n": "call_next"}  # first letter of callback_data


class TelegramTransport:
    """Sends as one bot. The address is the number of a private chat with it."""

    capabilities = Capabilities(channel=Channel.TELEGRAM, bundles=True, takes_keys=False, receipts=False)

    def __init__(self, token: str, api_url: str, reach: Reach) -> None:
        self._url = f"{api_url.rstrip('/')}/bot{token}/sendMessage"
        self._token = token
        self._reach = reach

    def payload(self, message: Message) -> Post:
        """Return the request. Its address holds the token, and is never shown."""
        content: dict[str, Any] = {
            "chat_id": message.to,
            "text": _text(message),
            "link_preview_options": {"is_disabled": True},
            "disable_notification": message.urgency != "high",
        }
        if buttons := _buttons(message):
            content["reply_markup"] = {"inline_keyboard": buttons}
        return json_post(self._url, content)

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - Telegram takes no keys
        """Post it. Raises TransportError. The id is "<chat>:<message>"."""
        try:
            answer = post(payload, reach=self._reach, timeout=timeout)
        except TransportError as error:
            raise self._read(error) from None
        result = told(answer).get("result")
        if not isinstance(result, dict) or "message_id" not in result:
            raise not_understood(answer, own=False)
        chat = result.get("chat", {}).get("id", "")
        return Sent(provider_id=f"{chat}:{result['message_id']}"[:200], answer=quoted(answer)[:3])

    def close(self) -> None:
        """Nothing is kept between requests."""

    def _read(self, error: TransportError) -> TransportError:
        """Telegram says 403 for a person who has blocked the bot: that is about them, not about us."""
        answer = error.answer.replace(self._token, "...")
        if answer.startswith("403"):
            return TransportError(answer, permanent=True, fault=Fault.MESSAGE)
        if answer.startswith("404"):  # an unknown token is an unknown address
            return TransportError(answer, fault=Fault.CREDENTIALS)
        return TransportError(answer, permanent=error.permanent, retry_after=error.retry_after, fault=error.fault)


def _text(message: Message) -> str:
    lines = [message.subject, ""]
    if message.items:
        lines += [f"{item.reference}  {item.subject}".strip() for item in message.items[:LISTED]]
        if len(message.items) > LISTED:
            lines.append(f"and {len(message.items) - LISTED} more")
    else:
        lines.append(message.body)
    if message.code and not message.items:
        lines += ["", f'Or answer "ack {message.code}".']
    text = "\n".join(lines).strip()
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 4]} ..."


def _buttons(message: Message) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = []
    if message.link and message.purpose not in TELLING:
        name = UUID(message.key).hex
        everything = " all" if message.items else ""
        rows.append(
            [
                {"text": f"Acknowledge{everything}", "callback_data": f"a:{name}"},
                {"text": f"Decline{everything}", "callback_data": f"d:{name}"},
            ]
        )
        if not message.items:
            rows.append([{"text": "Call the next", "callback_data": f"n:{name}"}])
    if message.link.startswith("https://"):  # Telegram takes no other address for a button
        rows.append([{"text": "Open", "url": message.link}])
    return rows
