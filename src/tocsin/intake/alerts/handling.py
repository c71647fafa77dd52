"""What a person does with events: take them in again, put them away, send one to try out."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.intake.alerts import samples
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.enums import EventState
from tocsin.intake.alerts.grouping import stream_of
from tocsin.intake.alerts.models import Event, Integration, SeenMessage
from tocsin.intake.alerts.queries import LATE
from tocsin.intake.alerts.rules import may_set_up_integrations
from tocsin.intake.alerts.storing import call, store
from tocsin.kernel.errors import Conflict, NotAllowed, NotFound

AGAIN = "retried by hand"


@transaction.atomic
def retry_event(*, event_id: int, by: User | None, now: datetime, actor: str | None = None) -> Event:
    """Take an event in again, by the settings as they are now. Raises Conflict for one that waits to be taken in.

    What it did before stands: an alert that is open is counted, not opened twice.
    """
    event = _locked(event_id, by)
    if event.state == EventState.STORED:
        raise Conflict("event_waits", "It waits to be taken in. Look again in a moment.")
    _again(event, now)
    _tell(event.integration, "event.retried", by, actor, now, event=event.pk)
    call()
    return event


@transaction.atomic
def retry_late(*, integration_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> int:
    """Take in again what was not understood or failed. Return how many."""
    _demand(by)
    rows = Event.objects.select_for_update(of=("self",)).filter(integration=integration_id, state__in=LATE)
    found = list(rows.select_related("integration").order_by("pk"))
    for event in found:
        _again(event, now)
    if found:
        _tell(found[0].integration, "event.retried", by, actor, now, events=len(found))
        call()
    return len(found)


def _again(event: Event, now: datetime) -> None:
    event.state, event.due_at, event.attempts, event.done_at, event.reason = EventState.STORED, now, 0, None, AGAIN
    event.is_test = event.is_test or not event.integration.enabled  # a person's word stands above the pause
    event.save(update_fields=["state", "due_at", "attempts", "done_at", "reason", "is_test"])
    # Its messages were noted as seen when it was taken in; this time they are meant.
    if event.outcome:
        SeenMessage.objects.filter(integration=event.integration, at__gte=event.received_at).delete()


@transaction.atomic
def dismiss_event(*, event_id: int, by: User | None, now: datetime, actor: str | None = None) -> Event:
    """Say that nothing need be done about an event that was not understood or failed."""
    event = _locked(event_id, by)
    if event.state not in LATE:
        raise Conflict("nothing_to_dismiss", "Only what was not understood, or failed, can be dismissed.")
    event.state, event.done_at = EventState.DISMISSED, now
    event.save(update_fields=["state", "done_at"])
    _tell(event.integration, "event.dismissed", by, actor, now, event=event.pk)
    return event


def send_test(*, integration: Integration, by: User | None, now: datetime, body: str = "") -> int:
    """Store a sample of the integration's kind (or `body`), as if the sender had; return the event's number.

    It goes the whole way, though the integration is paused: a ticket opens that says it is a test.
    """
    _demand(by)
    content = body.encode() if body.strip() else json.dumps(samples.sample(integration.kind, now)).encode()
    (kept,) = store([Incoming(integration=integration.pk, body=content, content_type="application/json", is_test=True)])
    if kept is None:
        raise NotFound("integration_not_found", "There is no such integration.")
    call()
    return kept.event


def _locked(event_id: int, by: User | None) -> Event:
    _demand(by)
    rows = Event.objects.select_for_update(of=("self",)).select_related("integration")
    event = rows.filter(pk=event_id).first()
    if event is None:
        raise NotFound("event_not_found", "There is no such event, or it is not kept any more.")
    return event


def _demand(by: User | None) -> None:
    if by is not None and not may_set_up_integrations.test(by):
        raise NotAllowed("not_allowed", "Integrations are set up by administrators. Ask one of them.")


def _tell(row: Integration, kind: str, by: User | None, actor: str | None, now: datetime, **data: object) -> None:
    who = actor or (f"person:{by.pk}" if by else "system")
    record(stream=stream_of(row), kind=kind, actor=who, at=now, data=data)
