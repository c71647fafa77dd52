"""What Slack posts to us: presses of buttons and slash commands. Signature first.

Source: Slack's developer documentation, "Verifying requests from Slack": v0 HMAC-SHA256 over time and raw body, refused
when older than five minutes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from slack_sdk.signature import Clock, SignatureVerifier

from tocsin.domain.escalation.logic.said import Said, Verb
from tocsin.kernel.errors import InvalidInput

VERBS = {"acknowledge": Verb.ACKNOWLEDGE, "decline": Verb.DECLINE, "call_next": Verb.CALL_NEXT}


class _At(Clock):
    """The database's time, by which a request's age is judged."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


@dataclass(frozen=True, slots=True)
class Press:
    """A button or choice. `said` is None where nothing is to be done (a link was opened)."""

    member: str
    delivery: UUID | None
    said: Said | None
    response_url: str  # where the message can be replaced


def is_genuine(secret: str, body: bytes, timestamp: str, signature: str, now: datetime) -> bool:
    """Say whether Slack has sent this body within the last five minutes."""
    if not (secret and timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and signature.isascii()):
        return False
    return bool(SignatureVerifier(secret, clock=_At(now)).is_valid(body=body, timestamp=timestamp, signature=signature))


def press(form: Mapping[str, str]) -> Press:
    """Read an interaction. Raises InvalidInput for what Slack does not send."""
    try:
        payload = json.loads(form.get("payload", ""))
        action = (payload.get("actions") or [{}])[0] if payload.get("type") == "block_actions" else {}
        member, url = str(payload["user"]["id"]), str(payload.get("response_url") or "")
        return Press(member, _delivery(str(action.get("block_id", ""))), _said(action), url)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise InvalidInput("not_slack", "This is not what Slack sends when a button is pressed.") from None


def _delivery(block: str) -> UUID | None:
    kind, _, key = block.partition(":")
    try:
        return UUID(key) if kind == "answer" else None
    except ValueError:
        return None


def _said(action: dict[str, Any]) -> Said | None:
    verb = VERBS.get(str(action.get("action_id", "")))
    if verb is None:
        return None
    chosen = action.get("selected_option") or {}
    return Said(verb, reason=str(chosen.get("value", ""))[:200] if verb is Verb.DECLINE else "")
