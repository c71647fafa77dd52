"""From a file to rows: gzip or plain, encodings, quotes, and what is broken about them. Streaming.

Nothing here raises for what stands inside the file: it is reported with its line, and the rest is read.
"""

import csv
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from tocsin.intake.imports.problems import Problems
from tocsin.kernel.errors import InvalidInput

CHUNK = 256 * 1024
SLICE = 2 * 1024
GZIP = b"\x1f\x8b"
MOST_LINES = 200  # of one row, quoted line breaks included
LONGEST_ROW = 1024 * 1024  # characters
DELIMITERS = (",", ";", "\t", "|")

type Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `line` is where it begins in the file."""

    line: int
    cells: list[str]


def size_of(path: Path) -> int:
    """Return the file's size in bytes (what `Progress` counts up to). Raises InvalidInput if it cannot be read."""
    try:
        with path.open("rb"):
            return path.stat().st_size
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput("unreadable_file", f"Cannot read {path}: {reason}.", {"file": reason}) from error


def rows(path: Path, problems: Problems, *, delimiter: str = "", progress: Progress | None = None) -> Iterator[Row]:
    """Yield the header and then every record of the file.

    Without `delimiter` it is the one of comma, semicolon, tab and bar that stands most often in
    the header. `progress` is told how many bytes of the file have been read.
    """
    lines = _lines(_blocks(path, problems, progress or _quiet), problems)
    first = next(lines, None)
    if first is None:
        return
    mark = delimiter or max(DELIMITERS, key=first[1].count)
    yield from _records(chain([first], lines), mark, problems)


def _quiet(_read: int) -> None:
    return None


def _blocks(path: Path, problems: Problems, progress: Progress) -> Iterator[bytes]:
    """Yield the file's content, unpacked if it is gzip; an empty block says that the end is missing."""
    size_of(path)
    with path.open("rb") as file:
        head = file.read(CHUNK)
        packed = head.startswith(GZIP)
        raw = _raw(head, iter(lambda: file.read(CHUNK), b""), progress)
        yield from _unpacked(raw, problems) if packed else raw


def _raw(head: bytes, rest: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    read = 0
    for block in chain([head] if head else [], rest):
        yield block
        read += len(block)
        progress(read)


def _unpacked(raw: Iterator[bytes], problems: Problems) -> Iterator[bytes]:
    # Not gzip.open: it throws away what it has already unpacked when the end is missing.
    member = zlib.decompressobj(wbits=31)
    try:
        for block in raw:
            for data in _slices(block):
                rest = data
                while rest:
                    if member.eof:  # the file goes on: another member, or padding
                        rest = rest.lstrip(b"\0")
                        member = zlib.decompressobj(wbits=31) if rest else member
                        continue
                    yield from _not_empty(member.decompress(rest))
                    rest = member.unused_data
        yield from _not_empty(member.flush())
    except zlib.error as error:
        problems.broken(0, "corrupt", f"The gzip data is damaged from here on ({error}); what came before it was read.")
        yield b""
        return
    if not member.eof:
        problems.broken(0, "truncated", "The gzip file ends too early (was it copied whole?); what is there was read.")
        yield b""


def _slices(block: bytes) -> Iterator[bytes]:
    # A call that meets damage gives nothing of what it had unpacked before: small calls lose little.
    for start in range(0, len(block), SLICE):
        yield block[start : start + SLICE]


def _not_empty(data: bytes) -> Iterator[bytes]:
    if data:
        yield data


def _lines(blocks: Iterator[bytes], problems: Problems) -> Iterator[tuple[int, str]]:
    """Yield (number, line without its end). A last line that was cut off is reported and left out."""
    number = 0
    rest = b""
    cut = endless = False  # endless: this line is longer than any row, its end is looked for
    for block in _as_utf8(blocks, problems):
        if not block:
            cut = True
            break
        whole = (rest + block).split(b"\n")
        rest = whole.pop()
        for raw in whole:
            number += 1
            if endless or len(raw) > LONGEST_ROW:
                problems.broken(number, "too_long", f"The line is longer than {LONGEST_ROW:,} bytes.")
                endless = False
            else:
                yield number, _text(raw, number, problems)
        if len(rest) > LONGEST_ROW:
            rest, endless = b"", True
    if endless:
        problems.broken(number + 1, "too_long", f"The line is longer than {LONGEST_ROW:,} bytes.")
        return
    if rest and cut:
        problems.broken(number + 1, "truncated", "The file ends in the middle of this row.")
    elif rest:
        yield number + 1, _text(rest, number + 1, problems)
    if cut:
        # Now it is known where: the findings about the whole file get their line.
        _place(problems, number + 1)


def _place(problems: Problems, line: int) -> None:
    problems.found[:] = [
        replace(p, line=line) if p.line == 0 and p.kind in ("corrupt", "truncated") else p for p in problems.found
    ]


def _as_utf8(blocks: Iterator[bytes], problems: Problems) -> Iterator[bytes]:
    """Drop a byte order mark; recode UTF-16, which cannot be split at line feeds."""
    first = next(blocks, None)
    if first is None:
        return
    if not first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        yield first.removeprefix(BOM_UTF8)
        yield from blocks
        return
    problems.note(1, "encoding", "The file is UTF-16; it was read as such. UTF-8 is the better choice.")
    decoder = getincrementaldecoder("utf-16")(errors="replace")
    for block in chain([first], blocks):
        yield decoder.decode(block).encode(errors="replace") if block else b""
    yield from _not_empty(decoder.decode(b"", final=True).encode(errors="replace"))


def _text(raw: bytes, number: int, problems: Problems) -> str:
    try:
        return raw.rstrip(b"\r").decode()
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        problems.note(
            number, "encoding", f"Byte 0x{byte:02X} at {error.start + 1} is not UTF-8; the line was read as Latin-1."
        )
        return raw.rstrip(b"\r").decode("latin-1")


def _records(lines: Iterator[tuple[int, str]], delimiter: str, problems: Problems) -> Iterator[Row]:
    waiting: list[tuple[int, str]] = []
    while True:
        number, line = waiting.pop(0) if waiting else next(lines, (0, ""))
        if not number:
            return
        if '"' not in line:
            if line:
                yield Row(number, line.split(delimiter))
            continue
        taken: list[tuple[int, str]] = []
        cells = _parsed(line, delimiter)
        if cells is None:
            text, taken = _whole(line, waiting, lines)
            cells = _parsed(text, delimiter) if taken else None
        if cells is None:
            problems.broken(number, "quotes", "A quote is opened and not closed as CSV demands; the row was left out.")
            waiting[:0] = taken  # the lines after it may well be rows of their own
        else:
            yield Row(number, cells)


def _whole(
    line: str, waiting: list[tuple[int, str]], lines: Iterator[tuple[int, str]]
) -> tuple[str, list[tuple[int, str]]]:
    """Join a row whose quoted values contain line breaks. Returns it and the further lines it took."""
    taken: list[tuple[int, str]] = []
    parts = [line]
    quotes, length = line.count('"'), len(line)
    while quotes % 2 and len(parts) < MOST_LINES and length < LONGEST_ROW:
        following = waiting.pop(0) if waiting else next(lines, None)
        if following is None:
            break
        taken.append(following)
        parts.append(following[1])
        quotes += following[1].count('"')
        length += len(following[1])
    return "\n".join(parts), taken


def _parsed(text: str, delimiter: str) -> list[str] | None:
    try:
        found = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None
