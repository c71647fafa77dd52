"""From alerts to tickets: the same trouble is one ticket, a storm is one ticket too, and what has ended says so.

Everything here runs in the transaction of the event that brought the alert, with the integration's row locked. Tickets
are changed by their own actions only.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tocsin.domain.journal.actions import record
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.logic.priority import matrix
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import priority_cells
from tocsin.intake.alerts import wording
from tocsin.intake.alerts.deciding import (
    ENDED,
    Deed,
    Standing,
    Storm,
    decide,
    is_milestone,
    priority_for,
    scales_for,
)
from tocsin.intake.alerts.enums import AlertState, OnResolved
from tocsin.intake.alerts.keys import key_of
from tocsin.intake.alerts.models import Alert, Integration, SeenMessage
from tocsin.intake.alerts.reading import Alert as Told
from tocsin.kernel.errors import Conflict

CHANNEL = "event"
FIRES = frozenset({Deed.OPEN, Deed.REOPEN, Deed.REJOIN, Deed.STORM, Deed.JOIN, Deed.COUNT})
ACTED = frozenset(
    {Deed.OPEN, Deed.REOPEN, Deed.REJOIN, Deed.STORM, Deed.JOIN, Deed.COUNT, Deed.NOTE, Deed.END, Deed.NO_TICKET}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one alert did."""

    key: str
    did: str
    ticket: int | None = None
    ticket_id: UUID | None = None

    @property
    def fires(self) -> bool:
        return self.did in FIRES

    @property
    def acted(self) -> bool:
        return self.did in ACTED

    def as_dict(self) -> dict[str, object]:
        return {"key": self.key, "did": str(self.did), "ticket": self.ticket}


@dataclass(slots=True)
class Case:
    """One alert on its way in."""

    integration: Integration
    told: Told
    key: str
    now: datetime
    before: Alert | None  # the latest with this key

    @property
    def actor(self) -> str:
        return actor_of(self.integration)

    @property
    def priority(self) -> int:
        return priority_for(self.told.severity, self.integration.priorities)


def lock_tickets(integration: Integration, alerts: Sequence[Told]) -> None:
    """Lock the tickets that these alerts are on, in order of id, as everybody does who locks several."""
    keys = {key_of(integration.key_template, alert) for alert in alerts}
    firing = Alert.objects.filter(integration=integration, key__in=keys, state=AlertState.FIRING).exclude(ticket=None)
    ids = {pk for pk in (*firing.values_list("ticket", flat=True), integration.storm_ticket_id) if pk is not None}
    if ids:
        list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))


def take_alert(*, integration: Integration, alert: Told, event_id: int, now: datetime) -> Outcome:
    """Do what one alert calls for. The same message of the sender acts once."""
    key = key_of(integration.key_template, alert)
    if alert.sent_as and not _first_time(integration, alert, key, now):
        return Outcome(key, "had come before")
    earlier = Alert.objects.select_related("ticket").filter(integration=integration, key=key)
    before = earlier.order_by("-state", "-first_at").first()  # "firing" sorts after "ended"
    case = Case(integration, alert, key, now, before)
    deed = decide(
        alert, _standing(before), _storm(integration, now), priority=case.priority,
        reopen=timedelta(minutes=integration.reopen_minutes), now=now,
    )  # fmt: skip
    row = _carry_out(case, deed)
    if deed in ACTED and deed is not Deed.COUNT:
        data = {"event": event_id, "key": key, "ticket": row.ticket.number if row and row.ticket else None}
        record(stream=stream_of(integration), kind=f"alert.{deed.name.lower()}", actor=case.actor, at=now, data=data)
    ticket = row.ticket if row else None
    return Outcome(key, deed, ticket.number if ticket else None, ticket.pk if ticket else None)


def actor_of(integration: Integration) -> str:
    """Return the journal's word for an integration that acts."""
    return f"integration:{integration.pk}"


def stream_of(integration: Integration) -> str:
    """Return the journal stream that holds what an integration did."""
    return f"integration:{integration.pk}"


def _first_time(integration: Integration, alert: Told, key: str, now: datetime) -> bool:
    digest = hashlib.sha256(f"{alert.state}\n{alert.sent_as}\n{key}".encode()).hexdigest()
    if SeenMessage.objects.filter(integration=integration, digest=digest).exists():
        return False
    SeenMessage.objects.create(integration=integration, digest=digest, at=now)
    return True


def _standing(before: Alert | None) -> Standing | None:
    if before is None:
        return None
    ticket = before.ticket
    ended = before.ended_at or ((ticket.closed_at or ticket.resolved_at) if ticket else None)
    return Standing(
        firing=before.state == AlertState.FIRING, ticket_status=ticket.status if ticket else "", ended_at=ended,
        ended_as_sent=before.ended_as_sent,
    )  # fmt: skip


def _storm(integration: Integration, now: datetime) -> Storm:
    since = now - timedelta(minutes=integration.storm_minutes)
    most = integration.storm_tickets
    opened = Alert.objects.filter(integration=integration, opened_ticket=True, first_at__gt=since)
    ticket = integration.storm_ticket
    on = ticket is not None and ticket.status not in ENDED
    return Storm(
        opened=opened[: most + 1].count() if most else 0, most=most, until=integration.storm_until if on else None
    )


def _carry_out(case: Case, deed: Deed) -> Alert | None:
    before = case.before
    if deed is Deed.COUNT and before is not None:
        return _count(case, before)
    if deed is Deed.NOTE and before is not None:
        return _note(case, before)
    if deed is Deed.END and before is not None:
        return _end(case, before)
    if deed in (Deed.LATE, Deed.NOTHING_OPEN):
        return before
    return _begin(case, deed)


def _begin(case: Case, deed: Deed) -> Alert:
    """Keep a new alert, on the ticket that it calls for. What fired until its ticket was resolved has ended with it."""
    before = case.before
    if before is not None and before.state == AlertState.FIRING:
        before.state, before.ended_at = AlertState.ENDED, case.now
        before.save(update_fields=["state", "ended_at"])
    ticket = _ticket(case, deed)
    return Alert.objects.create(
        integration=case.integration, key=case.key, title=case.told.title, severity=case.told.severity or "",
        ticket=ticket, opened_ticket=deed in (Deed.OPEN, Deed.STORM), in_storm=deed in (Deed.STORM, Deed.JOIN),
        first_at=case.now, last_at=case.now, link=case.told.link,
    )  # fmt: skip


def _ticket(case: Case, deed: Deed) -> Ticket | None:
    old = case.before.ticket if case.before else None
    if deed is Deed.NO_TICKET:
        return None
    if deed is Deed.JOIN:
        return _join(case)
    if deed is Deed.STORM:
        return _begin_storm(case)
    if old is not None and deed in (Deed.REOPEN, Deed.REJOIN):
        if deed is Deed.REOPEN:
            try:
                tickets.reopen(ticket_id=old.pk, by=None, actor=case.actor, now=case.now, note="The alert fires again.")
            except Conflict:  # closed for good since we looked
                return _open(case, case.told.title, wording.description(case.told))
        _remark(case, old, wording.again(case.told))
        _raise_priority(case, old)
        return old
    return _open(case, case.told.title, wording.description(case.told))


def _open(case: Case, subject: str, description: str) -> Ticket:
    impact, urgency = scales_for(case.priority, matrix(priority_cells()))
    host = case.told.facts.get("host") or case.told.facts.get("instance") or ""
    return tickets.open_ticket(
        subject=subject, description=description, requester=None, by=None, actor=case.actor, now=case.now,
        organisation=case.integration.organisation, service=case.integration.service, team=case.integration.team,
        impact=impact, urgency=urgency, configuration_item=host[:120], channel=CHANNEL, is_demo=case.integration.is_demo,
    )  # fmt: skip


def _begin_storm(case: Case) -> Ticket:
    """Open the one ticket that takes the rest."""
    integration = case.integration
    words = wording.storm(integration.name, integration.storm_tickets, integration.storm_minutes, case.told)
    ticket = _open(case, f"Storm of alerts from {integration.name}", words)
    integration.storm_ticket, integration.storm_size = ticket, 1
    _go_on(case)
    return ticket


def _join(case: Case) -> Ticket:
    """Add an alert to the storm's ticket; at milestones its size is told there, so that it stays readable."""
    integration = case.integration
    ticket = integration.storm_ticket
    if ticket is None:
        raise Conflict("no_storm", "The storm's ticket is gone.")
    integration.storm_size += 1
    _go_on(case)
    _raise_priority(case, ticket)
    if is_milestone(integration.storm_size):
        _remark(case, ticket, wording.milestone(integration.storm_size, case.told))
    return ticket


def _go_on(case: Case) -> None:
    """The storm lasts while new alerts come at less than its window's distance."""
    integration = case.integration
    integration.storm_until = case.now + timedelta(minutes=integration.storm_minutes)
    integration.save(update_fields=["storm_ticket", "storm_size", "storm_until"])


def _count(case: Case, before: Alert) -> Alert:
    before.count, before.last_at = before.count + 1, case.now
    before.save(update_fields=["count", "last_at"])
    if case.told.severity and case.told.severity != before.severity:
        graver = case.priority and case.priority < priority_for(_severity(before), case.integration.priorities)
        before.severity = case.told.severity
        before.save(update_fields=["severity"])
        if graver and before.ticket is not None:
            _remark(case, before.ticket, wording.graver(case.told))
            _raise_priority(case, before.ticket)
    return before


def _severity(row: Alert) -> Any:
    return row.severity or None


def _note(case: Case, before: Alert) -> Alert:
    if before.ticket is not None and not before.in_storm:
        _remark(case, before.ticket, wording.news(case.told))
    return before


def _end(case: Case, before: Alert) -> Alert:
    before.state, before.ended_at, before.last_at = AlertState.ENDED, case.now, case.now
    before.ended_as_sent = case.told.at
    before.save(update_fields=["state", "ended_at", "last_at", "ended_as_sent"])
    ticket = before.ticket
    if ticket is None or ticket.status in ENDED:
        return before
    left = Alert.objects.filter(ticket=ticket, state=AlertState.FIRING).count()
    if left:
        if not before.in_storm:
            _remark(case, ticket, wording.ended(case.told, left))
        return before
    rule = case.integration.on_resolved
    if rule == OnResolved.RESOLVE or (rule == OnResolved.UNOWNED and ticket.owner_id is None):
        tickets.resolve(ticket_id=ticket.pk, by=None, actor=case.actor, now=case.now, note=wording.ended(case.told, 0))
    else:
        _remark(case, ticket, wording.ended(case.told, 0))
    return before


def _raise_priority(case: Case, ticket: Ticket) -> None:
    """Make the ticket as grave as its gravest alert; never less grave, for a person may know better."""
    if not case.priority or case.priority >= ticket.priority:
        return
    impact, urgency = scales_for(case.priority, matrix(priority_cells()))
    tickets.set_impact_urgency(
        ticket_id=ticket.pk, impact=impact, urgency=urgency, by=None, actor=case.actor, now=case.now
    )
    ticket.refresh_from_db()


def _remark(case: Case, ticket: Ticket, words: str) -> None:
    tickets.remark(ticket_id=ticket.pk, body=words, now=case.now, actor=case.actor, via=CHANNEL)
