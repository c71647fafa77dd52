"""The story on one page: {event: [who listens]}. Same transaction, in this order, handlers raise."""

from tocsin.domain.journal.publish import Event, Handler, wire

HANDLERS: dict[type[Event], list[Handler]] = {}


def connect() -> None:
    """Install the table."""
    wire(HANDLERS)
