"""Putting pages into the outbox (SEMANTICS 5), in bulk: the same few statements for one page or a thousand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify import queries
from tocsin.domain.notify.actions.streams import stream_of
from tocsin.domain.notify.enums import TELLING, DeliveryState, PageState, Urgency
from tocsin.domain.notify.logic.sequence import Step, chosen, steps
from tocsin.kernel.doorbell import OUTBOX, ring
from tocsin.kernel.failpoints import failpoint
from tocsin.kernel.ids import new_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """One person to be told one thing. (run, cycle, level, user, purpose) names it: asking again changes nothing."""

    user_id: UUID
    subject: str
    body: str
    urgency: str = Urgency.HIGH
    purpose: str = "page"
    run: UUID | None = None
    cycle: int = 1
    level: int = 0
    ticket: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    lane: str = ""  # customer and integration: a storm in one lane does not hold up another
    channels: tuple[str, ...] = ()  # only these; none: whatever the person's rules say
    mail_to: str = ""  # where e-mail goes to somebody who has no verified address for it (their account's own)
    delay: timedelta = timedelta()  # put behind what leaves at once

    @property
    def plan(self) -> tuple[Any, ...]:
        """What its steps depend on."""
        return self.user_id, self.urgency, self.channels, self.mail_to


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of the requests. A request that had been made before is in neither."""

    page_ids: tuple[UUID, ...]  # pages on their way
    unreachable: tuple[PageRequest, ...]  # their person has no verified method (or is deactivated)


# Rows travel as one JSON text: a fraction of the cost of arrays, which are quoted element by element.
type _Row = dict[str, Any]

_INSERT_PAGES = (
    "INSERT INTO notify_page (id, user_id, run, cycle, level, ticket, purpose, urgency, subject, body, data, state,"
    " created_at) SELECT n.*, %s FROM json_to_recordset(%s::json) AS n(id uuid, user_id uuid, run uuid, cycle int,"
    " level int, ticket uuid, purpose text, urgency text, subject text, body text, data jsonb, state text)"
    " ON CONFLICT DO NOTHING"
)
_INSERT_DELIVERIES = (
    "INSERT INTO notify_delivery (id, page_id, run, user_id, channel, address, lane, position, state, due_at,"
    " attempts, provider_id, error) SELECT n.*, 0, '', '' FROM json_to_recordset(%s::json) AS n(id uuid, page_id uuid,"
    " run uuid, user_id uuid, channel text, address text, lane text, position int, state text, due_at timestamptz)"
    " ON CONFLICT DO NOTHING"
)


def enqueue(*, pages: Sequence[PageRequest], now: datetime, journal: bool = True) -> Enqueued:
    """Write pages and their deliveries, due by each person's contact rules; journal them; ring the senders.

    Runs in the caller's transaction if there is one, and belongs there: a page must not be committed
    without the change that caused it. Those who cannot be reached get a page in state unreachable and are
    returned, and nothing is published about them: it is the caller, in the middle of its decision, who goes on.
    Without `journal` the caller writes one entry for all of them: an update to thousands is one fact, not thousands.
    """
    if not pages:
        return Enqueued((), ())
    with transaction.atomic():
        known = queries.contacts(page.user_id for page in pages)
        made = _insert_pages(_planned(pages, known), now)
        sending = [one for one in made if one.plan]
        if sending:
            for channel in _insert_deliveries(sending, now):
                ring(connection, OUTBOX, channel)
        if journal:
            record_many([_fact(one.id, one.page, one.plan, now) for one in made])
        failpoint("notify.enqueued")
        unreachable = tuple(one.page for one in made if not one.plan)
        return Enqueued(tuple(one.id for one in sending), unreachable)


class _Planned(NamedTuple):
    id: UUID
    page: PageRequest
    plan: tuple[Step, ...]


def _planned(pages: Sequence[PageRequest], known: Mapping[UUID, queries.Contacts]) -> list[_Planned]:
    """Give each page its id and its steps."""
    plans: dict[tuple[Any, ...], tuple[Step, ...]] = {}
    planned = []
    for pk, page in zip(new_ids(len(pages)), pages, strict=True):
        key = page.plan
        if key not in plans:
            own = known.get(page.user_id, queries.Contacts())
            plans[key] = steps(chosen(own.methods, page.channels, page.mail_to), own.rules, page.urgency)
        planned.append(_Planned(pk, page, plans[key]))
    return planned


def _insert_pages(planned: Sequence[_Planned], now: datetime) -> list[_Planned]:
    """Insert the pages that do not exist yet and return those, in the order given."""
    rows: list[_Row] = [
        {
            "id": pk.hex, "user_id": p.user_id.hex, "run": p.run, "cycle": p.cycle, "level": p.level, "ticket": p.ticket,
            "purpose": p.purpose, "urgency": p.urgency, "subject": p.subject[:300], "body": p.body, "data": p.data,
            "state": PageState.ACTIVE if plan else PageState.UNREACHABLE,
        }
        for pk, p, plan in planned
    ]  # fmt: skip
    # Only what belongs to a run can have been there before: of all else nothing has to come back.
    named = any(one.page.run for one in planned)
    with connection.cursor() as cursor:
        cursor.execute(f"{_INSERT_PAGES} RETURNING id" if named else _INSERT_PAGES, [now, _as_json(rows)])
        if not named:
            return list(planned)
        inserted = {pk for (pk,) in cursor.fetchall()}
    return [one for one in planned if one.id in inserted]


def _insert_deliveries(made: Sequence[_Planned], now: datetime) -> list[str]:
    """Insert the deliveries and return the channels that have something to send now."""
    sent = [(pk, page, step) for pk, page, plan in made for step in plan]
    rows: list[_Row] = [
        {
            "id": own.hex, "page_id": pk.hex, "run": None if page.purpose in TELLING else page.run,
            "user_id": page.user_id.hex, "channel": step.method.channel, "address": step.method.address,
            "lane": page.lane[:80], "position": step.position, "state": DeliveryState.PENDING, "due_at": now + page.delay + step.delay,
        }
        for own, (pk, page, step) in zip(new_ids(len(sent)), sent, strict=True)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_DELIVERIES, [_as_json(rows)])
    return sorted({row["channel"] for row in rows if row["due_at"] <= now})


def _as_json(rows: Sequence[_Row]) -> str:
    return json.dumps(rows, default=str)  # identifiers and instants as text


def _fact(pk: UUID, page: PageRequest, plan: Sequence[Step], now: datetime) -> Fact:
    data = {
        "page": str(pk),
        "user": str(page.user_id),
        "run": str(page.run) if page.run else None,
        "cycle": page.cycle,
        "level": page.level,
        "purpose": page.purpose,
        "urgency": str(page.urgency),
        "methods": [{"channel": s.method.channel, "after_seconds": int(s.delay.total_seconds())} for s in plan],
    }
    kind = "page.enqueued" if plan else "page.unreachable"
    if not plan:
        data["reason"] = "no verified contact method"
    return Fact(stream=stream_of(page.ticket, page.user_id), kind=kind, at=now, actor="engine", data=data)
