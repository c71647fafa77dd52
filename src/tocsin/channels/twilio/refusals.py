"""What Twilio's refusals mean for the message and for the account. Source: Twilio's list of error codes."""

import json
from datetime import timedelta
from typing import Any

from tocsin.domain.notify.guarded import Answer
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import TransportError

# The number cannot be reached by this way, whoever sends: the next method is used.
FUTILE = {
    13223: "not a phone number", 13224: "not a phone number", 13225: "this number is blocked",
    21211: "not a phone number", 21214: "this number cannot be reached", 21217: "not a phone number",
    21265: "not a phone number", 21266: "sender and receiver are the same number",
    21610: "the receiver has opted out by answering STOP; START takes it back", 21614: "not a mobile number",
    21617: "the text is too long", 30003: "the phone is off or out of reach", 30004: "the receiver blocks messages",
    30005: "this number is not in use", 30006: "a landline, or a network that takes no texts",
    30007: "the network filtered it as spam", 30011: "the network takes no such messages",
}  # fmt: skip
# This account may not reach that number; another provider's may.
NOT_FROM_HERE = {
    13227: "calls to this country are not enabled in the account", 21215: "calls to this country are not enabled in the account",
    21216: "the account may not call this number", 21408: "texts to this country are not enabled in the account",
    21608: "a trial account texts verified numbers only", 21219: "a trial account calls verified numbers only",
    21612: "this sender cannot reach that number",
}  # fmt: skip
# The account or its set-up: every message fails until somebody puts it right.
ACCOUNT = {
    10001: "the account is not active", 20003: "the account's credentials are refused", 20005: "the account is not active",
    20006: "access is denied", 20404: "no such account or resource", 21210: "the sender's number is not verified",
    21212: "the sender is not a valid number", 21603: "no sender is set", 21606: "the sender's number takes no texts",
    21659: "the sender is not a number of the account", 21660: "the sender is not a number of the account",
    21703: "the messaging service has no sender", 30002: "the account is suspended",
}  # fmt: skip
BUSY = {
    14107: "too many messages at once",
    20429: "too many requests",
    21611: "the sender's queue is full",
    30001: "the queue is full",
}
BY_STATUS = {
    401: Fault.CREDENTIALS, 402: Fault.CREDENTIALS, 403: Fault.CREDENTIALS, 404: Fault.CREDENTIALS, 429: Fault.BUSY,
    504: Fault.UNSURE,
}  # fmt: skip


def refusal(answer: Answer) -> TransportError:
    """Return the error for an answer that did not accept."""
    code, said = _code(answer.body)
    fault, permanent, why = _meaning(code, answer.status)
    label = f"Twilio error {code}" if code else f"Twilio answered {answer.status}"
    text = ": ".join(part for part in (label, why or said) if part)
    return TransportError(text[:400], permanent=permanent, retry_after=_retry_after(answer), fault=fault)


def explained(code: str) -> str:
    """Return what a status call-back's ErrorCode means, for the journal."""
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 7 else 0
    for table in (FUTILE, NOT_FROM_HERE, ACCOUNT, BUSY):
        if number in table:
            return f"Twilio error {number}: {table[number]}"
    return f"Twilio error {number}" if number else ""


def _meaning(code: int, status: int) -> tuple[Fault, bool, str]:
    """Return (whose fault, whether trying again is futile, why in words)."""
    known = (
        (FUTILE, Fault.MESSAGE, True), (NOT_FROM_HERE, Fault.MESSAGE, False), (ACCOUNT, Fault.CREDENTIALS, False),
        (BUSY, Fault.BUSY, False),
    )  # fmt: skip
    for table, fault, permanent in known:
        if code in table:
            return fault, permanent, table[code]
    if status in BY_STATUS:
        return BY_STATUS[status], False, ""
    # Other refusals of the request itself stay what they are; redirects and 5xx are the provider's affair.
    ours = 400 <= status < 500 and status not in (408, 409, 425)
    return (Fault.MESSAGE, True, "") if ours else (Fault.PROVIDER, False, "")


def _code(body: bytes) -> tuple[int, str]:
    try:
        told: Any = json.loads(body)
    except ValueError:
        return 0, ""
    if not isinstance(told, dict):
        return 0, ""
    code, message = told.get("code"), told.get("message")
    return code if isinstance(code, int) else 0, " ".join(str(message or "").split())[:300]


def _retry_after(answer: Answer) -> timedelta | None:
    given = answer.headers.get("retry-after", "").strip()
    return timedelta(seconds=int(given[:6])) if given.isascii() and given.isdigit() else None
