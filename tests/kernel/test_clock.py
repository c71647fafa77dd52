"""SECURITY 7: now is the database's."""

from datetime import UTC, timedelta

import psycopg
import pytest
from django.db import connection, transaction

from tocsin.kernel.clock import database_now


@pytest.mark.django_db
def test_now_is_aware_utc_and_moves_within_a_transaction() -> None:
    with transaction.atomic():
        first, second = database_now(connection), database_now(connection)
    assert first.tzinfo is UTC
    assert timedelta(0) < second - first < timedelta(minutes=1)


@pytest.mark.django_db
def test_a_plain_connection_in_any_zone_gives_the_same_instant() -> None:
    parameters = {**connection.get_connection_params(), "options": "-c timezone=Asia/Kathmandu"}
    kept = ("dbname", "user", "password", "host", "port", "options")
    with psycopg.connect(**{key: parameters[key] for key in kept if key in parameters}) as plain:
        before, elsewhere, after = database_now(connection), database_now(plain), database_now(connection)
    assert elsewhere.tzinfo is UTC
    assert before < elsewhere < after
