"""Events of monitoring: POST /events/<token>, or /events with the token as bearer. Stored first, then answered.

The same door has two ways in. `Front` stands before the pages in each web process (config/wsgi.py) and takes what
belongs here past sessions, languages and middlewares; what comes at the same time is stored by one insert. The view is
the plain way, for servers that serve only Django, and for tests.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from tocsin.intake.alerts.doors import Gauge, Incoming, TooMany, check_size, checked, door_of
from tocsin.intake.alerts.reading import Unreadable, decode
from tocsin.intake.alerts.storing import Kept, call, store
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError, Unavailable
from tocsin.web.access import public

log = structlog.get_logger(__name__)

PATH = re.compile(r"^/events(?:/([A-Za-z0-9_-]{1,100}))?/?$")
AT_ONCE = 200  # events in one insert
WITHIN = 10.0  # seconds until a sender is told to come again
REASONS = {202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
           413: "Content Too Large", 429: "Too Many Requests", 503: "Service Unavailable"}  # fmt: skip

type Answer = tuple[int, dict[str, object], dict[str, str]]
type Start = Callable[..., Any]
type Application = Callable[..., Iterable[bytes]]


class _Waiting:
    """One event on its way into the database, and the thread that waits for it."""

    def __init__(self, incoming: Incoming) -> None:
        self.incoming = incoming
        self.done = threading.Event()
        self.kept: Kept | None = None
        self.failed = False


class Writer:
    """Stores what comes at the same time with one insert and one commit. One thread of each web process."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def store(self, incoming: Incoming) -> Kept | None:
        """Return where it is kept, once that is committed; None if its integration is gone. Raises Unavailable."""
        if self._thread is None or not self._thread.is_alive():
            self._start()  # lazily: a thread does not survive the server's fork
        waiting = _Waiting(incoming)
        self._queue.put(waiting)
        if not waiting.done.wait(WITHIN) or waiting.failed:
            raise Unavailable("not_stored", "The event could not be stored. Send it again.")
        return waiting.kept

    def stop(self) -> None:
        """End the thread, when what waits is stored."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(WITHIN)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch = [self._queue.get()]
            try:
                while len(batch) < AT_ONCE:
                    batch.append(self._queue.get_nowait())
            except Empty:
                pass
            events = [one for one in batch if one is not None]
            going_on = len(events) == len(batch)
            if events:
                self._write(events)
        connection.close()

    def _write(self, batch: list[_Waiting]) -> None:
        """Store a batch. A sender who is told that it failed sends again, and what was stored then counts once."""
        try:
            for waiting, kept in zip(batch, store([one.incoming for one in batch]), strict=True):
                waiting.kept = kept
        except Exception as error:
            log.warning("events could not be stored", events=len(batch), error=str(error).strip()[:300])
            _give_up_connection()
            for waiting in batch:
                waiting.failed = True
        for waiting in batch:
            waiting.done.set()
        if not batch[0].failed and self._queue.empty():
            try:
                call()
            except Exception as error:  # they are stored: whoever takes them in looks by itself in a second
                log.warning("the doorbell could not be rung", error=str(error).strip()[:300])
                _give_up_connection()


_writer = Writer()
_gauge = Gauge()


class Front:
    """Takes events before anything else looks at the request; passes the rest on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        match = PATH.match(environ.get("PATH_INFO", ""))
        if match is None:
            return self._application(environ, start)
        status, told, more = self._answer(environ, match.group(1) or "")
        body = json.dumps(told).encode()
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "cache-control": "no-store",
            **more,
        }
        start(f"{status} {REASONS.get(status, 'Error')}", list(headers.items()))
        return [body]

    def _answer(self, environ: dict[str, Any], token: str) -> Answer:
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        if environ.get("REQUEST_METHOD") != "POST":
            return _only_post()
        try:
            length = environ.get("CONTENT_LENGTH") or ""
            return _receive(
                token, headers, lambda: _read(environ["wsgi.input"], length), _writer.store, remembered=True
            )
        except TocsinError as error:
            return _refusal(error)
        except (OperationalError, InterfaceError) as error:
            log.warning("the database does not answer", error=str(error).strip()[:300])
            _give_up_connection()
            return _refusal(Unavailable("database_unavailable", "The event could not be stored. Send it again."))


@public
@csrf_exempt
@never_cache
def event(request: HttpRequest, token: str = "") -> HttpResponse:
    """Store one event and answer 202 with its number."""
    if request.method != "POST":
        status, told, more = _only_post()
    else:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            status, told, more = _receive(token, headers, lambda: _body(request), _store_one)
        except TocsinError as error:
            status, told, more = _refusal(error)
    return JsonResponse(told, status=status, headers=more)


def _receive(
    token: str, headers: Mapping[str, str], read: Callable[[], bytes], keep: Callable[[Incoming], Kept | None],
    *, remembered: bool = False,
) -> Answer:  # fmt: skip
    """Verify, count, store, and only then answer. Raises TocsinError."""
    door = door_of(token or _bearer(headers), remembered=remembered)
    _gauge.admit(door)
    incoming = checked(door, read(), headers)
    if not incoming.body.strip():
        problem = "It is empty. Send the event as JSON."
        raise InvalidInput("empty", problem, {"body": problem})
    return _kept(incoming, keep(incoming))


def _kept(incoming: Incoming, kept: Kept | None) -> Answer:
    if kept is None:
        raise NotFound("integration_not_found", "The integration is gone.")
    told: dict[str, object] = {"id": kept.event, "duplicate": kept.again}
    try:
        decode(incoming.body, incoming.content_type)
    except Unreadable as unreadable:
        # Nothing is lost: it is kept, and stands on the integration's page. But whoever tries it out should see at once.
        message = f"{unreadable} It is kept as event {kept.event}; correct what sends it."
        return 400, {"code": "not_understood", "message": message, "fields": {"body": str(unreadable)}, **told}, {}
    return 202, told, {}


def _store_one(incoming: Incoming) -> Kept | None:
    (kept,) = store([incoming])
    call()
    return kept


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() in ("bearer", "geniekey") else headers.get("x-api-key", "")


def _read(stream: Any, length: str) -> bytes:
    """Return the body, at most as much as is allowed and one byte, which then shows that there is more."""
    if length:
        size = int(length) if length.isascii() and length.isdigit() else 0
        check_size(size)
        return bytes(stream.read(size))
    return bytes(stream.read(settings.EVENT_LARGEST + 1))


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    check_size(int(length) if str(length).isdigit() else 0)
    try:
        return request.body
    except RawPostDataException:
        return b""


def _refusal(error: TocsinError) -> Answer:
    more = {"retry-after": str(TooMany.after)} if error.status in (429, 503) else {}
    return error.status, error.as_dict(), more


def _only_post() -> Answer:
    message = "Send events by POST. Where to, Settings, Integrations says."
    return 405, {"code": "post_only", "message": message, "fields": {}}, {"allow": "POST"}


def _give_up_connection() -> None:
    try:
        connection.close()
    except Exception:  # so broken that it cannot be closed: dropped
        connection.connection = None
