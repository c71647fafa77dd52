"""Incidents and maintenance: opened, told in customers' words, ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.status import rules
from tocsin.domain.status.actions.pages import TELLERS
from tocsin.domain.status.actions.recording import LONGEST, changed, demand, locked_page, settle, tell_journal, text
from tocsin.domain.status.enums import ComponentState, IncidentKind, IncidentState
from tocsin.domain.status.events import UpdateTold
from tocsin.domain.status.logic.incidents import ENDED, INCIDENT, due, next_states
from tocsin.domain.status.models import Affected, Component, Incident, StatusPage, Update
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound


@transaction.atomic
def open_incident(
    *, page_id: UUID, title: str, body: str, affected: Mapping[UUID, str], by: User, now: datetime,
    state: str = IncidentState.INVESTIGATING, ticket: Ticket | None = None, notify: bool = True,
) -> Incident:  # fmt: skip
    """Tell readers of something that goes wrong; `affected`: what it makes of which component.

    Nothing of `ticket` is taken over: it stands there for those who work on it. `notify`: write to subscribers.
    """
    demand(by, rules.may_tell, TELLERS)
    page = locked_page(page_id)
    if state not in INCIDENT or state in ENDED:
        raise InvalidInput(
            "bad_state", "Choose how far it is.", {"state": "Choose investigating, identified, monitoring."}
        )
    incident = Incident.objects.create(
        page=page, title=text("title", title, 160), state=state, ticket=ticket, starts_at=now, made_by=by, made_at=now,
        updated_at=now,
    )  # fmt: skip
    _affect(incident, affected, now)
    said = say(incident, state, text("body", body, LONGEST), by, now, notify=notify)
    after(page, incident, now)
    tell_journal(page, "status.incident_opened", by, now, incident=str(incident.pk), update=str(said.pk))
    _on_ticket(incident, "status.incident_opened", by, now)
    return incident


@transaction.atomic
def plan_maintenance(
    *, page_id: UUID, title: str, body: str, affected: Sequence[UUID], starts_at: datetime, ends_at: datetime, by: User,
    now: datetime, ticket: Ticket | None = None, notify: bool = True,
) -> Incident:  # fmt: skip
    """Announce a maintenance: its states switch by themselves at its start and its end (due rows)."""
    demand(by, rules.may_tell, TELLERS)
    page = locked_page(page_id)
    if ends_at <= starts_at:
        raise InvalidInput(
            "ends_before_start", "It ends before it starts.", {"ends_at": "Choose a time after the start."}
        )
    if starts_at < now:
        raise InvalidInput("starts_in_past", "It starts in the past.", {"starts_at": "Choose a time to come."})
    if not affected:
        problem = "Choose at least one component."
        raise InvalidInput("no_component", problem, {"affected": problem})
    state = IncidentState.SCHEDULED
    planned = Incident.objects.create(
        page=page, kind=IncidentKind.MAINTENANCE, title=text("title", title, 160), state=state, ticket=ticket,
        starts_at=starts_at, ends_at=ends_at, due_at=due(state, starts_at, ends_at), made_by=by, made_at=now,
        updated_at=now,
    )  # fmt: skip
    _affect(planned, dict.fromkeys(affected, ComponentState.MAINTENANCE), now)
    say(planned, state, text("body", body, LONGEST), by, now, notify=notify)
    after(page, planned, now)
    tell_journal(page, "status.maintenance_planned", by, now, incident=str(planned.pk))
    return planned


@transaction.atomic
def tell(
    *, incident_id: UUID, state: str, body: str, by: User, now: datetime, affected: Mapping[UUID, str] | None = None,
    expected_updated_at: datetime | None = None, notify: bool = True,
) -> Update:  # fmt: skip
    """Give readers the next word. What ends an incident takes its weight off the components.

    `affected`: what it makes of which component from now on; None: as before. Raises Conflict when it has ended, or
    somebody told something since `expected_updated_at`.
    """
    demand(by, rules.may_tell, TELLERS)
    page_id = Incident.objects.filter(pk=incident_id).values_list("page_id", flat=True).first()
    if page_id is None:
        raise NotFound("incident_not_found", "There is no such incident.")
    page = locked_page(page_id)
    incident = Incident.objects.get(pk=incident_id)
    allowed = next_states(incident.kind, incident.state)
    if not allowed:
        raise Conflict("incident_ended", "This has ended. Open a new incident if it has come back.")
    if expected_updated_at is not None and incident.updated_at != expected_updated_at:
        raise Conflict("incident_changed", "Somebody has told something meanwhile. Read it, then write again.")
    if state not in allowed:
        raise InvalidInput("bad_state", "Choose how far it is.", {"state": f"Choose one of: {', '.join(allowed)}."})
    cleaned = text("body", body, LONGEST)
    if affected is not None:
        _affect(incident, affected, now)
    move(incident, state, now)
    said = say(incident, state, cleaned, by, now, notify=notify)
    after(page, incident, now)
    tell_journal(page, "status.update_told", by, now, incident=str(incident.pk), update=str(said.pk), state=state)
    _on_ticket(incident, "status.update_told", by, now)
    return said


def note_mailed(*, update_id: UUID, count: int) -> None:
    """Keep how many subscribers an update was mailed to."""
    Update.objects.filter(pk=update_id).update(mailed=count)


def move(incident: Incident, state: str, now: datetime) -> None:
    incident.state, incident.updated_at = state, now
    if state in ENDED:
        incident.due_at = None
        incident.ends_at = max(now, incident.starts_at)
    elif incident.kind == IncidentKind.MAINTENANCE and incident.ends_at is not None:
        if state == IncidentState.UNDER_WAY and now < incident.starts_at:
            incident.starts_at = now  # begun ahead of time
        incident.due_at = due(state, incident.starts_at, incident.ends_at)
    incident.save()


def _affect(incident: Incident, affected: Mapping[UUID, str], now: datetime) -> None:
    known = set(Component.objects.filter(page=incident.page_id, pk__in=affected).values_list("pk", flat=True))
    if set(affected) - known:
        raise InvalidInput("bad_component", "Choose components of this page.", {"affected": "Choose from the list."})
    if set(affected.values()) - set(ComponentState.values):
        raise InvalidInput("bad_component_state", "Choose how it does.", {"affected": "Choose one of the states."})
    before = list(Component.objects.filter(affected__incident=incident))
    Affected.objects.filter(incident=incident).exclude(component__in=affected).delete()
    for pk, state in affected.items():
        Affected.objects.update_or_create(incident=incident, component_id=pk, defaults={"state": state})
    settle([one for one in before if one.pk not in affected], now)


def say(incident: Incident, state: str, body: str, by: User | None, now: datetime, *, notify: bool) -> Update:
    said = Update.objects.create(incident=incident, state=state, body=body, at=now, by=by)
    if notify:
        publish(UpdateTold(update_id=said.pk, at=now))
    return said


def after(page: StatusPage, incident: Incident, now: datetime) -> None:
    settle(Component.objects.filter(affected__incident=incident), now)
    changed(page, now)


def _on_ticket(incident: Incident, kind: str, by: User, now: datetime) -> None:
    """Say on the ticket behind it that customers were told."""
    if incident.ticket_id is not None:
        told = {
            "page": incident.page.name,
            "slug": incident.page.slug,
            "title": incident.title,
            "state": incident.state,
        }
        record(stream=f"ticket:{incident.ticket_id}", kind=kind, actor=f"person:{by.pk}", at=now, data=told)
