"""Taking due deliveries out of the outbox: whose turn it is (SECURITY 10), in one statement with the lease (SECURITY 5).

While there is no more than one sender takes at once, everything due goes in the order in which it became due.
In a storm lanes take turns (a lane: a customer and the integration that its tickets come from), and within a lane
the people do. So whoever is not part of the storm waits for one turn, however long the storm's queue is.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from tocsin.domain.notify.actions.parcel import Outgoing

# One statement, so that a page taken back meanwhile cannot be leased: rows that changed after the statement began are
# looked at again when they are locked, and withdrawing changes every open row of the page.
_CLAIM = """
WITH RECURSIVE {turns} due AS MATERIALIZED (
  SELECT d.id, d.state, d.due_at, d.lease, d.leased_at, {turn} AS turn, {crowd} AS crowd
  FROM {rows} JOIN notify_page p ON p.id = d.page_id
  WHERE d.state IN ('pending', 'leased') AND d.due_at <= %(now)s AND d.channel = %(channel)s
    AND d.withdrawn_at IS NULL AND p.state = 'active' {only}
  ORDER BY {order} LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED
), taken AS (
  UPDATE notify_delivery d SET state = 'leased', lease = %(lease)s, leased_at = %(now)s, due_at = %(until)s,
    attempts = d.attempts + 1, bundle = NULL FROM due WHERE d.id = due.id
  RETURNING d.id, d.page_id, d.user_id, d.channel, d.address, d.attempts, due.due_at, due.turn, due.crowd
), lost AS (
  INSERT INTO notify_attempt (delivery_id, at, ended_at, outcome, answer, lease)
  SELECT id, leased_at, %(now)s, 'lease_lost', '', lease FROM due WHERE state = 'leased'
)
SELECT t.id, t.page_id, t.user_id, t.channel, t.address, t.attempts, p.run, p.cycle, p.level, p.ticket, p.purpose,
  p.urgency, p.subject, p.body, p.data, p.created_at, t.due_at, coalesce(m.sealed, ''), t.crowd
FROM taken t JOIN notify_page p ON p.id = t.page_id
LEFT JOIN notify_contactmethod m ON m.user_id = t.user_id AND m.channel = t.channel AND m.address = t.address
ORDER BY t.turn, t.due_at, t.id
"""
# Steps from group to group in the index (channel, lane, user, due_at) and takes only the head of each queue, so its
# cost grows with the number of queues and not with their length.
_TURNS = """
queues AS (
  (SELECT lane, user_id FROM notify_delivery WHERE channel = %(channel)s AND state IN ('pending', 'leased')
   ORDER BY lane, user_id LIMIT 1)
  UNION ALL
  SELECT n.lane, n.user_id FROM queues q CROSS JOIN LATERAL (
    SELECT d.lane, d.user_id FROM notify_delivery d WHERE d.channel = %(channel)s AND d.state IN ('pending', 'leased')
      AND (d.lane, d.user_id) > (q.lane, q.user_id) ORDER BY d.lane, d.user_id LIMIT 1
  ) n
), heads AS (
  SELECT q.lane, q.user_id, h.id, h.due_at, h.address,
    row_number() OVER (PARTITION BY q.lane, q.user_id ORDER BY h.due_at, h.id) AS place
  FROM queues q CROSS JOIN LATERAL (
    SELECT d.id, d.due_at, d.address FROM notify_delivery d JOIN notify_page p ON p.id = d.page_id
    WHERE d.channel = %(channel)s AND d.lane = q.lane AND d.user_id = q.user_id AND d.state IN ('pending', 'leased')
      AND d.due_at <= %(now)s AND d.withdrawn_at IS NULL AND p.state = 'active'
    ORDER BY d.due_at LIMIT greatest(%(least)s, 2 * %(limit)s / (SELECT count(*) FROM queues))
  ) h
), turns AS (
  SELECT id, due_at, count(*) OVER (PARTITION BY user_id, address) AS crowd,
    row_number() OVER (PARTITION BY lane ORDER BY place, due_at, id) AS turn
  FROM heads ORDER BY turn, due_at LIMIT 4 * %(limit)s
),
"""
_IN_ORDER = {"turns": "", "turn": "0", "crowd": "0", "rows": "notify_delivery d", "order": "d.due_at"}
_NEXT = _CLAIM.format(**_IN_ORDER, only="")
_OF_ADDRESS = _CLAIM.format(**_IN_ORDER, only="AND d.address = %(address)s AND d.user_id = %(user)s")
_FAIRLY = _CLAIM.format(
    turns=_TURNS, turn="t.turn", crowd="t.crowd", rows="turns t JOIN notify_delivery d ON d.id = t.id",
    order="t.turn, t.due_at, t.id", only="",
)  # fmt: skip
_DUE = (
    "SELECT count(*) FROM (SELECT 1 FROM notify_delivery WHERE channel = %(channel)s AND state IN ('pending', 'leased')"
    " AND due_at <= %(now)s AND withdrawn_at IS NULL LIMIT %(limit)s + 1) AS due"
)


def claim_next(wanted: Mapping[str, Any], *, bundle_over: int) -> list[Outgoing]:
    """Claim up to `limit` due deliveries, in turns if more than that are due."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, dict(wanted))
        (due,) = cursor.fetchone()
    if due <= wanted["limit"]:
        return _claim(_NEXT, wanted)
    # One more than makes a bundle: enough of each queue is looked at to know that it needs one.
    return _claim(_FAIRLY, {**wanted, "least": bundle_over + 1 if bundle_over else 8})


def claim_of_address(wanted: Mapping[str, Any]) -> list[Outgoing]:
    """Claim what is due to one address of one person, for a bundle."""
    return _claim(_OF_ADDRESS, wanted)


def _claim(statement: str, wanted: Mapping[str, Any]) -> list[Outgoing]:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(wanted))
        rows = cursor.fetchall()
    return [
        Outgoing(
            id=r[0], page_id=r[1], user_id=r[2], channel=r[3], address=r[4], attempts=r[5], run=r[6], cycle=r[7],
            level=r[8], ticket=r[9], purpose=r[10], urgency=r[11], subject=r[12], body=r[13],
            data=json.loads(r[14]) if isinstance(r[14], str) else r[14], created_at=r[15], due_at=r[16],
            sealed=r[17], crowd=r[18],
        )
        for r in rows
    ]  # fmt: skip
