"""Events between apps: a lower app publishes, `config/wiring.py` says who listens.

Handlers run at once, in the publisher's transaction, in the order in which they were wired;
an exception in one undoes the whole act. There is no queue here and nothing is asynchronous.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has just become true; subclasses say what."""


type Handler = Callable[[Any], None]

_handlers: dict[type[Event], tuple[Handler, ...]] = {}


def wire(table: Mapping[type[Event], Sequence[Handler]]) -> None:
    """Replace the whole table {event type: handlers}. Called once, at start-up."""
    _handlers.clear()
    _handlers.update({event: tuple(handlers) for event, handlers in table.items()})


def publish(event: Event) -> None:
    """Hand `event` to every handler of its exact type."""
    for handler in _handlers.get(type(event), ()):
        handler(event)
