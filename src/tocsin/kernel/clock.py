"""The one clock: inside a transaction that decides, now is the database's (SEMANTICS 11, SECURITY 7)."""

from datetime import UTC, datetime
from typing import Any, Protocol


class HasCursor(Protocol):
    """A DB-API connection, or Django's wrapper of one."""

    def cursor(self) -> Any: ...


def database_now(connection: HasCursor) -> datetime:
    """Return the database server's wall clock as an aware UTC datetime (microseconds).

    Read it once per computation and pass it on; a machine whose own clock is a day
    off then decides nothing differently.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return now.astimezone(UTC)  # type: ignore[no-any-return]
