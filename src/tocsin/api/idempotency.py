"""The same POST sent twice is done once: the answer is kept with the key, in the transaction of what was done.

A second request with the same key waits for the first (on the unique index) and then gets its answer. Where the first
was refused or failed nothing was done and nothing is kept: the key is free again.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from tocsin.api.models import Answered
from tocsin.api.problems import Refused

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
PATTERN = rf"[!-~]{{1,{LONGEST_KEY}}}"
HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
BATCH = 1_000

_CLAIM = """
INSERT INTO api_answered (caller, key, digest, at, status, body, location, etag)
VALUES (%s, %s, %s, %s, 0, '', '', '')
ON CONFLICT (caller, key) DO UPDATE SET digest = excluded.digest, at = excluded.at, status = 0
WHERE api_answered.at <= excluded.at - interval '24 hours'
RETURNING id
"""


def key_of(request: HttpRequest) -> str:
    """Return the request's key, "" for none. Raises Refused for one that is no key."""
    key: str = request.headers.get(HEADER, "")
    if HEADER in request.headers and not re.fullmatch(PATTERN, key):
        message = f"{HEADER} holds 1 to {LONGEST_KEY} visible ASCII characters without blanks, such as a UUID."
        raise Refused(400, "bad_idempotency_key", message, {HEADER: message})
    return key


def once(
    request: HttpRequest, *, caller: UUID, key: str, now: datetime, act: Callable[[], HttpResponse]
) -> HttpResponse:
    """Return what `act` answers, or what it answered when this key was used before.

    Raises Refused (422) when the key was used for another request. `act` answers refusals itself: whatever is not
    2xx undoes what it may have written.
    """
    digest = _digest(request)
    with transaction.atomic():
        claimed = _claim(caller, key, digest, now)
        if claimed is None:
            return _earlier(caller, key, digest)
        response = act()
        if 200 <= response.status_code < 300:
            _keep(claimed, response)
        else:
            transaction.set_rollback(True)
        return response


def forget_old(*, now: datetime, limit: int = BATCH) -> int:
    """Remove up to `limit` answers that nobody may ask for any more. Returns how many."""
    old = Answered.objects.filter(at__lte=now - KEPT_FOR).order_by("at").values("pk")[:limit]
    return Answered.objects.filter(pk__in=old).delete()[0]


def next_old() -> datetime | None:
    """Return when the oldest answer may be removed."""
    oldest = Answered.objects.order_by("at").values_list("at", flat=True).first()
    return None if oldest is None else oldest + KEPT_FOR


def _digest(request: HttpRequest) -> str:
    told = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(told + request.body).hexdigest()


def _claim(caller: UUID, key: str, digest: str, now: datetime) -> int | None:
    """Return the row that is ours from now on; None if another request has it. Waits while that one is under way."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [caller, key, digest, now])
        row = cursor.fetchone()
    return row[0] if row else None


def _earlier(caller: UUID, key: str, digest: str) -> HttpResponse:
    found = Answered.objects.filter(caller=caller, key=key).first()
    if found is None:
        raise Refused(409, "idempotency_race", "This key is being cleared away at this moment. Send the request again.")
    if found.digest != digest:
        message = f"This {HEADER} was used for another request within 24 hours. Use a new one for each request."
        raise Refused(422, "idempotency_key_reused", message, {HEADER: message})
    response = HttpResponse(found.body, status=found.status, content_type="application/json")
    for name, value in (("Location", found.location), ("ETag", found.etag)):
        if value:
            response.headers[name] = value
    response.headers[REPLAYED] = "true"
    return response


def _keep(pk: int, response: HttpResponse) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE api_answered SET status = %s, body = %s, location = %s, etag = %s WHERE id = %s",
            [
                response.status_code, response.content.decode(), response.headers.get("Location", ""),
                response.headers.get("ETag", ""), pk,
            ],
        )  # fmt: skip
