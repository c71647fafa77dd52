"""Keeping the index. Whoever changes a thing marks it; a background loop indexes what is marked.

Marking is one insert that waits for nobody; indexing has one writer at a time, so that the counts of BM25 are exact.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.search.logic.document import LANGUAGES, LONGEST_TEXT, Document

type Loader = Callable[[Collection[UUID]], Sequence[Document]]

ONE_WRITER = 0x70C51  # advisory lock
BATCH = 500

_INDEX = """
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb)
    AS g(kind text, object_id uuid, title text, public text, internal text, marks text[], language text, at timestamptz)
), texts AS MATERIALIZED (
    SELECT kind, object_id, at,
           setweight(to_tsvector(language::regconfig, unaccent(title)), 'A')
           || setweight(to_tsvector(language::regconfig, unaccent(public)), 'C')
           || setweight(to_tsvector(language::regconfig, unaccent(internal)), 'D')
           || array_to_tsvector(marks) AS words
    FROM given
), before AS (
    SELECT e.kind, e.object_id, e.words, e.length FROM search_entry e JOIN given USING (kind, object_id)
), written AS (
    INSERT INTO search_entry (kind, object_id, at, length, words)
    SELECT kind, object_id, at,
           (SELECT coalesce(sum(cardinality(positions)), 0) FROM unnest(words)), words
    FROM texts
    ON CONFLICT (kind, object_id) DO UPDATE SET at = excluded.at, length = excluded.length, words = excluded.words
    RETURNING length
), changed AS (
    SELECT lexeme, sum(change) AS change FROM (
        SELECT lexeme, 1 AS change FROM texts, LATERAL unnest(words)
        UNION ALL
        SELECT lexeme, -1 FROM before, LATERAL unnest(words)
    ) c GROUP BY lexeme HAVING sum(change) <> 0
), counted AS (
    INSERT INTO search_term AS t (lexeme, entries) SELECT lexeme, change FROM changed
    ON CONFLICT (lexeme) DO UPDATE SET entries = t.entries + excluded.entries
)
INSERT INTO search_totals AS t (id, entries, words)
SELECT 1, (SELECT count(*) FROM written) - (SELECT count(*) FROM before),
       (SELECT coalesce(sum(length), 0) FROM written) - (SELECT coalesce(sum(length), 0) FROM before)
ON CONFLICT (id) DO UPDATE SET entries = t.entries + excluded.entries, words = t.words + excluded.words
"""
_FORGET = """
WITH gone AS (
    DELETE FROM search_entry WHERE (kind, object_id) IN (
        SELECT * FROM jsonb_to_recordset(%s::jsonb) AS g(kind text, object_id uuid)
    ) RETURNING words, length
), counted AS (
    INSERT INTO search_term AS t (lexeme, entries)
    SELECT lexeme, -count(*) FROM gone, LATERAL unnest(words) GROUP BY lexeme
    ON CONFLICT (lexeme) DO UPDATE SET entries = t.entries + excluded.entries
)
UPDATE search_totals SET entries = entries - (SELECT count(*) FROM gone),
                         words = words - (SELECT coalesce(sum(length), 0) FROM gone)
"""
_MARK = "INSERT INTO search_pending (kind, object_id) SELECT %s, unnest(%s::uuid[])"
_TAKE = """
DELETE FROM search_pending WHERE id IN (SELECT id FROM search_pending ORDER BY id LIMIT %s)
RETURNING kind, object_id
"""


def mark(*, kind: str, ids: Collection[UUID]) -> None:
    """Note that these have changed, or ceased to be, in the transaction that changes them."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [kind, list(ids)])


def refresh(*, loaders: Mapping[str, Loader], limit: int = BATCH) -> int:
    """Index up to `limit` of what is marked; return how many marks were dealt with (0 too while another process does).

    `loaders` gives for a kind what its things say now; what a loader does not return has ceased to be.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_WRITER])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_TAKE, [limit])
        taken = cursor.fetchall()
        marked: dict[str, set[UUID]] = {}
        for kind, object_id in taken:
            marked.setdefault(kind, set()).add(object_id)
        for kind, ids in sorted(marked.items()):
            documents = loaders[kind](ids) if kind in loaders else []
            index(documents)
            _forget(kind, ids - {document.object_id for document in documents})
    return len(taken)


def index(documents: Sequence[Document]) -> None:
    """Index documents now, in one statement. For one writer at a time: `refresh`, a rebuild."""
    if not documents:
        return
    rows = [
        {
            "kind": document.kind,
            "object_id": str(document.object_id),
            "title": _clean(document.title),
            "public": _clean(document.public),
            "internal": _clean(document.internal),
            "marks": document.marks(),
            "language": LANGUAGES.get(document.language, "english"),
            "at": document.at.isoformat(),
        }
        for document in {(d.kind, d.object_id): d for d in documents}.values()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, [json.dumps(rows)])


def rebuild(*, every: Sequence[UUID], loader: Loader, progress: Callable[[int], None] = lambda _done: None) -> int:
    """Index things anew, oldest first; return how many there are. Commits batch by batch, so it may be interrupted."""
    done = 0
    for start in range(0, len(every), BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_WRITER])
            documents = loader(every[start : start + BATCH])
            index(documents)
            done += len(documents)
        progress(done)
    return done


def _forget(kind: str, ids: Collection[UUID]) -> None:
    if ids:
        rows = [{"kind": kind, "object_id": str(one)} for one in ids]
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [json.dumps(rows)])


def _clean(text: str) -> str:
    return text[:LONGEST_TEXT].replace("\x00", " ")
