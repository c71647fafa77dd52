"""A local server that speaks Twilio's REST protocol: accounts, Basic auth, forms, ids, errors, signed call-backs."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SID = "AC" + "0123456789abcdef" * 2
TOKEN = "5f2b8c1d9e7a4630b1c2d3e4f5a6b7c8"
SENDER = "+4915735980001"
REQUIRED = {"Messages": {"To", "Body"}, "Calls": {"To", "From"}}
ALLOWED = {
    "Messages": {"To", "Body", "From", "MessagingServiceSid", "StatusCallback"},
    "Calls": {
        "To", "From", "Url", "Method", "Twiml", "StatusCallback", "StatusCallbackMethod", "MachineDetection", "Timeout",
    },
}  # fmt: skip


@dataclass
class Twilio:
    """One account at the local server, what it took, and what it answers instead when told to."""

    address: str = ""
    taken: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # resource, form
    requests: int = 0
    refuse: tuple[int, int, str] | None = None  # status, Twilio's code, message
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: tuple[int, bytes] | None = None
    slow: float = 0.0  # seconds before the answer, after it was taken
    hang_up: bool = False  # take the message and close without an answer

    def values(self, **more: str) -> dict[str, str]:
        """Return a provider's settings for this account."""
        return {"account_sid": SID, "auth_token": TOKEN, "sender": SENDER, "api_url": self.address, **more}

    def answer(self, path: str, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Do what Twilio does with one POST."""
        parts = urlsplit(path).path.strip("/").split("/")
        expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        if authorization != expected:
            return 401, {"code": 20003, "message": "Authenticate", "status": 401}
        if len(parts) != 4 or parts[:2] != ["2010-04-01", "Accounts"] or parts[2] != SID:
            return 404, {"code": 20404, "message": "The requested resource was not found", "status": 404}
        resource = parts[3].removesuffix(".json")
        if resource not in REQUIRED or not parts[3].endswith(".json"):
            return 404, {"code": 20404, "message": "The requested resource was not found", "status": 404}
        if self.refuse is not None:
            status, code, message = self.refuse
            return status, {"code": code, "message": message, "status": status}
        missing = REQUIRED[resource] - form.keys()
        if missing or form.keys() - ALLOWED[resource]:
            return 400, {"code": 21602, "message": f"fields {sorted(form)}", "status": 400}
        if resource == "Messages" and not ({"From", "MessagingServiceSid"} & form.keys()):
            return 400, {"code": 21603, "message": "A 'From' phone number is required", "status": 400}
        if resource == "Calls" and len({"Url", "Twiml"} & form.keys()) != 1:
            return 400, {"code": 21205, "message": "Url parameter is required", "status": 400}
        self.taken.append((resource, form))
        prefix = "SM" if resource == "Messages" else "CA"
        sid = prefix + hashlib.md5(f"{self.address}{len(self.taken)}".encode()).hexdigest()
        return 201, {"sid": sid, "status": "queued", "account_sid": SID, "to": form["To"], "error_code": None}


@contextmanager
def running(account: Twilio | None = None) -> Iterator[Twilio]:
    """Serve one account on loopback."""
    account = account or Twilio()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            account.requests += 1
            if self.headers.get_content_type() != "application/x-www-form-urlencoded":
                return self._reply(415, b"{}")
            form = dict(parse_qsl(body, keep_blank_values=True))
            status, told = account.answer(self.path, self.headers.get("authorization", ""), form)
            time.sleep(account.slow)
            if account.hang_up:
                self.close_connection = True
                return None
            if account.raw is not None:
                return self._reply(*account.raw)
            return self._reply(status, json.dumps(told).encode())

        def _reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            for name, value in account.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        account.address = f"http://127.0.0.1:{server.server_port}"
        yield account
        server.shutdown()


def signature(url: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    """Sign a call-back as Twilio documents it: the address, then each field and its value in order of the names."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
