"""The small ASGI application that keeps pages live: GET /live?topic=tickets&topic=ticket:17, signed in.

Beside it runs nothing: pages and API are served by WSGI processes, which a few hundred waiting browsers must not hold.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.request import validate_host

from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotAllowed, TocsinError
from tocsin.web.live.hub import Hub
from tocsin.web.live.topics import Interest, interest_of

type Scope = Mapping[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]

BEAT = 10.0  # seconds between signs of life: the browser's light turns amber after three are missed
GATHER = 0.2  # seconds for which calls are gathered, so that a burst is one look
RECHECK = 30.0  # seconds after which a sign-out, a lost right or a deactivation ends the stream
PER_PERSON = 30  # open pages
OVERALL = 5_000
RETRY = 3_000  # milliseconds until a browser connects again

_hub = Hub()
_threads = ThreadPoolExecutor(4, thread_name_prefix="live")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] != "http":
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get("origin", "")
    if scope["method"] != "GET" or scope["path"] not in {"/live", "/live/"}:
        await _refuse(send, 404, "not_found", "There are only live events here, at /live.", origin="")
        return
    if origin and not _is_ours(origin):
        await _refuse(send, 403, "foreign_origin", "This page does not belong to this installation.", origin="")
        return
    wanted = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("topic", [])
    try:
        interest = await _blocking(_open, headers.get("cookie", ""), wanted)
    except TocsinError as error:
        await _refuse(send, error.status, error.code, error.message, origin=origin)
        return
    await _stream(interest, headers.get("cookie", ""), wanted, receive, send, origin)


async def _stream(
    interest: Interest, cookies: str, wanted: list[str], receive: Receive, send: Send, origin: str
) -> None:
    calls = _hub.join(interest.user.pk)
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers("text/event-stream", origin)})
        await _say(send, f"retry: {RETRY}\nevent: open\ndata: {json.dumps(wanted)}\n\n")
        checked = beat = asyncio.get_running_loop().time()
        while not gone.done():
            told = await _gathered(calls, gone)
            now = asyncio.get_running_loop().time()
            if now - checked >= RECHECK:
                interest, checked = await _blocking(_open, cookies, wanted), now
            for topic in await _topics(interest, told):
                await _say(send, f"event: changed\ndata: {topic}\n\n")
                beat = now
            if now - beat >= BEAT:
                await _say(send, "event: beat\ndata: \n\n")
                beat = now
    except TocsinError:
        await _say(send, "event: ended\ndata: \n\n")
    except OSError:
        pass  # the browser is gone
    finally:
        gone.cancel()
        await _hub.leave(calls)
    if not gone.done() or gone.cancelled():
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gathered(calls: asyncio.Queue[str], gone: "asyncio.Task[None]") -> set[str]:
    """Wait for a call, a second at most, and gather what comes with it."""
    getting = asyncio.create_task(calls.get())
    done, _ = await asyncio.wait({getting, gone}, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
    if getting not in done:
        getting.cancel()
        return set()
    told = {getting.result()}
    await asyncio.sleep(GATHER)
    while not calls.empty():
        told.add(calls.get_nowait())
    return told


async def _topics(interest: Interest, told: set[str]) -> list[str]:
    if not told:
        return []
    found: set[str] = set()
    for one in told:
        found.update(await _blocking(interest.concerned, one))
    return sorted(found)


def _open(cookies: str, wanted: list[str]) -> Interest:
    """Return what the signed-in person's page may listen to. Raises TocsinError."""
    user = _person(cookies)
    if _hub.open_pages(user.pk) > PER_PERSON or _hub.open_pages() > OVERALL:
        raise NotAllowed("too_many_pages", "Too many pages are open. Close some.")
    return interest_of(user, wanted)


def _person(cookies: str) -> User:
    """Return who the session cookie belongs to, checked as for any page: the password may have changed since."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        morsel = None
    if morsel is None:
        raise NotAllowed("sign_in", "Sign in first.")
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        raise NotAllowed("sign_in", "Sign in first.")
    return user


async def _blocking[T](work: Callable[..., T], *arguments: Any) -> T:
    """Do what talks to the database in a thread."""

    def run() -> T:
        close_old_connections()
        try:
            return work(*arguments)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, run)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int, code: str, message: str, *, origin: str) -> None:
    body = json.dumps({"code": code, "message": message, "fields": {}}).encode()
    await send({"type": "http.response.start", "status": status, "headers": _headers("application/json", origin)})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _headers(kind: str, origin: str) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in _named(kind, origin)]


def _named(kind: str, origin: str) -> Iterator[tuple[str, str]]:
    yield "content-type", kind
    yield "cache-control", "no-store"
    yield "x-accel-buffering", "no"  # reverse proxies pass events on at once
    yield "x-content-type-options", "nosniff"
    yield "vary", "origin, cookie"
    if origin:
        yield "access-control-allow-origin", origin
        yield "access-control-allow-credentials", "true"


def _is_ours(origin: str) -> bool:
    """Say whether a page of this origin is ours: the same host, on whatever port the pages are served."""
    host = (urlsplit(origin).hostname or "").lower()
    base = (urlsplit(settings.BASE_URL).hostname or "").lower()
    return bool(host) and (host == base or validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS))


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
