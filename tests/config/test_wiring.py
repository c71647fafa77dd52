"""Nobody who listens is forgotten: an event stands once in the table, and each handler hears the kind it is written for."""

import ast
import inspect
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from tocsin.config import wiring
from tocsin.domain.journal.publish import Event, Handler

PAIRS = [(event, handler) for event, handlers in wiring.HANDLERS.items() for handler in handlers]


def test_every_event_stands_once():
    """Python keeps the last of two equal keys of a table, silently: then the first one's listeners hear nothing."""
    tree = ast.parse(Path(inspect.getfile(wiring)).read_text(encoding="utf-8"))
    tables = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    names = [ast.unparse(key) for table in tables for key in table.keys if key is not None]
    assert names, "the table is written as a display, so it can be read here"
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("event", "handler"), PAIRS, ids=lambda it: f"{it.__module__}.{it.__name__}")
def test_a_handler_hears_what_it_is_written_for(event: type[Event], handler: Handler):
    (wanted,) = [hint for name, hint in get_type_hints(handler).items() if name != "return"]
    wanted = getattr(wanted, "__value__", wanted)  # of a type alias
    kinds = get_args(wanted) or (wanted,)
    assert any(issubclass(event, kind) for kind in kinds)


def test_a_handler_is_named_once_per_event():
    for event, handlers in wiring.HANDLERS.items():
        assert len(handlers) == len(set(handlers)), event
