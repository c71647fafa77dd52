"""The demo's caught mails."""

from collections.abc import Mapping
from datetime import datetime

from tocsin.domain.notify.models import CaughtMail

KEPT = 500  # the newest; the demo is no archive


def catch_mail(
    *, to: str, subject: str, text: str, html: str, raw: str, headers: Mapping[str, str], now: datetime
) -> CaughtMail:
    """Keep a mail for the mail viewer, and drop the oldest beyond 500. NULs, which cannot be stored, are left out."""
    mail = CaughtMail.objects.create(
        at=now, to=_clean(to)[:300], subject=_clean(subject)[:300], text=_clean(text), html=_clean(html),
        raw=_clean(raw), headers={_clean(name): _clean(value) for name, value in headers.items()},
    )  # fmt: skip
    oldest = CaughtMail.objects.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1].first()
    if oldest is not None:
        CaughtMail.objects.filter(pk__lte=oldest).delete()
    return mail


def _clean(text: str) -> str:
    return text.replace("\x00", "")
