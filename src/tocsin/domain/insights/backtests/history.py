"""Reading what happened: tickets with their records, many at a time with a constant number of queries."""

import json
from collections import defaultdict
from collections.abc import Sequence
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
from tocsin.domain.sla.history import agreement_among, history_of, terms_of
from tocsin.domain.sla.logic.clock import Calendar, ClockFold, Folding, Terms, instant_at
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
        keys = [str(ticket.id) for ticket in tickets]
        records = {key: _records(ticket) for key, ticket in zip(keys, tickets, strict=True)}
        ids = f"{{{','.join(keys)}}}"
        _add_changes(records, ids)
        _add_messages(records, ids)
        _add_entries(records, keys)
        _add_signals(records, ids)
        _add_links(records, ids)
        agreed = _rows_by_ticket(_AGREED, [ids]) if self.kinds else {}
        breaches = _rows_by_ticket(_BREACHES, [ids, until])
        found = []
        for key, ticket in zip(keys, tickets, strict=True):
            record, broken, dates = records[key], tuple(breaches.get(key, ())), agreed.get(key, ())
            record.stirred = [at for at, *_ in dates if at >= ticket.opened_at]
            facts = facts_of(record, self.names, until)
            standings = self._standings(ticket, record, dates, facts) if self.kinds else []
            ended = ended_how(facts, [at for _, at in broken], until)
            found.append(Past(ticket.id, ticket.number, facts, standings, broken, ended))
        return found

    def _standings(
        self, ticket: Ticket, record: Records, agreed: Sequence[Any], facts: Sequence[Fact]
    ) -> list[Standing]:
        """Return how the clocks stood after each fact."""
        agreement = agreement_among(self.agreements, ticket.organisation_id, ticket.service_id)
        if agreement is None or not self.terms[agreement.pk].targets:
            return []
        said = ((one.at, one.kind) for one in record.said)
        told = history_of(ticket, record.changes, said, agreed, self.agreements)
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
SELECT ticket_id::text, at, field, before, after, actor FROM tickets_change
WHERE ticket_id = ANY(%s::uuid[]) ORDER BY ticket_id, at, id
"""
_MESSAGES = """
SELECT m.ticket_id::text, m.at, m.kind, CASE WHEN m.kind = 'customer' THEN m.body ELSE '' END, coalesce(m.author_id::text, '')
FROM tickets_message m WHERE m.ticket_id = ANY(%s::uuid[]) ORDER BY m.ticket_id, m.at, m.id
"""
_ENTRIES = """
SELECT stream, at, kind, actor, data::text FROM journal_entry
WHERE stream = ANY(%s::text[]) AND kind = ANY(%s) ORDER BY stream, position
"""
_SIGNALS = """
SELECT ticket_id::text, at, degree, evidence::text FROM listening_signal
WHERE ticket_id = ANY(%s::uuid[]) AND degree > 0 ORDER BY ticket_id, at, id
"""
_LINKS = """
SELECT l.to_ticket_id::text, l.at, l.kind, CASE WHEN t.service_id IS NOT NULL THEN f.service_id IS NOT DISTINCT FROM t.service_id END
FROM tickets_link l JOIN tickets_ticket t ON t.id = l.to_ticket_id JOIN tickets_ticket f ON f.id = l.from_ticket_id
WHERE l.to_ticket_id = ANY(%s::uuid[]) ORDER BY l.to_ticket_id, l.at, l.id
"""
_AGREED = """
SELECT ticket_id::text, at, kind, due_at FROM sla_agreeddate
WHERE ticket_id = ANY(%s::uuid[]) ORDER BY ticket_id, at, id
"""
# The promises that were really broken, as the clocks have it.
_BREACHES = """
SELECT ticket_id::text, kind, breached_at FROM sla_clock
WHERE ticket_id = ANY(%s::uuid[]) AND breached_at IS NOT NULL AND breached_at <= %s ORDER BY ticket_id, breached_at, id
"""


def _add_changes(records: dict[str, Records], ids: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, [ids])
        for key, *rest in cursor.fetchall():
            records[key].changes.append(Changed(*rest))


def _add_messages(records: dict[str, Records], ids: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, [ids])
        for key, *rest in cursor.fetchall():
            records[key].said.append(Said(*rest))


def _add_entries(records: dict[str, Records], keys: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [f"{{{','.join(f'ticket:{key}' for key in keys)}}}", list(WANTED)])
        for stream, at, kind, actor, data in cursor.fetchall():
            records[stream.removeprefix("ticket:")].told.append(Told(at, kind, actor, json.loads(data)))


def _add_signals(records: dict[str, Records], ids: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SIGNALS, [ids])
        for key, at, degree, evidence in cursor.fetchall():
            words = tuple(dict.fromkeys(one["words"] for one in json.loads(evidence) if one.get("tone", 0) > 0))
            records[key].sounded.append(Sounded(at, int(degree), words))


def _add_links(records: dict[str, Records], ids: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, [ids])
        for key, *rest in cursor.fetchall():
            records[key].linked.append(Linked(*rest))


def _rows_by_ticket(statement: str, given: Sequence[Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Return {ticket: its rows}."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        for key, *rest in cursor.fetchall():
            found[key].append(tuple(rest))
    return found
