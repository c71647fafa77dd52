"""Appending to the journal. The only code that writes its tables."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

EMPTY = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One entry to append. `data` holds JSON values only; `at` is aware."""

    stream: str
    kind: str
    at: datetime
    actor: str = "system"
    data: Mapping[str, Any]


def canonical(stream: str, position: int, at: datetime, kind: str, actor: str, data: Any) -> bytes:
    """Return the bytes that are hashed after the previous hash: JSON with sorted keys, UTC microseconds."""
    parts = [stream, position, at.astimezone(UTC).isoformat(timespec="microseconds"), kind, actor, data]
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def record(*, stream: str, kind: str, actor: str, at: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Append one fact. Must run inside the transaction of the change that it tells of."""
    record_many([Fact(stream=stream, kind=kind, actor=actor, at=at, data=data or {})])


def record_many(facts: Sequence[Fact]) -> None:
    """Append facts in order with four statements, however many there are.

    Streams are locked in order of name, so two writers of overlapping sets cannot deadlock here.
    """
    if not facts:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("journal entries belong to the transaction of their change")
    names = sorted({fact.stream for fact in facts})
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_stream (name, length, head) SELECT unnest(%s::text[]), 0, %s ON CONFLICT DO NOTHING",
            [names, EMPTY],
        )
        cursor.execute(
            "SELECT name, length, head FROM journal_stream WHERE name = ANY(%s) ORDER BY name FOR UPDATE", [names]
        )
        heads = {name: (length, bytes(head)) for name, length, head in cursor.fetchall()}
        for fact in facts:
            length, previous = heads[fact.stream]
            position = length + 1
            body = canonical(fact.stream, position, fact.at, fact.kind, fact.actor, fact.data)
            digest = hashlib.sha256(previous + body).digest()
            rows.append(
                (fact.stream, position, fact.at, fact.kind, fact.actor, json.dumps(fact.data), previous, digest)
            )
            heads[fact.stream] = (position, digest)
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(
            "INSERT INTO journal_entry (stream, position, at, kind, actor, data, previous, hash) "
            "SELECT * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::jsonb[], "
            "%s::bytea[], %s::bytea[])",
            columns,
        )
        cursor.execute(
            "UPDATE journal_stream s SET length = n.length, head = n.head "
            "FROM unnest(%s::text[], %s::bigint[], %s::bytea[]) AS n(name, length, head) WHERE s.name = n.name",
            [names, [heads[n][0] for n in names], [heads[n][1] for n in names]],
        )
