"""A small server on loopback that speaks POST /v1/chat/completions as the real ones do, and can be told to fail."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-of-the-test"


@dataclass
class ModelServer:
    """What it was asked, and how it answers: ok, 429, slow, malformed, empty, redirect, huge."""

    url: str = ""
    mode: str = "ok"
    text: str = "Kai restarted the print server; the customer waits for a call by 15:00."
    asked: list[dict[str, Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


def _handler(box: ModelServer) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one branch for each way to fail
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path != "/v1/chat/completions":
                return self._say(404, {"error": {"message": "Not found"}})
            if self.headers.get("authorization") != f"Bearer {KEY}":
                return self._say(401, {"error": {"message": "Incorrect API key", "type": "invalid_request_error"}})
            asked = json.loads(body)
            box.asked.append(asked)
            if box.mode == "429":
                return self._say(429, {"error": {"message": "Rate limit reached"}})
            if box.mode == "redirect":
                self.send_response(307)
                self.send_header("location", "http://127.0.0.1:1/v1/chat/completions")
                self.end_headers()
                return None
            if box.mode == "slow":
                box.released.wait(10)
                return None
            if box.mode == "malformed":
                return self._raw(200, b"<html>Bad gateway</html>", "text/html")
            text = "x" * 1_000_000 if box.mode == "huge" else "" if box.mode == "empty" else box.text
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            answer = {
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": asked["model"], "choices": [choice],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }  # fmt: skip
            return self._say(200, answer)

        def _say(self, status: int, answer: dict[str, Any]) -> None:
            self._raw(status, json.dumps(answer).encode(), "application/json")

        def _raw(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving() -> Iterator[ModelServer]:
    box = ModelServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(box))
    server.daemon_threads = True
    box.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        box.released.set()
        server.shutdown()
        server.server_close()
