"""Pages as lines of JSON: for trials, for log collectors, and as the way out that is always there."""

import json
import sys
import threading
from typing import TextIO

from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import Capabilities, Message, Sent, TransportError

_ONE_AT_A_TIME = threading.Lock()


class ConsoleTransport:
    """Writes one line for each page to `stream` (standard output if not given)."""

    capabilities = Capabilities(channel=Channel.CONSOLE, bundles=True, takes_keys=False, receipts=False, workers=1)

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def payload(self, message: Message) -> str:
        """Return the line. JSON escapes control characters, so a page cannot forge a second line."""
        content = {
            "event": "page",
            "id": message.key,
            "at": message.at.isoformat(),
            "to": message.to,
            "purpose": message.purpose,
            "urgency": message.urgency,
            "reference": message.reference,
            "subject": message.subject,
            "body": message.body,
            "link": message.link,
            "items": [{"reference": i.reference, "subject": i.subject, "link": i.link} for i in message.items],
        }
        return json.dumps(content, sort_keys=True)

    def send(self, payload: str, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - a local write takes no time
        """Write the line. Raises TransportError when nobody reads the stream any more."""
        try:
            with _ONE_AT_A_TIME:
                stream = self._stream or sys.stdout
                stream.write(payload + "\n")
                stream.flush()
        except (OSError, ValueError) as error:
            raise TransportError(f"{type(error).__name__}: {error}") from error
        return Sent(provider_id=idempotency_key, answer="written")

    def close(self) -> None:
        """Standard output stays open."""
