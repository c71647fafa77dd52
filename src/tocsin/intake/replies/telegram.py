"""What Telegram posts to us: presses of buttons and words, in private chats. The secret token first."""

import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tocsin.domain.escalation.logic.said import Said, Verb
from tocsin.kernel.errors import InvalidInput

VERBS = {"a": Verb.ACKNOWLEDGE, "d": Verb.DECLINE, "n": Verb.CALL_NEXT}
LONGEST = 2_000  # characters of a message that are read


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that happened in a private chat: a press (`delivery` and `said`), or words (`text`)."""

    id: str
    chat: str
    query: str = ""  # id of the press, by which Telegram takes our answer
    delivery: UUID | None = None
    said: Said | None = None
    text: str = ""


def is_genuine(secret: str, given: str) -> bool:
    """Say whether the sender knows the secret that was given to setWebhook."""
    return bool(secret) and hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace"))


def update(body: bytes) -> Update | None:
    """Read an update; None for what is not meant for us (groups, edits, stickers). Raises InvalidInput for no update."""
    try:
        content = json.loads(body)
        number = str(int(content["update_id"]))
        if "callback_query" in content:
            return _press(number, content["callback_query"])
        message = content.get("message") or {}
        chat = message.get("chat") or {}
        if chat.get("type") != "private" or not message.get("text"):
            return None
        return Update(number, str(int(chat["id"])), text=str(message["text"])[:LONGEST].replace("\x00", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InvalidInput("not_telegram", "This is not what Telegram sends.") from None


def _press(number: str, query: dict[str, Any]) -> Update | None:
    chat = (query.get("message") or {}).get("chat") or {}
    letter, _, name = str(query.get("data", "")).partition(":")
    # In a private chat the chat's number is the person's; whoever else presses is somebody else.
    if chat.get("type") != "private" or chat.get("id") != query["from"]["id"] or letter not in VERBS:
        return None
    return Update(
        number, str(int(chat["id"])), query=str(query["id"]), delivery=UUID(hex=name), said=Said(VERBS[letter])
    )
