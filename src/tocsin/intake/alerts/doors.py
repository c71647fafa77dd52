"""Who knocks: the integration that a token opens, and whether it may bring more this minute."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from tocsin.domain.notify.sealing import Unsealable, unseal
from tocsin.domain.people.logic.tokens import digest_of
from tocsin.intake.alerts.enums import Signing
from tocsin.intake.alerts.signatures import is_genuine
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotFound, TocsinError, Unavailable
from tocsin.kernel.steady import steady_seconds

LONGEST_TOKEN = 100
SENT_AS = ("idempotency-key", "webhook-id", "x-event-id", "request-id", "x-amz-sns-message-id")
REMEMBERED = 3.0  # seconds for which a process believes what it has read of an integration
MOST_REMEMBERED = 10_000


class Unsigned(TocsinError):
    """The address is right, the signature is not."""

    status = 401


class TooMany(TocsinError):
    """More than this integration may bring in a minute: come again later."""

    status = 429
    after = 10  # seconds


class TooLarge(TocsinError):
    status = 413


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the way in needs to know of an integration."""

    integration: UUID
    signing: str
    sealed: str
    per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What one request brings. `sent_as`: the sender's id of the request, "" if it has none."""

    integration: UUID
    body: bytes
    content_type: str
    sent_as: str = ""
    is_test: bool = False


_FIND = (
    "SELECT id, signing, sealed, per_minute FROM alerts_integration "
    "WHERE digest = %s OR (old_digest = %s AND old_until > clock_timestamp())"
)
_known: dict[str, tuple[float, Door]] = {}


def door_of(token: str, *, remembered: bool = False) -> Door:
    """Return what `token` opens. Raises NotFound.

    `remembered`: as read up to three seconds ago, so a rotated token may live so much longer in this process.
    """
    if not token or len(token) > LONGEST_TOKEN:
        raise _nowhere()
    digest = digest_of(token)
    found = _known.get(digest)
    if remembered and found is not None and steady_seconds() - found[0] < REMEMBERED:
        return found[1]
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [digest, digest])
        row = cursor.fetchone()
    if row is None:
        _known.pop(digest, None)
        raise _nowhere()
    door = Door(integration=row[0], signing=row[1], sealed=row[2], per_minute=row[3])
    if len(_known) > MOST_REMEMBERED:
        _known.clear()
    _known[digest] = (steady_seconds(), door)
    return door


def _nowhere() -> NotFound:
    return NotFound(
        "integration_not_found", "No integration has this address. Copy it anew from Settings, Integrations."
    )


def checked(door: Door, body: bytes, headers: Mapping[str, str], *, now: datetime | None = None) -> Incoming:
    """Return the event in a request, its signature verified. Raises Unsigned, TooLarge, InvalidInput, Unavailable.

    `headers` by names in lower case. The signature is over the bytes as they came, before anything reads them.
    """
    check_size(len(body))
    if door.signing != Signing.NONE and not is_genuine(
        door.signing, _secret(door), body, headers, now or database_now(connection)
    ):
        problem = "The signature is missing, wrong, or older than five minutes."
        raise Unsigned(
            "bad_signature", f"{problem} Sign the body with the integration's secret.", {"signature": problem}
        )
    sent_as = next((headers[name] for name in SENT_AS if headers.get(name)), "")
    kind = headers.get("content-type", "")[:100]
    return Incoming(
        integration=door.integration, body=body, content_type=_text(kind), sent_as=_text(sent_as.strip())[:200]
    )  # fmt: skip


def check_size(size: int) -> None:
    """Raise TooLarge for a body of more than EVENT_LARGEST bytes."""
    if size > settings.EVENT_LARGEST:
        problem = f"At most {settings.EVENT_LARGEST} bytes are taken at once."
        raise TooLarge("too_large", f"{problem} Send fewer alerts in one request.", {"body": problem})


def _text(value: str) -> str:
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def _secret(door: Door) -> str:
    try:
        return unseal(door.sealed).get("secret", "")
    except Unsealable:
        raise Unavailable("secret_sealed", "The integration's signing secret cannot be read.") from None


_COUNT = "SELECT count(*) FROM alerts_event WHERE integration_id = %s AND received_at > clock_timestamp() - interval '1 minute'"


class Gauge:
    """How much each integration has brought within the last minute.

    Counted in the database once a second, over all processes; in between, what came here is added. So processes side
    by side may let in what comes within that second beyond the limit, and no more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[UUID, tuple[float, int]] = {}

    def admit(self, door: Door) -> None:
        """Count one more. Raises TooMany."""
        if not door.per_minute:
            return
        at, count = self._counted.get(door.integration, (float("-inf"), 0))
        if steady_seconds() - at >= 1.0:
            with connection.cursor() as cursor:
                cursor.execute(_COUNT, [door.integration])
                ((count,),) = cursor.fetchall()
            at = steady_seconds()
        with self._lock:
            if len(self._counted) > MOST_REMEMBERED:
                self._counted.clear()
            known_at, known = self._counted.get(door.integration, (at, count))
            self._counted[door.integration] = (at, (known if known_at == at else count) + 1)
        if count >= door.per_minute:
            raise TooMany(
                "too_many_events",
                f"This integration may bring {door.per_minute} events in a minute. Send what was refused again later, or "
                "have an administrator raise the limit.",
            )
