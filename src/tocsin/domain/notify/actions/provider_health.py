"""What senders learn about a provider, left where every engine reads it."""

from datetime import datetime

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.logic.resting import Condition, after_failure
from tocsin.domain.notify.models import ProviderHealth
from tocsin.domain.notify.providers import OK_NOTED_EVERY


def note_provider_failure(*, name: str, label: str, fault: Fault, answer: str, now: datetime) -> Condition:
    """Note one failed try of the way out `name` (providers.py) and return its condition.

    When it goes to rest for the first time since it was well, the journal says so. `answer` must hold no secret.
    """
    with transaction.atomic():
        ProviderHealth.objects.get_or_create(name=name)
        row = ProviderHealth.objects.select_for_update().get(name=name)
        before = Condition(row.failures, row.rests, row.resting_until)
        condition = after_failure(before, fault, now)
        row.failures, row.rests, row.resting_until = condition.failures, condition.rests, condition.resting_until
        row.last_error, row.last_error_at = answer[:500], now
        row.save()
        if condition.rests == 1 and before.rests == 0 and condition.resting_until is not None:
            data = {"provider": name, "name": label, "fault": str(fault), "answer": answer[:500]}
            until = condition.resting_until.isoformat()
            record(stream="system", kind="provider.rests", actor="engine", at=now, data=data | {"until": until})
    return condition


def note_provider_success(*, name: str, label: str, now: datetime) -> None:
    """Note that the way out `name` has accepted something: it is well again. Mostly one read and no write."""
    row = ProviderHealth.objects.filter(name=name).first()
    ailing = row is not None and (row.failures or row.rests)
    if row is not None and not ailing and row.last_ok_at and now - row.last_ok_at < OK_NOTED_EVERY:
        return
    with transaction.atomic():
        well = {"failures": 0, "rests": 0, "resting_until": None, "last_ok_at": now}
        ProviderHealth.objects.update_or_create(name=name, defaults=well)
        if row is not None and row.rests:
            record(
                stream="system",
                kind="provider.recovered",
                actor="engine",
                at=now,
                data={"provider": name, "name": label},
            )
