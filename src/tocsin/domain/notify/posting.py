"""One POST to a service that pushes or chats: what its answer says of the message and of the service.

What is shared by channels that post to one server with the operator's credentials, or to an address that is a
person's own (`own`): there a refusal or a silence says nothing of anybody else's messages.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from tocsin.domain.notify.guarded import Answer, Refused, Unreachable, fetch
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import Reach, TransportError

LATER = frozenset({408, 409, 425})  # 4xx that another try may change
MOST_READ = 16 * 1024
MOST_QUOTED = 300


@dataclass(frozen=True, slots=True)
class Post:
    """One request, complete but for the sending. `own`: the server is the person's own choice, not the operator's."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    own: bool = False


def json_post(url: str, content: Any, *, headers: Mapping[str, str] | None = None, own: bool = False) -> Post:
    """Return a post of JSON."""
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Post(url, body, {"content-type": "application/json; charset=utf-8", **(headers or {})}, own)


def form_post(url: str, fields: Mapping[str, str], *, own: bool = False) -> Post:
    """Return a post of a form."""
    body = urlencode(fields, encoding="utf-8", errors="replace").encode()
    return Post(url, body, {"content-type": "application/x-www-form-urlencoded"}, own)


def post(request: Post, *, reach: Reach, timeout: float) -> Answer:
    """Post and return the answer if it is 2xx. Raises TransportError, with whose fault it is."""
    try:
        answer = fetch(
            "POST", request.url, body=request.body, headers=request.headers, timeout=timeout, allow=reach.allow,
            most=MOST_READ,
        )  # fmt: skip
    except Refused as error:
        fault = Fault.MESSAGE if request.own else Fault.CREDENTIALS
        raise TransportError(str(error), permanent=request.own, fault=fault) from error
    except Unreachable as error:
        raise TransportError(str(error), fault=Fault.MESSAGE if request.own else None) from error
    if 200 <= answer.status < 300:
        return answer
    raise refusal(answer, own=request.own)


def refusal(answer: Answer, *, own: bool) -> TransportError:
    """Return the error for an answer that did not accept."""
    fault, permanent = _meaning(answer.status, own)
    return TransportError(quoted(answer), permanent=permanent, retry_after=retry_after(answer), fault=fault)


def quoted(answer: Answer) -> str:
    """Return status and beginning of an answer, as one line."""
    text = answer.body[:MOST_QUOTED].decode("utf-8", "replace").replace("\x00", "")
    return f"{answer.status} {' '.join(text.split())}".strip()


def told(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of an answer, {} where it is none."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def not_understood(answer: Answer, *, own: bool) -> TransportError:
    """Return the error for a yes that is not the service's own: a proxy's page, a server that drops what it takes."""
    fault = Fault.MESSAGE if own else Fault.UNSURE
    return TransportError(f"accepted without its word for it: {quoted(answer)}", fault=fault)


def retry_after(answer: Answer) -> timedelta | None:
    """Return Retry-After if given in seconds; a date would need the sender's own clock, which is not to be trusted."""
    given = answer.headers.get("retry-after", "").strip()
    return timedelta(seconds=int(given[:6])) if given.isascii() and given.isdigit() else None


def _meaning(status: int, own: bool) -> tuple[Fault, bool]:
    """Return (whose fault, whether trying again is futile)."""
    if status == 429:
        return Fault.BUSY, False
    if own and (status >= 500 or status in LATER):
        return Fault.MESSAGE, False
    if status == 504:
        return Fault.UNSURE, False  # a gateway lost its patience: what stands behind it may have taken it
    if status >= 500 or status in LATER:
        return Fault.PROVIDER, False
    if status in (401, 402, 403) and not own:
        return Fault.CREDENTIALS, False
    return Fault.MESSAGE, True
