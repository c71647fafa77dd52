"""Appending: what is hashed is what is read back, and nothing written can be taken back."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis.extra.django import TestCase

from tests.domain.journal.logic.test_chain import values
from tocsin.domain.journal.actions import Fact, checkpoint, record, record_many
from tocsin.domain.journal.models import Checkpoint, Entry, Stream
from tocsin.domain.journal.queries import entries, latest, verify
from tocsin.kernel.errors import InvalidInput

AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def write(stream: str = "ticket:1", count: int = 1, **data: Any) -> None:
    facts = [
        Fact(stream=stream, kind="ticket.note", at=AT, actor="system", data={"n": n, **data}) for n in range(count)
    ]
    with transaction.atomic():
        record_many(facts)


class WhatIsHashedIsWhatIsReadBack(TestCase):
    """Through jsonb and back, whatever the data."""

    @given(values)
    @hypothesis(max_examples=80)
    def test_any_json_value_verifies_after_the_round_trip(self, value: Any) -> None:
        record(stream="system", kind="test", actor="system", at=AT, data={"value": value})
        assert verify().problems == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [
        -0.0,
        1.0,
        1,
        1e16,
        1e-7,
        5e-324,
        1e308,
        1.7976931348623157e308,
        2**63,
        10**300,
        0.1 + 0.2,
        {"b": 1, "a": 2},
        "Größe \U0001f514",
    ],
)
def test_awkward_values_verify_after_the_round_trip(value: Any) -> None:
    write(value=value)
    assert verify().problems == []


@pytest.mark.django_db
def test_what_cannot_be_kept_is_refused_with_its_place_and_nothing_is_written() -> None:
    with pytest.raises(InvalidInput) as refused:
        write(words=["fine", "a\x00b"])
    assert refused.value.code == "not_journalable"
    assert list(refused.value.fields) == ["data.words[1]"]
    assert Entry.objects.count() == Stream.objects.count() == 0


@pytest.mark.django_db
def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="aware time"):
        record(stream="system", kind="test", actor="system", at=AT.replace(tzinfo=None))


@pytest.mark.django_db(transaction=True)
def test_an_entry_belongs_to_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record(stream="system", kind="test", actor="system", at=AT)


@pytest.mark.django_db
def test_entries_are_read_in_order_and_in_parts() -> None:
    write(count=5)
    assert [e.position for e in entries("ticket:1", after=2, limit=2)] == [3, 4]
    assert [e.position for e in latest("ticket:1", limit=2)] == [5, 4]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET kind = 'x'",
        "DELETE FROM journal_entry",
        "UPDATE journal_checkpoint SET heads = '{}'",
        "DELETE FROM journal_checkpoint",
        "UPDATE journal_stream SET length = 0",
        "UPDATE journal_stream SET head = '\\x00'",
        "UPDATE journal_stream SET name = 'other'",
        "UPDATE journal_stream SET checkpointed = 0",
        "UPDATE journal_stream SET checkpointed = 99",
        "DELETE FROM journal_stream",
        "INSERT INTO journal_stream (name, length, head) VALUES ('forged', 3, '\\x00')",
    ],
)
def test_the_database_refuses_to_take_back(statement: str) -> None:
    write(count=2)
    checkpoint(now=AT)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().problems == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["journal_entry", "journal_checkpoint", "journal_stream"])
def test_the_database_refuses_truncate(table: str) -> None:
    write()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")  # off for the tests' own clean-up
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table}")


@pytest.mark.django_db
def test_a_restricted_role_can_append_and_read_but_not_even_switch_the_guards_off() -> None:
    statements = [
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
        "DROP TABLE journal_entry",
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE tocsin_test_restricted NOLOGIN")
        cursor.execute("GRANT tocsin_test_restricted TO CURRENT_USER")  # who is no superuser must be let into the role
        cursor.execute("SELECT tocsin_grant_application('tocsin_test_restricted')")
        cursor.execute("SET LOCAL ROLE tocsin_test_restricted")
        write(count=2)
        checkpoint(now=AT)
        assert verify().problems == []
        for statement in statements:
            with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
                cursor.execute(statement)
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_a_checkpoint_records_what_grew_since_the_last() -> None:
    write("ticket:1", count=2)
    first = checkpoint(now=AT)
    write("ticket:2")
    second = checkpoint(now=AT + timedelta(minutes=10))
    assert first is not None
    assert second is not None
    assert sorted(first.heads) == ["ticket:1"]
    assert sorted(second.heads) == ["system", "ticket:2"]
    assert bytes(second.previous) == bytes(first.hash)
    assert checkpoint(now=AT + timedelta(minutes=20)) is None
    assert Checkpoint.objects.count() == 2
    assert verify().problems == []


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_stream_make_one_chain() -> None:
    start = threading.Barrier(2)

    def writer() -> None:
        start.wait()
        for _ in range(20):
            write("ticket:1")
        connection.close()

    threads = [threading.Thread(target=writer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = verify()
    assert (report.streams, report.entries, report.problems) == (1, 40, [])


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_neither_waits_for_nor_tears_a_stream_in_motion() -> None:
    write("ticket:1")
    write("ticket:2")
    written, checked = threading.Event(), threading.Event()

    def writer() -> None:
        with transaction.atomic():
            record(stream="ticket:1", kind="test", actor="system", at=AT)
            written.set()
            checked.wait(10)
        connection.close()

    thread = threading.Thread(target=writer)
    thread.start()
    assert written.wait(10)
    first = checkpoint(now=AT)
    checked.set()
    thread.join()
    second = checkpoint(now=AT)
    assert first is not None
    assert second is not None
    assert (sorted(first.heads), sorted(second.heads)) == (["ticket:2"], ["system", "ticket:1"])
    assert second.heads["ticket:1"][0] == 2
    assert verify().problems == []
