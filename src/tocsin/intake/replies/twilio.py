"""What Twilio posts to us: inbound texts, keys, and what became of messages and calls. Signature first.

Twilio signs the address it calls and the form it posts with the account's auth token (X-Twilio-Signature). The
signature holds no time, so a repeated call is told by the id that it carries.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.http import QueryDict
from twilio.request_validator import RequestValidator

from tocsin.domain.escalation.logic.said import Said, Verb

# Twilio's own words (its opt-out handling knows the same): alone in a text they are meant for the carrier, not for us.
STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START = frozenset({"start", "unstop"})
HELP = frozenset({"help", "info"})
KEYS = {"4": Said(Verb.ACKNOWLEDGE), "6": Said(Verb.DECLINE), "8": Said(Verb.CALL_NEXT)}
MACHINES = ("machine", "fax")  # how AnsweredBy begins where nobody is at the phone
_NOT_REACHED = {
    "busy": "the line was busy", "no-answer": "nobody picked up", "failed": "the call could not be put through",
    "canceled": "the call was cancelled",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class InboundText:
    """A text that somebody sent. `wish`: stop, start, help, or "" for words that are meant for us."""

    id: str
    sender: str
    body: str
    wish: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message or call. `delivered` None: nothing final yet. `code`: Twilio's error, if it has one."""

    id: str
    delivered: bool | None
    why: str = ""
    code: str = ""


def is_genuine(token: str, url: str, form: QueryDict, signature: str) -> bool:
    """Say whether Twilio (or whoever knows the account's token) has posted `form` to the public address `url`."""
    expected = cast(str, RequestValidator(token).compute_signature(url, form))
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def inbound_text(form: Mapping[str, str]) -> InboundText:
    """Read an inbound message. OptOutType is there where the account's own opt-out handling has seen a wish."""
    body = str(form.get("Body", "")).replace("\x00", "")
    word = body.strip().strip(".!").lower()
    asked = str(form.get("OptOutType", "")).lower()
    known = (("stop", STOP), ("start", START), ("help", HELP))
    wish = next((name for name, words in known if asked == name or word in words), "")
    return InboundText(str(form.get("MessageSid", "")), str(form.get("From", "")), body, wish)


def message_report(form: Mapping[str, str]) -> Report:
    """Read a message's status call-back."""
    status, sid = str(form.get("MessageStatus", "")).lower(), str(form.get("MessageSid", ""))
    if status in ("delivered", "read"):
        return Report(sid, True, status)
    if status in ("failed", "undelivered", "canceled"):
        return Report(sid, False, status, str(form.get("ErrorCode", "")))
    return Report(sid, None, status)


def call_report(form: Mapping[str, str]) -> Report:
    """Read a call's status call-back, or who has picked up. A machine has told nobody anything."""
    status, sid = str(form.get("CallStatus", "")).lower(), str(form.get("CallSid", ""))
    by = str(form.get("AnsweredBy", "")).lower()
    if by.startswith(MACHINES):
        return Report(sid, False, "an answering machine picked up")
    if status in _NOT_REACHED:
        return Report(sid, False, _NOT_REACHED[status])
    return Report(sid, True if status == "in-progress" else None, "picked up" if status == "in-progress" else status)
