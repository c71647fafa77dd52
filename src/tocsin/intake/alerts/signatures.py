"""Whether an event was signed with the integration's secret. Pure; comparisons take the same time whatever differs."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from tocsin.intake.alerts.enums import Signing

# Headers in which senders put HMAC-SHA256 of the body in hexadecimal: bare, after "sha256=", or as "v1=..." by comma.
BODY_HEADERS = (
    "x-tocsin-signature",
    "sentry-hook-signature",
    "x-grafana-alerting-signature",
    "x-hub-signature-256",
    "x-pagerduty-signature",
    "x-signature-256",
)
NEAR = timedelta(minutes=5)  # how far a signed time may be off
MARK = "whsec_"
MOST = 10  # signatures in one header that are looked at


def is_genuine(signing: str, secret: str, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Say whether `body` is signed as `signing` demands. Names in `headers` are lower case; `now` is aware."""
    if signing == Signing.NONE:
        return True
    if not secret:
        return False
    return _standard(secret, body, headers, now) if signing == Signing.STANDARD else _body(secret, body, headers)


def _body(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    given = [one for name in BODY_HEADERS if name in headers for one in headers[name].split(",")[:MOST]]
    told = [one.strip().removeprefix("sha256=").removeprefix("v1=").lower().encode() for one in given]
    return any(hmac.compare_digest(one, wanted) for one in told)


def _standard(secret: str, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    stamp, own_id = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and own_id):
        return False
    if abs(int(stamp) - now.timestamp()) > NEAR.total_seconds():
        return False
    wanted = hmac.new(key_of(secret), f"{own_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    told = [one.partition(",") for one in headers.get("webhook-signature", "").split()[:MOST]]
    return any(hmac.compare_digest(value.encode(), base64.b64encode(wanted)) for name, _, value in told if name == "v1")


def key_of(secret: str) -> bytes:
    """Return the key in a Standard Webhooks secret (whsec_ and base64), or the words themselves."""
    if secret.startswith(MARK):
        try:
            return base64.b64decode(secret.removeprefix(MARK), validate=True)
        except ValueError:
            pass
    return secret.encode()
