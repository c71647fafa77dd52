"""What must happen only once: a call-back that its sender repeats, an alarm within its hour."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from tocsin.domain.notify.models import Once

KEPT = timedelta(days=7)


def first_time(*, key: str, now: datetime) -> bool:
    """Note `key`, and say whether it is the first time (for a week at least). Of several at once, one is the first."""
    try:
        with transaction.atomic():
            Once.objects.create(pk=key[:160], at=now)
    except IntegrityError:
        return False
    Once.objects.filter(at__lt=now - KEPT).delete()
    return True


def answered(*, key: str) -> str | None:
    """Return what was answered to `key` before, or None if it is new."""
    return Once.objects.filter(pk=key[:160]).values_list("answer", flat=True).first()


def keep_answer(*, key: str, answer: str, now: datetime) -> None:
    """Note what was answered to `key`, for its repetitions. The first answer stays."""
    if first_time(key=key, now=now):
        Once.objects.filter(pk=key[:160]).update(answer=answer)
