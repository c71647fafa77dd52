"""A monitoring system of the demonstration: what it has sent opens no ticket, and one event waits for a person."""

from datetime import datetime

from tocsin.domain.people.models import Service
from tocsin.intake.alerts import taking
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.models import UNKNOWN, Event, Integration
from tocsin.intake.alerts.setting_up import Settings, add_integration
from tocsin.intake.alerts.storing import store

CHATTER = (
    b'{"status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "BackupSlow", "severity": "info", '
    b'"instance": "backup-2"}, "annotations": {"summary": "The nightly backup took 40 minutes longer than usual"}}]}'
)
BROKEN = b'{"status": "firing", "message": "sent by a template that was changed last week"}'


def create(now: datetime) -> None:
    """Add the integration and take its events in. Its address is nobody's: the token is not kept."""
    service = Service.objects.filter(is_demo=True).order_by("name").first()
    priorities = {"critical": 1, "high": 2, "moderate": 3, "low": 0, UNKNOWN: 3}
    wanted = Settings(name="Prometheus (demo)", kind="alertmanager", service=service, priorities=priorities)
    _, row = add_integration(wanted=wanted, by=None, actor="system", now=now, is_demo=True)
    store([Incoming(integration=row.pk, body=body, content_type="application/json") for body in (CHATTER, BROKEN)])
    Event.objects.filter(integration=row).update(received_at=now, due_at=now)
    taking.take_due(now=now)


def remove() -> None:
    """Remove it, before the services that it names."""
    Integration.objects.filter(is_demo=True).delete()
