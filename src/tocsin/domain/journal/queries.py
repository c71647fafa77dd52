"""Reading the journal, and proving that nobody has tampered with it (SECURITY 13)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import connection, transaction

from tocsin.domain.journal.logic.chain import EMPTY, Link, checkpoint_body, digest, problem_of
from tocsin.domain.journal.models import Checkpoint, Entry

MOST_PROBLEMS = 1_000
BATCH = 2_000


@dataclass(slots=True)
class VerifyReport:
    """What a verification saw. Empty `problems` means: every chain is whole."""

    streams: int = 0
    entries: int = 0
    checkpoints: int = 0
    anchor: str = ""  # "<id>:<hash>" of the last checkpoint: keep it elsewhere to prove later that nothing was cut off
    problems: list[str] = field(default_factory=list)
    more_problems: int = 0  # how many were found beyond the first MOST_PROBLEMS

    @property
    def whole(self) -> bool:
        return not self.problems

    def add(self, problem: str) -> None:
        """Note a problem; the first MOST_PROBLEMS in words, the others as a count."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)
        else:
            self.more_problems += 1


def entries(stream: str, after: int = 0, limit: int = 1_000) -> list[Entry]:
    """Return up to `limit` entries of a stream after position `after`, in order."""
    return list(Entry.objects.filter(stream=stream, position__gt=after).order_by("position")[:limit])


def entries_count() -> int:
    """Return how many entries there are to verify."""
    return Entry.objects.count()


def verify(progress: Callable[[int], None] | None = None, anchor: str = "") -> VerifyReport:
    """Recompute every chain and compare it with the heads and the checkpoints.

    Finds changed, deleted, inserted, swapped and cut-off entries, forged heads, and chains that
    were forged as a whole after a checkpoint had recorded them. `anchor`, from an earlier report
    kept elsewhere, finds also that the newest checkpoints were cut off together with what they
    cover. `progress` is told, now and then, how many entries have been read since it was last told.
    Everything is read in one snapshot, entry by entry, while others go on writing.
    """
    report = VerifyReport()
    with _snapshot():
        _verify_chains(report, progress or (lambda _: None))
        _verify_heads_without_entries(report)
        _verify_checkpoints(report, anchor)
    return report


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read everything as of one instant; inside somebody's transaction, as that transaction sees it."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _verify_chains(report: VerifyReport, progress: Callable[[int], None]) -> None:
    stream: str | None = None
    length, head = 0, EMPTY  # of the chain as recomputed so far
    stored: tuple[int, bytes] | None = None
    for link, stream_row in _links():
        if link.stream != stream:
            _compare_head(report, stream, length, head, stored)
            stream, length, head, stored = link.stream, 0, EMPTY, stream_row
            report.streams += 1
        problem = problem_of(link, length + 1, head)
        if problem:
            report.add(problem)
        # Go on from what is stored, so that one tampered entry is reported once.
        length, head = link.position, link.hash
        report.entries += 1
        if report.entries % BATCH == 0:
            progress(BATCH)
    _compare_head(report, stream, length, head, stored)
    progress(report.entries % BATCH)


def _links() -> Iterator[tuple[Link, tuple[int, bytes] | None]]:
    """Yield every entry with its stream's row, in order of chain and position, through a server-side cursor."""
    rows = _streamed(
        "SELECT e.stream, e.position, e.at, e.kind, e.actor, e.data, e.previous, e.hash, s.length, s.head "
        "FROM journal_entry e LEFT JOIN journal_stream s ON s.name = e.stream ORDER BY e.stream, e.position, e.id"
    )
    for name, position, at, kind, actor, data, previous, own, length, head in rows:
        link = Link(name, position, at, kind, actor, _decoded(data), bytes(previous), bytes(own))
        yield link, None if length is None else (length, bytes(head))


def _decoded(stored: str) -> Any:
    """Return the data of an entry; jsonb comes as text through Django's connection."""
    try:
        return json.loads(stored)
    except ValueError:
        # A number longer than Python reads: never written by us, and null is what no hash of ours covers.
        return None


def _streamed(sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query a batch at a time, so that memory does not grow with the journal."""
    connection.ensure_connection()
    assert connection.connection is not None  # noqa: S101 - ensured on the line above; tells the type checker
    with connection.connection.cursor(name="journal_verify") as cursor:
        cursor.itersize = BATCH
        cursor.execute(sql)
        yield from cursor


def _compare_head(
    report: VerifyReport, stream: str | None, length: int, head: bytes, stored: tuple[int, bytes] | None
) -> None:
    if stream is None:
        return
    if stored is None:
        report.add(f"{stream}: its head is missing (deleted?)")
    elif stored[0] > length:
        report.add(f"{stream}: it ends at entry {length}, but {stored[0]} were written (the tail was cut off)")
    elif stored[0] < length:
        report.add(f"{stream}: it has {length} entries, but only {stored[0]} were written (entries were inserted)")
    elif stored[1] != head:
        report.add(f"{stream}: its last entry is not the one that was written last (head and chain differ)")


def _verify_heads_without_entries(report: VerifyReport) -> None:
    rows = _streamed(
        "SELECT name, length FROM journal_stream s WHERE length > 0 "
        "AND NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.stream = s.name) ORDER BY name"
    )
    for name, length in rows:
        report.add(f"{name}: all of its {length} entries are missing (deleted?)")


def _verify_checkpoints(report: VerifyReport, anchor: str) -> None:
    previous = EMPTY
    known: set[str] = set()
    for row in Checkpoint.objects.order_by("id").iterator(chunk_size=50):
        name = f"checkpoint {row.pk}"
        if bytes(row.previous) != previous:
            report.add(f"{name} does not follow the checkpoint before it (one was changed, deleted or inserted)")
        if not _is_well_formed(row.heads) or _digest_of(row) != bytes(row.hash):
            report.add(f"{name} was changed: its content does not match its hash")
        else:
            _verify_recorded_heads(report, name, row.heads)
        previous = bytes(row.hash)
        report.checkpoints += 1
        report.anchor = f"{row.pk}:{previous.hex()}"
        known.add(report.anchor)
    for fact in Entry.objects.filter(stream="system", kind="journal.checkpoint").order_by("position").iterator():
        told = f"{fact.data.get('checkpoint')}:{fact.data.get('hash')}"
        if told not in known:
            report.add(f"checkpoint {fact.data.get('checkpoint')} is missing or not the one that was made (cut off?)")
    if anchor and anchor not in known:
        report.add(f"checkpoint {anchor.partition(':')[0]} of the given anchor is missing or not the one that was made")


def _digest_of(row: Checkpoint) -> bytes:
    return digest(bytes(row.previous), checkpoint_body(row.at, row.heads))


def _is_well_formed(heads: Any) -> bool:
    if not isinstance(heads, dict):
        return False
    return all(
        isinstance(head, list) and len(head) == 2 and isinstance(head[0], int) and isinstance(head[1], str)
        for head in heads.values()
    )


def _verify_recorded_heads(report: VerifyReport, name: str, heads: dict[str, Any]) -> None:
    """Check that each chain still begins with what a checkpoint recorded of it."""
    for part in batched(sorted(heads.items()), BATCH):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT h.stream, h.position, encode(e.hash, 'hex') "
                "FROM unnest(%s::text[], %s::bigint[]) AS h(stream, position) "
                "LEFT JOIN journal_entry e ON e.stream = h.stream AND e.position = h.position",
                [[stream for stream, _ in part], [head[0] for _, head in part]],
            )
            found = {stream: (position, own) for stream, position, own in cursor.fetchall()}
        for stream, (length, own) in part:
            if found.get(stream) != (length, own):
                report.add(f"{stream}: entry {length} is not the one that {name} recorded (chain forged or cut)")


def last_checkpoint_at() -> datetime | None:
    """Return when the last checkpoint was made (UTC), None if none ever was."""
    return Checkpoint.objects.order_by("-id").values_list("at", flat=True).first()


def latest(stream: str, limit: int = 100) -> list[Entry]:
    """Return the last `limit` entries of a stream, newest first."""
    return list(Entry.objects.filter(stream=stream).order_by("-position")[:limit])
