"""How a receiver knows that a webhook is ours: HMAC-SHA256 over time and body, with a secret of its own.

    Tocsin-Id: <delivery>                 unique; the same on every try of the same delivery
    Tocsin-Signature: t=<unix seconds>,v1=<hex>

v1 is HMAC-SHA256(secret, "<t>." + raw body). A receiver recomputes it, compares in constant time, refuses a t that is
more than five minutes off, and drops an id that it has seen.
"""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings


def secret_for(url: str) -> str:
    """Return the signing secret of one receiver, shown to its owner. Receivers cannot forge each other's."""
    master = settings.WEBHOOK_SECRET.encode()
    return "whsec_" + hmac.new(master, b"tocsin.webhook:" + url.encode(), hashlib.sha256).hexdigest()


def sign(secret: str, body: bytes, at: datetime) -> str:
    """Return the value of Tocsin-Signature for `body` sent at `at` (aware)."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"
