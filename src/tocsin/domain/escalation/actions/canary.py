"""The canary: an escalation of our own that goes the whole way (decide, outbox, sender, transport) and wakes nobody.

It is paged to a person of ours whose only method is the console. If it does not come through, the beat to the outside
stops (SECURITY 16), although nothing looks overdue.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from tocsin.domain.escalation.actions.drill_ends import end_drill
from tocsin.domain.escalation.actions.drilling import test_engine
from tocsin.domain.escalation.enums import DrillKind, DrillState
from tocsin.domain.escalation.models import Drill, Escalation
from tocsin.domain.journal.actions import record
from tocsin.domain.notify.enums import Channel, DeliveryState
from tocsin.domain.notify.models import ContactMethod, Delivery, Page
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.people.queries import OWN_DOMAIN

ADDRESS = f"canary@{OWN_DOMAIN}"
WITHIN = timedelta(minutes=2)  # as the auditor's bound: 30 s to fire, as much to send, and some
KEPT = timedelta(days=2)
_LOCK = 0x746F6373  # advisory: of engines that look at the same moment one sends a canary
SENT = [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.BUNDLED]


def look_after_canary(*, every: timedelta, now: datetime) -> None:
    """End a canary that has come through (or has not, in time), and send the next one if it is time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return
        running = Drill.objects.filter(kind=DrillKind.CANARY, state=DrillState.RUNNING).select_related(
            "escalation__run"
        )
        for drill in running:
            _settle(drill, now)
        last = Drill.objects.filter(kind=DrillKind.CANARY).order_by("-started_at").first()
        still = last is not None and last.state == DrillState.RUNNING
        if not still and (last is None or now - last.started_at >= every):
            _canary_person(now)
            test_engine(address=ADDRESS, now=now, within=WITHIN)
        _forget(now)


def _settle(drill: Drill, now: datetime) -> None:
    run = drill.escalation.run.pk if drill.escalation else None
    sent_at = Delivery.objects.filter(run=run, state__in=SENT).values_list("sent_at", flat=True).first()
    if sent_at is not None:
        end_drill(drill_id=drill.pk, now=now, state=DrillState.ENDED)
        seconds = (sent_at - drill.started_at).total_seconds()
        Drill.objects.filter(pk=drill.pk).update(ended_at=sent_at, to_human=None, people=[{"seconds": seconds}])
    elif now >= drill.ends_at:
        end_drill(drill_id=drill.pk, now=now, state=DrillState.FAILED)
        data = {"drill": str(drill.pk), "started_at": drill.started_at.isoformat()}
        record(stream="system", kind="alarm.canary", actor="auditor", at=now, data=data)


def _canary_person(now: datetime) -> None:
    person, made = User.objects.get_or_create(
        email=ADDRESS, defaults={"name": "Canary (the engine's own test)", "role": Role.REQUESTER}
    )
    if made:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    ContactMethod.objects.get_or_create(
        user=person, channel=Channel.CONSOLE, address="canary", defaults={"verified_at": now}
    )


def _forget(now: datetime) -> None:
    """Remove the rows of old canaries; the journal keeps what was. Few at a time: this runs every few minutes."""
    old = Drill.objects.filter(kind=DrillKind.CANARY, started_at__lt=now - KEPT, escalation__isnull=False)
    gone = list(old.order_by("started_at").values_list("pk", "escalation", "escalation__run")[:50])
    if gone:
        Page.objects.filter(run__in=[run for _, _, run in gone if run]).delete()
        Drill.objects.filter(pk__in=[pk for pk, _, _ in gone]).delete()
        Escalation.objects.filter(pk__in=[escalation for _, escalation, _ in gone if escalation]).delete()
