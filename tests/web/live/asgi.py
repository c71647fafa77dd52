"""A browser's side of an event stream, speaking ASGI to the application."""

import asyncio
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from tocsin.web.live.stream import application


class Browser:
    """One open page. Closing it tells the application that the browser is gone."""

    def __init__(self, cookie: str, topics: list[str], origin: str = "") -> None:
        headers = [(b"cookie", cookie.encode())] + ([(b"origin", origin.encode())] if origin else [])
        query = urlencode([("topic", topic) for topic in topics]).encode()
        self._scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": "/live", "query_string": query, "headers": headers,
        }  # fmt: skip
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._gone = asyncio.Event()
        self.headers: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(application(self._scope, self._receive, self._sent.put))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, 5)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def status(self) -> int:
        """Return the status of the answer."""
        start = await self._sent.get()
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return int(start["status"])

    async def event(self, kind: str = "") -> tuple[str, str]:
        """Return the next event as (kind, data); with `kind`, pass others over."""
        while True:
            message = await self._sent.get()
            if message["type"] != "http.response.body" or not message["body"]:
                continue
            fields = dict(line.split(": ", 1) for line in message["body"].decode().strip("\n").split("\n"))
            if not kind or fields["event"] == kind:
                return fields["event"], fields.get("data", "")

    async def nothing_for(self, seconds: float) -> bool:
        """Say whether nothing changes for so long."""
        try:
            await asyncio.wait_for(self.event("changed"), seconds)
        except TimeoutError:
            return True
        return False
