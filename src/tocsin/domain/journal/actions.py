"""Appending to the journal. The only code that writes its tables."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tocsin.domain.journal.live import tell_after_commit
from tocsin.domain.journal.logic.chain import EMPTY, NotJson, canonical, checkpoint_body, digest, normal
from tocsin.domain.journal.models import Checkpoint
from tocsin.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One entry to append. `data` holds JSON values only; `at` is aware."""

    stream: str
    kind: str
    at: datetime
    actor: str = "system"
    data: Mapping[str, Any]


_LOCK_STREAMS = "SELECT name, length, head FROM journal_stream WHERE name = ANY(%s) ORDER BY name FOR UPDATE"
_BEGIN_STREAMS = "INSERT INTO journal_stream (name, length, head) SELECT unnest(%s::text[]), 0, %s ON CONFLICT DO NOTHING RETURNING name"
# Rows travel as one JSON text: a fraction of the cost of arrays, which are quoted element by element.
_APPEND = (
    "WITH entries AS (INSERT INTO journal_entry (stream, position, at, kind, actor, data, previous, hash) "
    "SELECT stream, position, at, kind, actor, data, decode(previous, 'hex'), decode(hash, 'hex') "
    "FROM json_to_recordset(%s::json) AS n(stream text, position bigint, at timestamptz, kind text, actor text, "
    "data jsonb, previous text, hash text)) "
    "UPDATE journal_stream s SET length = n.length, head = decode(n.head, 'hex') "
    "FROM json_to_recordset(%s::json) AS n(name text, length bigint, head text) WHERE s.name = n.name"
)


class _Gathering(threading.local):
    facts: list[Fact] | None = None


_gathering = _Gathering()


@contextmanager
def gathered() -> Iterator[None]:
    """Append what is recorded inside, by whichever app, in its order but all at once: at the end, in the same transaction.

    For an act that many apps answer to. Nothing inside may catch an error that rolls back a part (what that part has
    recorded would still be appended), nor read what it has itself recorded.
    """
    if _gathering.facts is not None:
        yield
        return
    facts: list[Fact] = []
    _gathering.facts = facts
    try:
        yield
    finally:
        _gathering.facts = None
    record_many(facts)


def record(*, stream: str, kind: str, actor: str, at: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Append one fact. Must run inside the transaction of the change that it tells of."""
    record_many([Fact(stream=stream, kind=kind, actor=actor, at=at, data=data or {})])


def record_many(facts: Sequence[Fact]) -> None:
    """Append facts in order with two statements, however many there are; three where a stream begins.

    Streams are locked in order of name, so two writers of overlapping sets cannot deadlock here.
    Raises InvalidInput for data that JSON or PostgreSQL cannot keep (logic.chain.normal).
    """
    if not facts:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("journal entries belong to the transaction of their change")
    if _gathering.facts is not None:
        _gathering.facts += facts
        return
    bodies = [_checked(fact) for fact in facts]
    names = sorted({fact.stream for fact in facts})
    rows: list[dict[str, Any]] = []
    with connection.cursor() as cursor:
        heads = _locked_heads(cursor, names)
        for fact, data in zip(facts, bodies, strict=True):
            length, previous = heads[fact.stream]
            position = length + 1
            body = canonical(fact.stream, position, fact.at, fact.kind, fact.actor, data)
            own = digest(previous, body)
            rows.append(
                {
                    "stream": fact.stream, "position": position, "at": fact.at.isoformat(), "kind": fact.kind,
                    "actor": fact.actor, "data": data, "previous": previous.hex(), "hash": own.hex(),
                }
            )  # fmt: skip
            heads[fact.stream] = (position, own)
        moved = [{"name": name, "length": heads[name][0], "head": heads[name][1].hex()} for name in names]
        cursor.execute(_APPEND, [json.dumps(rows), json.dumps(moved)])
    tell_after_commit(names)


def _locked_heads(cursor: Any, names: list[str]) -> dict[str, tuple[int, bytes]]:
    """Lock the streams, making those that do not exist yet; return {name: (length, hash of the last entry)}."""
    cursor.execute(_LOCK_STREAMS, [names])
    heads = {name: (length, bytes(head)) for name, length, head in cursor.fetchall()}
    missing = [name for name in names if name not in heads]
    if missing:
        cursor.execute(_BEGIN_STREAMS, [missing, EMPTY])
        heads |= {name: (0, EMPTY) for (name,) in cursor.fetchall()}  # a row of ours is locked by having been made
        others = [name for name in missing if name not in heads]
        if others:
            cursor.execute(_LOCK_STREAMS, [others])
            heads |= {name: (length, bytes(head)) for name, length, head in cursor.fetchall()}
    return heads


@transaction.atomic
def checkpoint(*, now: datetime) -> Checkpoint | None:
    """Chain a digest over the heads of all streams that grew since the last checkpoint; None if none did.

    It is journalled on "system", so that cutting off checkpoints shows too. Streams that somebody
    is appending to at this moment are left for the next checkpoint: only "system" is waited for,
    and while nothing else is held, so this deadlocks with nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_stream (name, length, head) VALUES ('system', 0, %s) ON CONFLICT DO NOTHING", [EMPTY]
        )
        cursor.execute("SELECT 1 FROM journal_stream WHERE name = 'system' FOR UPDATE")
        cursor.execute(
            "SELECT name, length, head FROM journal_stream WHERE length > checkpointed "
            "ORDER BY name FOR UPDATE SKIP LOCKED"
        )
        heads = {name: [length, bytes(head).hex()] for name, length, head in cursor.fetchall()}
        if not set(heads) - {"system"} and not _moved_beyond_checkpoint():
            return None
        last = Checkpoint.objects.order_by("-id").first()
        previous = bytes(last.hash) if last else EMPTY
        own = digest(previous, checkpoint_body(now, heads))
        made = Checkpoint.objects.create(at=now, heads=heads, previous=previous, hash=own)
        cursor.execute("UPDATE journal_stream SET checkpointed = length WHERE name = ANY(%s)", [list(heads)])
    data = {"checkpoint": made.pk, "hash": own.hex(), "streams": len(heads)}
    record(stream="system", kind="journal.checkpoint", actor="engine", at=now, data=data)
    return made


def _checked(fact: Fact) -> Any:
    """Return the fact's data in its stored form. Raises InvalidInput."""
    if fact.at.tzinfo is None:
        message = f"{fact.kind}: a journal entry needs an aware time. Give it a zone."
        raise InvalidInput("naive_time", message, {"at": "It has no zone."})
    try:
        normal([fact.stream, fact.kind, fact.actor], "stream, kind or actor")
        return normal(dict(fact.data))
    except NotJson as refused:
        message = f"{fact.kind} cannot be journalled. {refused.where}: {refused.problem}."
        raise InvalidInput("not_journalable", message, {refused.where: refused.problem}) from None


def _moved_beyond_checkpoint() -> bool:
    """Tell whether "system" grew by more than the entry of the last checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM journal_entry e JOIN journal_stream s ON s.name = 'system' AND e.stream = 'system' "
            "AND e.position > s.checkpointed WHERE e.kind <> 'journal.checkpoint'"
        )
        (others,) = cursor.fetchone()
    return bool(others)
