"""STOP and START, texted to us: whoever has the number decides what is sent there."""

from datetime import datetime

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.models import ContactMethod


def stop_address(*, channel: str, address: str, now: datetime) -> int:
    """Use an address no more, since whoever has it asked so; return how many people had verified it.

    The method stays and is shown as stopped; the person's other methods are used instead.
    """
    with transaction.atomic():
        found = ContactMethod.objects.select_for_update().filter(
            channel=channel, address=address, verified_at__isnull=False
        )
        methods = list(found.order_by("pk"))
        for method in methods:
            method.verified_at, method.stopped_at = None, now
            method.save(update_fields=["verified_at", "stopped_at"])
            _note(method, "person.method_stopped", now)
    return len(methods)


def start_address(*, channel: str, address: str, now: datetime) -> int:
    """Use an address again that was stopped: that whoever has it writes from there proves it. Return how many."""
    with transaction.atomic():
        found = ContactMethod.objects.select_for_update().filter(
            channel=channel, address=address, stopped_at__isnull=False
        )
        methods = list(found.order_by("pk"))
        for method in methods:
            method.verified_at, method.stopped_at = now, None
            method.save(update_fields=["verified_at", "stopped_at"])
            _note(method, "person.method_started", now)
    return len(methods)


def _note(method: ContactMethod, kind: str, now: datetime) -> None:
    actor = f"person:{method.user_id}"
    record(stream=actor, kind=kind, actor=actor, at=now, data={"channel": method.channel})
