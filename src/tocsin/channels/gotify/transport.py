"""Gotify: a push server of one's own. Whoever receives makes an application there and gives its token.

Source: gotify.net, "Push messages" and "Message extras". On Android a priority from 8 sounds and pops up.
"""

from urllib.parse import parse_qs, urlsplit

from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.posting import Post, json_post, not_understood, post, quoted, told
from tocsin.domain.notify.transport import Capabilities, Message, Reach, Sent, TransportError

PRIORITIES = {Urgency.HIGH: 10, Urgency.NORMAL: 5}
MOST_BODY = 20_000


class GotifyTransport:
    """Posts with a person's application token to the operator's server, or to the server that the address names."""

    def __init__(self, server: str, reach: Reach) -> None:
        self._server = server.rstrip("/")
        self._reach = reach
        self.capabilities = Capabilities(
            channel=Channel.GOTIFY, bundles=True, takes_keys=False, receipts=False, one_server=bool(server)
        )

    def payload(self, message: Message) -> Post:
        """Return the request. Raises TransportError for a bare token where no server is set."""
        server, token = self._of(message.to)
        extras: dict[str, object] = {"client::display": {"contentType": "text/plain"}}
        if message.link:
            extras["client::notification"] = {"click": {"url": message.link}}
        content = {
            "title": message.subject,
            "message": _text(message),
            "priority": PRIORITIES[Urgency(message.urgency)],
            "extras": extras,
        }
        # The token is the person's: where it is refused, that says nothing of the server.
        return json_post(f"{server}/message", content, headers={"x-gotify-key": token}, own=server != self._server)

    def send(self, payload: Post, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - Gotify takes no keys
        """Post it. Raises TransportError."""
        try:
            answer = post(payload, reach=self._reach, timeout=timeout)
        except TransportError as error:
            if error.fault is Fault.CREDENTIALS and error.answer[:3] in ("401", "403"):
                raise TransportError(error.answer, permanent=True, fault=Fault.MESSAGE) from None
            raise
        made = told(answer).get("id")
        if not isinstance(made, int):
            raise not_understood(answer, own=payload.own)
        return Sent(provider_id=str(made), answer=quoted(answer)[:3])

    def close(self) -> None:
        """Nothing is kept between requests."""

    def _of(self, to: str) -> tuple[str, str]:
        """Return (server, token)."""
        if "://" in to:
            parts = urlsplit(to)
            path = parts.path.rstrip("/").removesuffix("/message")
            return f"{parts.scheme}://{parts.netloc}{path}", parse_qs(parts.query).get("token", [""])[0]
        if not self._server:
            message = "no Gotify server is set for a bare token; give https://push.example.org/?token= and the token"
            raise TransportError(message, permanent=True, fault=Fault.MESSAGE)
        return self._server, to


def _text(message: Message) -> str:
    if message.items:
        return "\n".join(f"{item.reference} {item.subject}".strip() for item in message.items)
    return message.body[:MOST_BODY] or message.subject
