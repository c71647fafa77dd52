"""The table {event: who listens}: nobody who was written to listen is left out of it."""

import ast
import importlib
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import tocsin
from tocsin.config.wiring import HANDLERS

SOURCES = Path(tocsin.__file__).parent
# Called by the listener of the same app that is wired.
PART_OF_ANOTHER = {("tocsin.domain.escalation.actions.handing_back", "on_ownership_changed")}


def test_no_event_stands_twice() -> None:
    """A second entry for the same event would silently replace the first, and with it whoever listens there."""
    tree = ast.parse((SOURCES / "config/wiring.py").read_text("utf-8"))
    keys = [ast.unparse(key) for table in ast.walk(tree) if isinstance(table, ast.Dict) for key in table.keys if key]
    assert len(keys) >= len(HANDLERS)
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_every_listener_is_wired_to_every_event_it_takes() -> None:
    """Each `on_...(event: Something)` of an app stands in the row of every event it says it takes."""
    missing = {}
    for listener in _listeners():
        takes = _members(typing.get_type_hints(listener)["event"])
        left = [str(event) for event in takes if not _hears(listener, event)]
        if left:
            missing[f"{listener.__module__}.{listener.__name__}"] = left
    assert missing == {}


def _hears(listener: Callable[..., None], event: typing.Any) -> bool:
    """Whether it is wired to this event; where it takes a kind of events, to one of them at least."""
    of_kind = event is typing.Any or bool(event.__subclasses__())
    rows = HANDLERS.values() if of_kind else [HANDLERS.get(event, [])]
    return any(listener in row for row in rows)


def _listeners() -> Iterator[Callable[..., None]]:
    for folder in ("domain", "intake"):
        for path in sorted((SOURCES / folder).rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.FunctionDef) and [one.arg for one in node.args.args] == ["event"]:
                    module = "tocsin." + ".".join(path.relative_to(SOURCES).with_suffix("").parts)
                    if node.name.startswith("on_") and (module, node.name) not in PART_OF_ANOTHER:
                        yield getattr(importlib.import_module(module), node.name)


def _members(said: typing.Any) -> tuple[type, ...]:
    """Return the event types of an annotation: a class, a union, or a name for one."""
    said = getattr(said, "__value__", said)
    return typing.get_args(said) or (said,)
