"""Keeping events before their senders are told that we have them (SECURITY 10): one insert for all that come at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from tocsin.intake.alerts.doors import Incoming
from tocsin.kernel.doorbell import ring

EVENTS = "tocsin_events"  # the doorbell: events were stored

_INSERT = (
    "INSERT INTO alerts_event (integration_id, received_at, body, content_type, sent_as, state, reason, due_at, attempts, "
    "outcome, is_test) "
    "SELECT n.integration, clock_timestamp(), n.body, n.kind, n.sent_as, 'stored', '', clock_timestamp(), 0, '[]', n.test "
    "FROM unnest(%s::uuid[], %s::bytea[], %s::text[], %s::text[], %s::bool[]) "
    "WITH ORDINALITY AS n(integration, body, kind, sent_as, test, place) "
    "JOIN alerts_integration i ON i.id = n.integration ORDER BY n.place "
    "ON CONFLICT (integration_id, sent_as) WHERE sent_as <> '' DO NOTHING RETURNING id, integration_id, sent_as"
)
_PRESENT = (
    "SELECT id, integration_id, sent_as FROM alerts_event "
    "WHERE (integration_id, sent_as) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an event is kept. `again`: it had come before, by the sender's own id."""

    event: int
    again: bool


def store(events: Sequence[Incoming]) -> list[Kept | None]:
    """Store all in one statement and say where each is; None for one whose integration is gone.

    When this returns outside of a transaction they are committed: only then may senders hear 202.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                [one.integration for one in events], [one.body for one in events],
                [one.content_type for one in events], [one.sent_as for one in events], [one.is_test for one in events],
            ],
        )  # fmt: skip
        made = cursor.fetchall()
        if len(made) == len(events):
            return [Kept(row[0], again=False) for row in made]
        return _matched(cursor, events, made)


def _matched(cursor: object, events: Sequence[Incoming], made: list[tuple[int, object, str]]) -> list[Kept | None]:
    """Say where each event is when some were present, doubled, or nobody's."""
    fresh = {(integration, sent_as): number for number, integration, sent_as in made if sent_as}
    unnamed: dict[object, list[int]] = {}
    for number, integration, sent_as in made:
        if not sent_as:
            unnamed.setdefault(integration, []).append(number)
    named = [one for one in events if one.sent_as]
    cursor.execute(_PRESENT, [[o.integration for o in named], [o.sent_as for o in named]])  # type: ignore[attr-defined]  # a cursor
    present = {(i, s): number for number, i, s in cursor.fetchall()}  # type: ignore[attr-defined]  # a cursor
    found: list[Kept | None] = []
    for one in events:
        name = (one.integration, one.sent_as)
        if not one.sent_as:
            waiting = unnamed.get(one.integration)
            found.append(Kept(waiting.pop(0), again=False) if waiting else None)
        elif name in fresh:
            found.append(Kept(fresh.pop(name), again=False))
        else:
            found.append(Kept(present[name], again=True) if name in present else None)
    return found


def call() -> None:
    """Wake whoever takes events in. After the commit, so that storing waits for no other who calls."""
    ring(connection, EVENTS)
