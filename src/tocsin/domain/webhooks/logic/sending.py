"""When a webhook is tried again, how it is signed, and which kinds a subscription may name. Pure."""

import base64
import hashlib
import hmac
import re
from datetime import timedelta

# After the first try, the second ...: a little more than a day in all.
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 10 * 3600)
)
JITTER = 0.1  # of a pause, either way
GIVEN_UP_AFTER = timedelta(days=5)  # of failures without a success: the subscription is paused
GONE = 410  # the receiver wants no more
PREFIX = "whsec_"
_KIND = re.compile(r"[a-z_]+\.(?:[a-z_]+|\*)")


def pause_after(tries: int, chance: float) -> timedelta | None:
    """Return how long to wait after that many tries, None to give up. `chance`: 0 to 1, spreads receivers' load."""
    if tries > len(PAUSES):
        return None
    return PAUSES[tries - 1] * (1 + JITTER * (2 * chance - 1))


def signature(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of webhook-signature (Standard Webhooks 1): HMAC-SHA256 over "<id>.<seconds>.<body>"."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def kinds_in(text: str) -> tuple[list[str], list[str]]:
    """Return the kinds of a text (by lines, commas or blanks), each once, and what is none."""
    words = list(dict.fromkeys(re.split(r"[\s,]+", text.strip()))) if text.strip() else []
    return [word for word in words if _KIND.fullmatch(word)], [word for word in words if not _KIND.fullmatch(word)]
