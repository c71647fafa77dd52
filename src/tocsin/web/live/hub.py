"""The one connection on which this process hears the database, and the open pages that it tells."""

import asyncio
import contextlib
from collections import Counter
from uuid import UUID

import psycopg
import structlog
from django.db import connection
from psycopg import sql

from tocsin.domain.journal.live import EVERYTHING
from tocsin.kernel.doorbell import LIVE

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 5.0  # seconds between attempts to hear the database again
WAITING = 200  # calls that one slow page may have waiting; then it is told to look at everything


class Hub:
    """Hands each call from the database to every open page's queue."""

    def __init__(self) -> None:
        self._pages: dict[asyncio.Queue[str], UUID] = {}
        self._listening: asyncio.Task[None] | None = None

    def open_pages(self, user: UUID | None = None) -> int:
        """Return how many pages are open: of one person, or of all."""
        return len(self._pages) if user is None else Counter(self._pages.values())[user]

    def join(self, user: UUID) -> asyncio.Queue[str]:
        """Return a queue that gets every call from now on. The first page starts the listening."""
        calls: asyncio.Queue[str] = asyncio.Queue()
        self._pages[calls] = user
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        return calls

    async def leave(self, calls: asyncio.Queue[str]) -> None:
        """Forget a page. With the last one the database is left alone."""
        self._pages.pop(calls, None)
        if not self._pages and self._listening is not None:
            listening, self._listening = self._listening, None
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    def tell(self, told: str) -> None:
        """Put one call into every page's queue; a page that cannot keep up gets one call for everything."""
        for calls in self._pages:
            if calls.qsize() >= WAITING:
                while not calls.empty():
                    calls.get_nowait()
                calls.put_nowait(EVERYTHING)
            else:
                calls.put_nowait(told)

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await _connect() as heard:
                    await heard.execute(sql.SQL("LISTEN {}").format(sql.Identifier(LIVE)))
                    self.tell(EVERYTHING)  # what was called out before was not heard
                    pause = 0.1
                    async for call in heard.notifies():
                        self.tell(call.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("live pages do not hear the database", error=str(error).strip(), again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def _connect() -> psycopg.AsyncConnection[psycopg.rows.TupleRow]:
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("host", "port", "user", "password", "dbname", "sslmode") if name in given}
    return await psycopg.AsyncConnection.connect(
        **wanted, autocommit=True, keepalives_idle=10, keepalives_interval=5, keepalives_count=3
    )
