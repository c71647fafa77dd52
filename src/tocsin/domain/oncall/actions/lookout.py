"""Looking ahead once a day: when it is due, and which findings nobody has been told of yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tocsin.domain.oncall.events import ScheduleChanged
from tocsin.domain.oncall.logic.findings import Finding
from tocsin.domain.oncall.models import Lookout, Schedule, WarnedFinding

EVERY = timedelta(days=1)
SOON = timedelta(minutes=30)  # after a change: long enough to finish editing, short enough to mend what it broke
FORGOTTEN = timedelta(days=30)


def take_lookout(*, now: datetime) -> bool:
    """Tell whether it is time to look ahead, and put the next time a day off. Call it in a transaction.

    Of several engines one takes it: the others pass the locked row over.
    """
    row = Lookout.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).first()
    if row is not None:
        row.due_at = now + EVERY
        row.save(update_fields=["due_at"])
        return True
    if Lookout.objects.exists() or not Schedule.objects.exists():
        return False
    _, made = Lookout.objects.get_or_create(pk=1, defaults={"due_at": now + EVERY})
    return made


def on_schedule_changed(event: ScheduleChanged) -> None:
    """Look again soon: what a change breaks should not wait for tomorrow's look."""
    Lookout.objects.filter(due_at__gt=event.at + SOON).update(due_at=event.at + SOON)


@transaction.atomic
def note_findings(*, found: Sequence[Finding], now: datetime) -> list[Finding]:
    """Return those that were not noted before, and note them.

    A finding is the same one while it goes on, even if its ends move: a gap that is there for good is noted once. One
    that was mended is forgotten, so that it counts as new if it comes back.
    """
    noted = list(WarnedFinding.objects.select_for_update().filter(ends_at__gte=now).order_by("starts_at", "pk"))
    new, kept = [], set()
    for one in found:
        same = next((row for row in noted if _is_same(row, one)), None)
        if same is None:
            new.append(one)
            continue
        kept.add(same.pk)
        if same.ends_at < one.end:
            same.ends_at = one.end
            same.save(update_fields=["ends_at"])
    WarnedFinding.objects.filter(pk__in={row.pk for row in noted} - kept).delete()
    WarnedFinding.objects.filter(ends_at__lt=now - FORGOTTEN).delete()
    WarnedFinding.objects.bulk_create(
        WarnedFinding(
            kind=one.kind.value, schedules=",".join(one.schedules), people=",".join(one.people), starts_at=one.start,
            ends_at=one.end, warned_at=now,
        )
        for one in new
    )  # fmt: skip
    return new


def _is_same(row: WarnedFinding, one: Finding) -> bool:
    named = (row.kind, row.schedules, row.people) == (one.kind.value, ",".join(one.schedules), ",".join(one.people))
    return named and row.starts_at <= one.end and one.start <= row.ends_at
