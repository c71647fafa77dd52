"""Reading what happened: tickets with their records, many at a time with a constant number of queries."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tocsin.domain.calendars.queries import business_calendars
from tocsin.domain.escalation.logic.simulated import Fact
from tocsin.domain.escalation.logic.triggers import ClockAt
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.insights.logic.backtest_facts import (
    WANTED,
    Changed,
    Linked,
    Names,
    Records,
    Said,
    Sounded,
    Told,
    ended_how,
    facts_of,
)
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.sla.history import agreement_among, histories_of, terms_of
from tocsin.domain.sla.logic.clock import Calendar, ClockFold, Folding, Terms, instant_at
from tocsin.domain.sla.logic.clock import Fact as ClockFact
from tocsin.domain.sla.queries import standing_agreements
from tocsin.domain.tickets.models import Ticket

type Standing = Sequence[ClockAt]


@dataclass(frozen=True, slots=True)
class Past:
    """One ticket as it was: its facts, how its clocks stood after each, what was broken, how it ended."""

    id: UUID
    number: int
    facts: Sequence[Fact]
    standings: Sequence[Standing]
    breaches: tuple[tuple[str, datetime], ...]
    ended: str


class KnownClocks:
    """Clocks that were folded once, for any number of walks over the same facts."""

    def __init__(self, standings: Sequence[Standing]) -> None:
        self._standings = standings
        self._at = -1

    def tell(self, fact: Fact, before: TicketView, after: TicketView) -> None:
        del fact, before, after
        self._at += 1

    def standing(self) -> Standing:
        return self._standings[self._at] if self._standings else ()


class Library:
    """What names and promises mean, read once for a whole back-test. `kinds`: the clocks that triggers look at."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.kinds = kinds
        self.names = Names(
            {str(pk): email for pk, email in User.objects.values_list("pk", "email")},
            {str(pk): (slug, line) for pk, slug, line in Team.objects.values_list("pk", "slug", "line")},
            {str(pk): name for pk, name in Service.objects.values_list("pk", "name")},
            {str(pk): name for pk, name in Organisation.objects.values_list("pk", "name")},
        )
        self.agreements = standing_agreements()
        self.calendars = business_calendars(one.calendar_id for one in self.agreements)
        self.terms = {one.pk: self._terms(terms_of(one)) for one in self.agreements}

    def _terms(self, terms: Terms) -> Terms:
        targets = {key: seconds for key, seconds in terms.targets.items() if key[0] in self.kinds}
        return Terms(targets, terms.pause_statuses, terms.restart_on_change)

    def read(self, tickets: Sequence[Ticket], until: datetime) -> list[Past]:
        """Return these tickets as they were, up to `until`."""
        ids = [ticket.pk for ticket in tickets]
        records = {ticket.pk: _records(ticket) for ticket in tickets}
        _add_changes(records, ids)
        _add_messages(records, ids)
        _add_entries(records, ids)
        _add_signals(records, ids)
        _add_links(records, ids)
        clock_facts = self._clock_facts(tickets, records) if self.kinds else {}
        breaches = _breaches(ids, until)
        found = []
        for ticket in tickets:
            told = clock_facts.get(ticket.pk, [])
            records[ticket.pk].stirred = [fact.at for fact in told if fact.kind == "agreed"]
            facts = facts_of(records[ticket.pk], self.names, until)
            broken = breaches.get(ticket.pk, ())
            ended = ended_how(facts, [at for _, at in broken], until)
            found.append(Past(ticket.pk, ticket.number, facts, self._standings(ticket, facts, told), broken, ended))
        return found

    def _clock_facts(self, tickets: Sequence[Ticket], records: Mapping[UUID, Records]) -> dict[UUID, list[ClockFact]]:
        """Return what clocks fold over, from the records that were read for the walk."""
        changes = ((pk, *change[:4]) for pk, one in records.items() for change in one.changes)
        said = ((pk, one.at, one.kind) for pk, it in records.items() for one in it.said)
        return histories_of(tickets, self.agreements, changes, said)

    def _standings(self, ticket: Ticket, facts: Sequence[Fact], told: Sequence[ClockFact]) -> list[Standing]:
        """Return how the clocks stood after each fact."""
        agreement = agreement_among(self.agreements, ticket.organisation_id, ticket.service_id)
        if agreement is None or not told or not self.terms[agreement.pk].targets:
            return []
        calendar = self.calendars[agreement.calendar_id]
        folding = Folding(told[0], self.terms[agreement.pk], calendar)
        found: list[Standing] = []
        standing: Standing | None = None
        following = 1
        for fact in facts:
            while following < len(told) and told[following].at <= fact.at:
                folding.tell(told[following])
                following += 1
                standing = None
            if standing is None:
                standing = [_clock_at(one, calendar) for one in folding.clocks if one.is_live]
            found.append(standing)
        return found


def _clock_at(one: ClockFold, calendar: Calendar) -> ClockAt:
    """Return a clock as triggers see it, as it stands now; what it is told later does not change it."""
    stands: dict[str, Any] = {
        name: getattr(one, name) for name in ("started_at", "running_since", "consumed", "target", "agreed_due_at", "breached_at")
    }  # fmt: skip
    trace = tuple(one.trace)
    known: dict[tuple[float, timedelta], datetime | None] = {}  # asked again after each fact, and by each variant

    def reaches(percent: float, beyond: timedelta) -> datetime | None:
        mark = (percent, beyond)
        if mark not in known:
            known[mark] = instant_at(calendar=calendar, percent=percent, beyond=beyond, trace=trace, **stands)
        return known[mark]

    return ClockAt(one.kind, one.target, one.started_at, reaches)


def _records(ticket: Ticket) -> Records:
    now = {
        "status": str(ticket.status), "priority": str(ticket.priority), "impact": str(ticket.impact),
        "urgency": str(ticket.urgency), "team": str(ticket.team_id or ""), "owner": str(ticket.owner_id or ""),
        "service": str(ticket.service_id or ""), "organisation": str(ticket.organisation_id or ""),
    }  # fmt: skip
    fixed = {
        "number": ticket.number, "subject": ticket.subject, "category": ticket.category, "channel": ticket.channel,
        "configuration_item": ticket.configuration_item,
        "requester": ticket.requester.email if ticket.requester else "",
    }  # fmt: skip
    return Records(ticket.opened_at, now, fixed, f"{ticket.subject}\n{ticket.description}")


_CHANGES = """
SELECT ticket_id, at, field, before, after, actor FROM tickets_change
WHERE ticket_id = ANY(%s) ORDER BY ticket_id, at, id
"""
_MESSAGES = """
SELECT m.ticket_id, m.at, m.kind, CASE WHEN m.kind = 'customer' THEN m.body ELSE '' END, m.author_id
FROM tickets_message m WHERE m.ticket_id = ANY(%s) ORDER BY m.ticket_id, m.at, m.id
"""
_ENTRIES = """
SELECT stream, at, kind, actor, data::text FROM journal_entry
WHERE stream = ANY(%s) AND kind = ANY(%s) ORDER BY stream, position
"""
_SIGNALS = """
SELECT ticket_id, at, degree, evidence::text FROM listening_signal
WHERE ticket_id = ANY(%s) AND degree > 0 ORDER BY ticket_id, at, id
"""
_LINKS = """
SELECT l.to_ticket_id, l.at, l.kind, CASE WHEN t.service_id IS NOT NULL THEN f.service_id IS NOT DISTINCT FROM t.service_id END
FROM tickets_link l JOIN tickets_ticket t ON t.id = l.to_ticket_id JOIN tickets_ticket f ON f.id = l.from_ticket_id
WHERE l.to_ticket_id = ANY(%s) ORDER BY l.to_ticket_id, l.at, l.id
"""
_BREACHES = """
SELECT ticket_id, kind, breached_at FROM sla_clock
WHERE ticket_id = ANY(%s) AND breached_at IS NOT NULL AND breached_at <= %s ORDER BY ticket_id, breached_at, id
"""


def _add_changes(records: dict[UUID, Records], ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, [ids])
        for ticket_id, *rest in cursor.fetchall():
            records[ticket_id].changes.append(Changed(*rest))


def _add_messages(records: dict[UUID, Records], ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, [ids])
        for ticket_id, at, kind, body, author in cursor.fetchall():
            records[ticket_id].said.append(Said(at, kind, body, str(author) if author else ""))


def _add_entries(records: dict[UUID, Records], ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [[f"ticket:{pk}" for pk in ids], list(WANTED)])
        for stream, at, kind, actor, data in cursor.fetchall():
            records[UUID(stream.removeprefix("ticket:"))].told.append(Told(at, kind, actor, json.loads(data)))


def _add_signals(records: dict[UUID, Records], ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SIGNALS, [ids])
        for ticket_id, at, degree, evidence in cursor.fetchall():
            words = tuple(dict.fromkeys(one["words"] for one in json.loads(evidence) if one.get("tone", 0) > 0))
            records[ticket_id].sounded.append(Sounded(at, int(degree), words))


def _add_links(records: dict[UUID, Records], ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, [ids])
        for ticket_id, *rest in cursor.fetchall():
            records[ticket_id].linked.append(Linked(*rest))


def _breaches(ids: list[UUID], until: datetime) -> dict[UUID, tuple[tuple[str, datetime], ...]]:
    """Return the promises that were really broken, as the clocks have it."""
    found: dict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_BREACHES, [ids, until])
        for ticket_id, kind, at in cursor.fetchall():
            found[ticket_id].append((kind, at))
    return {pk: tuple(rows) for pk, rows in found.items()}
