"""YAML as a plain tree that remembers its lines: nothing is constructed, nothing is expanded.

Only the events of the parser are read, so no tag can make an object; anchors and aliases are
refused, so a small file cannot unfold into a large one; size, depth and number of values are
bounded while reading, so a hostile file ends early.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_VALUES = 20_000
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class DocumentError(Exception):
    """The text is no usable YAML document. `line` is 1-based."""

    def __init__(self, line: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written. `plain`: without quotes, so that 5, true and null mean what they look like."""

    text: str
    line: int
    plain: bool = True
    literal: bool = False  # a block after `|`, whose lines are the text's lines

    @property
    def absent(self) -> bool:
        return self.plain and self.text in NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries in order of writing, duplicates included: the reader says which line repeats."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    line: int


type Node = Scalar | Sequence | Mapping


def parse(text: str) -> Node:
    """Return the one document in `text`. Raises DocumentError."""
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        raise DocumentError(
            1, f"The file has {size} bytes; {MAX_BYTES} are allowed.", "Split it into several policies."
        )
    try:
        return _Builder(YAML(typ="safe", pure=True).parse(text)).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = (error.problem or error.context or "not readable").strip()
        raise DocumentError(
            line, f"This is not valid YAML: {problem}.", "Check indentation, colons and quotes on this line and above."
        ) from None
    except (YAMLError, YAMLStreamError, UnicodeError, ValueError) as error:
        raise DocumentError(
            _line_of(text, error), "The text holds a character that YAML does not allow.", "Save the file as UTF-8."
        ) from None


def _line_of(text: str, error: Exception) -> int:
    position = getattr(error, "position", 0)
    return text.count("\n", 0, position) + 1 if isinstance(position, int) else 1


class _Builder:
    """Builds the tree of one document from parser events, within the bounds."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.values = 0

    def document(self) -> Node:
        root: Node | None = None
        for event in self.events:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                if root is not None:
                    raise DocumentError(
                        event.start_mark.line + 1,
                        "A second document begins here; a file holds one policy.",
                        "Put it into a file of its own.",
                    )
                root = self.node(next(self.events), 0)
        if root is None or (isinstance(root, Scalar) and root.absent):
            raise DocumentError(1, "The file is empty.", "Start from one of the examples.")
        return root

    def node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        self._refuse(event, line, depth)
        name = type(event).__name__
        if name == "ScalarEvent":
            style = event.style
            return Scalar(str(event.value), line, plain=style in (None, ""), literal=style == "|")
        if name == "SequenceStartEvent":
            items = []
            while type(following := next(self.events)).__name__ != "SequenceEndEvent":
                items.append(self.node(following, depth + 1))
            return Sequence(tuple(items), line)
        return self._mapping(line, depth)

    def _mapping(self, line: int, depth: int) -> Mapping:
        entries = []
        while type(following := next(self.events)).__name__ != "MappingEndEvent":
            key = self.node(following, depth + 1)
            if not isinstance(key, Scalar):
                raise DocumentError(key.line, "A field's name must be a word.", "Check for stray brackets or a `?`.")
            entries.append((key, self.node(next(self.events), depth + 1)))
        return Mapping(tuple(entries), line)

    def _refuse(self, event: Any, line: int, depth: int) -> None:
        self.values += 1
        if type(event).__name__ == "AliasEvent" or event.anchor is not None:
            raise DocumentError(
                line, "Anchors (&) and aliases (*) are not read.", "Write the value out, or put it in quotes."
            )
        tagged = event.implicit == (False, False) or event.implicit is False
        if tagged:
            raise DocumentError(
                line, "A value begins with !, which YAML takes for a tag.", "Put it in quotes: '!ticket.has_owner'."
            )
        if depth > MAX_DEPTH:
            raise DocumentError(line, "Values are nested too deeply.", "A policy needs four levels of indentation.")
        if self.values > MAX_VALUES:
            raise DocumentError(line, "The file holds too many values.", "Split it into several policies.")
