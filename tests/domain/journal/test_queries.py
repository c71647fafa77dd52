"""SECURITY 13: `verify` finds any tampering. The tamperer here owns the database and switches every guard off."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from tocsin.domain.journal.actions import checkpoint, record
from tocsin.domain.journal.logic.chain import EMPTY, canonical, checkpoint_body, digest
from tocsin.domain.journal.models import Checkpoint, Entry
from tocsin.domain.journal.queries import entries, verify

AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
TABLES = ("journal_entry", "journal_stream", "journal_checkpoint")


@contextmanager
def guards_off() -> Iterator[None]:
    for table in TABLES:
        run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    yield
    for table in TABLES:
        run(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        run(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


@pytest.fixture
def journal(transactional_db: None) -> None:
    """Three streams of five entries, of which the first three are under a checkpoint."""
    for step in range(5):
        for stream in ("policy:p", "ticket:a", "ticket:b"):
            with transaction.atomic():
                record(stream=stream, kind="test.step", actor="system", at=AT, data={"step": step, "by": "Ana"})
        if step == 2:
            checkpoint(now=AT)


def rehash(stream: str, start: int) -> None:
    """Forge a chain from position `start` on so that it fits together again, head included."""
    previous = EMPTY if start == 1 else bytes(Entry.objects.get(stream=stream, position=start - 1).hash)
    last = start - 1
    for e in entries(stream, after=start - 1):
        own = digest(previous, canonical(e.stream, e.position, e.at, e.kind, e.actor, e.data))
        run("UPDATE journal_entry SET previous = %s, hash = %s WHERE id = %s", previous, own, e.pk)
        previous, last = own, e.position
    run("UPDATE journal_stream SET head = %s, length = %s WHERE name = %s", previous, last, stream)


def change_content() -> None:
    run("""UPDATE journal_entry SET data = '{"step": 1, "by": "Eve"}' WHERE stream = 'ticket:a' AND position = 2""")


def change_time() -> None:
    run("UPDATE journal_entry SET at = at - interval '1 hour' WHERE stream = 'ticket:a' AND position = 4")


def change_actor() -> None:
    run("UPDATE journal_entry SET actor = 'person:eve' WHERE stream = 'ticket:a' AND position = 5")


def change_hash() -> None:
    run("UPDATE journal_entry SET hash = decode(repeat('ab', 32), 'hex') WHERE stream = 'ticket:a' AND position = 5")


def delete_in_the_middle() -> None:
    run("DELETE FROM journal_entry WHERE stream = 'ticket:a' AND position = 3")


def delete_the_first() -> None:
    run("DELETE FROM journal_entry WHERE stream = 'ticket:a' AND position = 1")


def delete_and_close_the_gap() -> None:
    run("DELETE FROM journal_entry WHERE stream = 'ticket:a' AND position = 3")
    run("UPDATE journal_entry SET position = position - 1 WHERE stream = 'ticket:a' AND position > 3")


def cut_the_tail() -> None:
    run("DELETE FROM journal_entry WHERE stream = 'ticket:a' AND position > 3")


def cut_the_tail_below_the_checkpoint_and_move_the_head() -> None:
    run("DELETE FROM journal_entry WHERE stream = 'ticket:a' AND position > 2")
    rehash("ticket:a", 1)


def delete_a_whole_stream() -> None:
    run("DELETE FROM journal_entry WHERE stream = 'ticket:a'")


def delete_a_whole_stream_with_its_head() -> None:
    run("DELETE FROM journal_entry WHERE stream = 'ticket:a'")
    run("DELETE FROM journal_stream WHERE name = 'ticket:a'")


def delete_a_head() -> None:
    run("DELETE FROM journal_stream WHERE name = 'ticket:a'")


def append_without_the_head() -> None:
    last = Entry.objects.get(stream="ticket:a", position=5)
    own = digest(bytes(last.hash), canonical("ticket:a", 6, AT, "test.step", "system", {}))
    run(
        "INSERT INTO journal_entry (stream, position, at, kind, actor, data, previous, hash) "
        "VALUES ('ticket:a', 6, %s, 'test.step', 'system', '{}', %s, %s)",
        AT,
        bytes(last.hash),
        own,
    )


def swap_two() -> None:
    run("UPDATE journal_entry SET position = -1 WHERE stream = 'ticket:a' AND position = 2")
    run("UPDATE journal_entry SET position = 2 WHERE stream = 'ticket:a' AND position = 3")
    run("UPDATE journal_entry SET position = 3 WHERE stream = 'ticket:a' AND position = -1")


def move_to_another_stream() -> None:
    run("UPDATE journal_entry SET stream = 'ticket:c' WHERE stream = 'ticket:a'")
    run("UPDATE journal_stream SET name = 'ticket:c' WHERE name = 'ticket:a'")


def forge_all_after_a_checkpoint_recorded_it() -> None:
    change_content()
    rehash("ticket:a", 2)


def change_a_checkpoint() -> None:
    run("UPDATE journal_checkpoint SET heads = heads - 'ticket:a'")


def spoil_a_checkpoint() -> None:
    run("""UPDATE journal_checkpoint SET heads = '{"ticket:a": "nonsense"}'""")


def forge_a_checkpoint() -> None:
    """Leave out what was forged, and make the checkpoint fit together again."""
    row = Checkpoint.objects.get()
    heads = {stream: head for stream, head in row.heads.items() if stream != "ticket:a"}
    own = digest(bytes(row.previous), checkpoint_body(row.at, heads))
    run("UPDATE journal_checkpoint SET heads = heads - 'ticket:a', hash = %s", own)
    forge_all_after_a_checkpoint_recorded_it()


def delete_the_checkpoints() -> None:
    run("DELETE FROM journal_checkpoint")


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (change_content, "ticket:a entry 2 was changed"),
        (change_time, "ticket:a entry 4 was changed"),
        (change_actor, "ticket:a entry 5 was changed"),
        (change_hash, "ticket:a entry 5 was changed"),
        (delete_in_the_middle, "ticket:a: entry 3 is missing"),
        (delete_the_first, "ticket:a: entry 1 is missing"),
        (delete_and_close_the_gap, "ticket:a entry 3 does not follow"),
        (cut_the_tail, "ticket:a: it ends at entry 3, but 5 were written"),
        (cut_the_tail_below_the_checkpoint_and_move_the_head, "ticket:a: entry 3 is not the one that checkpoint"),
        (delete_a_whole_stream, "ticket:a: all of its 5 entries are missing"),
        (delete_a_whole_stream_with_its_head, "ticket:a: entry 3 is not the one that checkpoint"),
        (delete_a_head, "ticket:a: its head is missing"),
        (append_without_the_head, "ticket:a: it has 6 entries, but only 5 were written"),
        (swap_two, "ticket:a entry 2 does not follow"),
        (move_to_another_stream, "ticket:c entry 1 was changed"),
        (forge_all_after_a_checkpoint_recorded_it, "ticket:a: entry 3 is not the one that checkpoint"),
        (change_a_checkpoint, "checkpoint .* was changed"),
        (spoil_a_checkpoint, "checkpoint .* was changed"),
        (forge_a_checkpoint, "checkpoint .* is missing or not the one that was made"),
        (delete_the_checkpoints, "checkpoint .* is missing or not the one that was made"),
    ],
)
def test_verify_finds(journal: None, tamper: Callable[[], None], told: str) -> None:
    assert verify().problems == []
    with guards_off():
        tamper()
    report = verify()
    assert not report.whole
    assert [problem for problem in report.problems if re.match(told, problem)], report.problems


def test_verify_counts_and_reports_progress(journal: None) -> None:
    read: list[int] = []
    report = verify(read.append)
    assert (report.streams, report.entries, report.checkpoints) == (4, 16, 1)
    assert sum(read) == report.entries
    row = Checkpoint.objects.get()
    assert report.anchor == f"{row.pk}:{bytes(row.hash).hex()}"


def test_verify_reports_one_changed_entry_once(journal: None) -> None:
    with guards_off():
        change_content()
    assert len(verify().problems) == 1


def test_an_anchor_kept_elsewhere_shows_that_everything_since_was_cut_off(journal: None) -> None:
    anchor = verify().anchor
    assert verify(anchor=anchor).problems == []
    with guards_off():
        # The most thorough tamperer: checkpoints and all that tells of them are gone, and all chains fit.
        run("DELETE FROM journal_checkpoint")
        run("DELETE FROM journal_entry WHERE stream = 'system'")
        run("DELETE FROM journal_stream WHERE name = 'system'")
        forge_all_after_a_checkpoint_recorded_it()
    assert verify().problems == []
    assert "of the given anchor is missing" in verify(anchor=anchor).problems[0]


def test_verify_of_an_empty_journal(transactional_db: None) -> None:
    report = verify()
    assert (report.whole, report.streams, report.entries, report.anchor) == (True, 0, 0, "")
