"""Keeping a mail before anybody is told that we have it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from tocsin.intake.email.enums import MailState
from tocsin.intake.email.models import InboundMail, MailSource
from tocsin.kernel.doorbell import ring
from tocsin.kernel.ids import new_id

MAIL = "tocsin_mail"  # the doorbell: a mail was stored


def store(
    *, raw: bytes, source: str, now: datetime, envelope_from: str | None = None, recipients: Sequence[str] = ()
) -> tuple[InboundMail, bool]:
    """Store a mail and return its row, and whether it is new: the same bytes are stored once, whoever brings them.

    When this returns outside of a transaction, the mail is committed: only then may its sender hear "250".
    """
    digest = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        row, made = InboundMail.objects.get_or_create(
            sha256=digest,
            defaults={
                "id": new_id(), "source": source, "received_at": now, "size": len(raw), "raw": raw, "due_at": now,
                "envelope_from": None if envelope_from is None else envelope_from.lower()[:320].replace("\x00", ""),
                "recipients": [address.lower()[:320].replace("\x00", "") for address in recipients][:100],
            },
        )  # fmt: skip
        if made:
            ring(connection, MAIL)
    return row, made


def note_oversize(*, source: str, size: int, digest: str, now: datetime) -> None:
    """Keep a refused row for a mail that is too large to be fetched; its bytes stay where they are."""
    InboundMail.objects.get_or_create(
        sha256=digest,
        defaults={
            "id": new_id(), "source": source, "received_at": now, "size": size, "raw": b"", "due_at": None,
            "state": MailState.REFUSED, "reason": "It is larger than TOCSIN_MAIL_LARGEST allows. It is still in the mailbox.",
            "dealt_with_at": now,
        },
    )  # fmt: skip


def source_works(*, name: str, now: datetime, got_mail: bool = False) -> None:
    """Note that a way in works."""
    fields = {"last_ok_at": now, "failures": 0, **({"last_mail_at": now} if got_mail else {})}
    MailSource.objects.update_or_create(name=name[:200], defaults=fields)


def source_fails(*, name: str, error: str, now: datetime) -> None:
    """Note that a way in does not work, and why."""
    with transaction.atomic():
        row, _ = MailSource.objects.select_for_update().get_or_create(name=name[:200])
        row.failures, row.last_error, row.last_error_at = row.failures + 1, error[:300].replace("\x00", ""), now
        row.save(update_fields=["failures", "last_error", "last_error_at"])


def read_so_far(name: str) -> tuple[int, int]:
    """Return (UIDVALIDITY, last UID) of an IMAP folder, (0, 0) if it was never read."""
    row = MailSource.objects.filter(name=name[:200]).first()
    return (row.uid_validity, row.last_uid) if row else (0, 0)


def note_read(*, name: str, validity: int, uid: int) -> None:
    """Note how far an IMAP folder was read; after this a restart begins behind `uid`."""
    MailSource.objects.update_or_create(name=name[:200], defaults={"uid_validity": validity, "last_uid": uid})
