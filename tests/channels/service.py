"""A local HTTP server that stands for a service: it remembers what was posted and answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from tocsin.domain.notify.transport import Message, ProviderKind, Reach, Sent

REACH = Reach(allow=("127.0.0.0/8",), base_url="https://desk.example.org", provider="0190-provider")


@dataclass(frozen=True)
class Taken:
    """One request."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"].startswith("application/json")
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        assert self.headers["content-type"] == "application/x-www-form-urlencoded"
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


type Answer = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]


@dataclass
class Service:
    """`answer` says what comes back for a request."""

    answer: Callable[[Taken], Answer] = lambda _taken: (200, b"ok")
    url: str = ""
    taken: list[Taken] = field(default_factory=list)

    def says(self, status: int, body: Any = b"", **headers: str) -> None:
        """Answer everything so from now on."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _taken: (status, text, named)


@contextmanager
def running(answer: Callable[[Taken], Answer]) -> Iterator[Service]:
    """A service on loopback until the block ends."""
    service = Service(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        known: ClassVar[Service] = service

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            taken = Taken(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.known.taken.append(taken)
            status, said, *rest = self.known.answer(taken)
            self.send_response(status)
            for name, value in (rest[0] if rest else {}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        service.url = f"http://127.0.0.1:{server.server_port}"
        yield service
        server.shutdown()


def send(kind: ProviderKind, message: Message, values: dict[str, str] | None = None, timeout: float = 5) -> Sent:
    """Send one message by a provider that is set up with `values`."""
    transport = kind.build(values or {}, REACH)
    try:
        return transport.send(transport.payload(message), idempotency_key=message.key, timeout=timeout)
    finally:
        transport.close()
