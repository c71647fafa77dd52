"""What a journal entry's hash is made of, and how a chain is checked. Pure.

An entry's hash is SHA-256 over the previous entry's hash and the canonical bytes of the entry.
Entries are stored as jsonb, which keeps numbers by value (1e16 comes back as 10000000000000000,
-0.0 as 0) and forgets the order of keys. So everything is brought into one form before it is
stored and hashed, and again when it is read back: a value and its image in jsonb are the same.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EMPTY = bytes(32)
# Bounds of what one entry holds: far beyond any honest fact, well within PostgreSQL and Python.
DEEPEST = 32
LARGEST = 10**309
_MOST = 2**53  # whole numbers up to here are plain


class NotJson(ValueError):
    """This value cannot be journalled. `where` is its path in the data, `problem` says why."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Link:
    """One stored entry with what its hash covers."""

    stream: str
    position: int
    at: datetime
    kind: str
    actor: str
    data: Any
    previous: bytes
    hash: bytes


def normal(value: Any, where: str = "data") -> Any:
    """Return `value` in the form in which it is stored and hashed. Raises NotJson with the path of what does not fit.

    Whole numbers become int (1.0 is 1, -0.0 is 0), sequences become lists; NaN, infinities, NUL
    characters, lone surrogates and keys that are not text are refused.
    """
    plain = _plain(value, 0)
    return _normal(value, where, 0) if plain is _ODD else plain


_ODD = object()  # not plainly JSON: looked at again, slowly, by `_normal`, which knows the path


def _plain(value: Any, depth: int) -> Any:  # noqa: PLR0911 - one way out per kind of value
    """Return the normal form of the values that journal entries are made of, or _ODD. Much quicker than `_normal`."""
    kind = type(value)
    if kind is str:
        return value if _is_plain_text(value) else _ODD
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if -_MOST < value < _MOST else _ODD
    if depth > DEEPEST:
        return _ODD
    if kind is dict:
        made = {}
        for key, item in value.items():
            found = _plain(item, depth + 1)
            if found is _ODD or type(key) is not str or not _is_plain_text(key):
                return _ODD
            made[key] = found
        return made
    if kind is list or kind is tuple:
        items = [_plain(item, depth + 1) for item in value]
        return _ODD if any(item is _ODD for item in items) else items
    return _ODD


def _is_plain_text(value: str) -> bool:
    if "\x00" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _normal(value: Any, where: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise NotJson(where, f"it is nested more than {DEEPEST} deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, int):
        if abs(value) >= LARGEST:
            raise NotJson(where, "the number has more than 309 digits")
        return int(value)
    if isinstance(value, float):
        return _number(value, where)
    if isinstance(value, Mapping):
        return {_key(key, where): _normal(item, f"{where}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
    raise NotJson(where, f"a {type(value).__name__} is no JSON value; write it as text or number")


def canonical(stream: str, position: int, at: datetime, kind: str, actor: str, data: Any) -> bytes:
    """Return the bytes that are hashed after the previous hash: JSON with sorted keys, UTC microseconds.

    `data` must be `normal`.
    """
    parts = [stream, position, at.astimezone(UTC).isoformat(timespec="microseconds"), kind, actor, data]
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(previous: bytes, body: bytes) -> bytes:
    """Return the hash of the entry whose canonical bytes are `body`."""
    return hashlib.sha256(previous + body).digest()


def checkpoint_body(at: datetime, heads: Mapping[str, Any]) -> bytes:
    """Return the bytes that a checkpoint's hash covers besides the previous checkpoint's."""
    parts = [at.astimezone(UTC).isoformat(timespec="microseconds"), heads]
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def problem_of(link: Link, expected_position: int, expected_previous: bytes) -> str:
    """Return what is wrong with an entry as the next of its chain, in words; empty if nothing is."""
    name = f"{link.stream} entry {link.position}"
    if link.position > expected_position:
        last = link.position - 1
        missing = f"entry {last} is" if last == expected_position else f"entries {expected_position} to {last} are"
        return f"{link.stream}: {missing} missing (deleted?)"
    if link.position < expected_position:
        return f"{name} stands twice (inserted?)"
    if link.previous != expected_previous:
        return f"{name} does not follow the entry before it (an entry was changed, inserted or swapped)"
    try:
        body = canonical(link.stream, link.position, link.at, link.kind, link.actor, normal(link.data))
    except (NotJson, UnicodeEncodeError) as refused:
        return f"{name} holds what was never written by Tocsin ({refused})"
    if digest(link.previous, body) != link.hash:
        return f"{name} was changed: its content does not match its hash"
    return ""


def _text(value: str, where: str) -> str:
    if "\x00" in value:
        raise NotJson(where, "it holds a NUL character, which PostgreSQL cannot store")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise NotJson(where, "it holds half of a surrogate pair, which is no character") from None
    return value


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise NotJson(where, f"the key {key!r} is not text")
    return _text(key, f"{where}, a key")


def _number(value: float, where: str) -> int | float:
    if not math.isfinite(value):
        raise NotJson(where, f"{value} is no number in JSON")
    return int(value) if value.is_integer() else value
