"""Whatever Apprise can reach over HTTP: the address says the service, its credentials and the receiver.

Sent by a process of its own, which is ended when the time is over, so that a service can neither reach our networks
nor hold a sender up.
"""

import json
import os
import selectors
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.logic.addresses import hidden_parts
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import LATER
from tocsin.domain.notify.sealing import scrubbed
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

MOST_BODY = 3000
MOST_ANSWER = 64 * 1024
NOT_KNOWN = frozenset({400, 401, 403, 404, 405, 410, 422})  # what services say to an address that is none


@dataclass(frozen=True, slots=True)
class Order:
    """What the process is told, but for the time that it has."""

    url: str
    title: str
    body: str
    urgent: bool


class AppriseTransport:
    """Hands messages to its process, and starts it anew when it has ended or had to be ended."""

    capabilities = Capabilities(
        channel=Channel.APPRISE, bundles=True, takes_keys=False, receipts=False, workers=2, one_server=False
    )

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._process: subprocess.Popen[bytes] | None = None

    def payload(self, message: Message) -> Order:
        """Return what is said. Services that know no link get it at the end of the text."""
        if message.items:
            body = "\n".join(f"{item.reference} {item.subject}".strip() for item in message.items)
        else:
            body = message.body[:MOST_BODY] or message.subject
        body = f"{body}\n\n{message.link}" if message.link else body
        return Order(message.to, message.subject, body, message.urgency == Urgency.HIGH)

    def send(self, payload: Order, *, idempotency_key: str, timeout: float) -> Sent:
        """Have it sent within `timeout` seconds, the process's start included. Raises TransportError."""
        order = {"url": payload.url, "title": payload.title, "body": payload.body, "urgent": payload.urgent}
        answer = self._ask(json.dumps({**order, "timeout": timeout}), timeout)
        text = scrubbed(str(answer.get("answer", "")), hidden_parts(payload.url))[:300]
        if answer.get("ok") is True:
            return Sent(provider_id=idempotency_key, answer=text)
        raise _refusal(answer, text)

    def close(self) -> None:
        """End the process; the next send starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()

    def _ask(self, line: str, timeout: float) -> dict[str, Any]:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise TransportError("the sending process has no pipes")
        try:
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            said = _line(process.stdout.fileno(), timeout)
        except OSError as error:
            self.close()
            raise TransportError(f"the sending process ended: {type(error).__name__}", fault=Fault.UNSURE) from None
        if not said:
            self.close()
            raise TransportError(f"no answer within {timeout:g} seconds", fault=Fault.UNSURE)
        found = json.loads(said)
        return found if isinstance(found, dict) else {}

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        allow = json.dumps(list(self._reach.allow))
        # Isolated, and with an environment that holds nothing of ours: no keys, no proxies, no home to read from.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "tocsin.channels.apprise.worker", allow],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/",
            env={"HOME": "/nonexistent", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        return self._process


def _line(descriptor: int, timeout: float) -> bytes:
    """Return what comes up to a line's end; empty if the time is over or the other side has ended."""
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while selector.select(timeout):
            part = os.read(descriptor, MOST_ANSWER)
            said += part
            if not part or said.endswith(b"\n") or len(said) > MOST_ANSWER:
                break
    return said if said.endswith(b"\n") else b""


def _refusal(answer: dict[str, Any], text: str) -> TransportError:
    """Every address is its own service: what one says is about this message."""
    status = answer.get("status")
    asked = str(answer.get("retry_after") or "")
    after = timedelta(seconds=int(asked[:6])) if asked.isascii() and asked.isdigit() else None
    permanent = bool(answer.get("permanent")) or (status in NOT_KNOWN and status not in LATER)
    fault = Fault.BUSY if status == 429 else Fault.MESSAGE
    return TransportError(f"{status or ''} {text}".strip(), permanent=permanent, retry_after=after, fault=fault)
