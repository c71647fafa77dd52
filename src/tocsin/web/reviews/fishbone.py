"""The fishbone as plain numbers for an SVG: three categories above the spine, three below."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.domain.reviews.logic.causes import Node

WIDTH, SPINE_FROM, SPINE_TO = 960, 16, 744
COLUMN, LINE, MOST, LETTERS = 236, 20, 5, 30


@dataclass(frozen=True, slots=True)
class Rib:
    """One category: its line from (x, y) to the spine, its name, and its causes with their places."""

    bone: str
    name: str
    x: int
    y: int
    to_x: int
    name_y: int
    causes: list[tuple[int, int, str, bool, str]]  # x, y, shown, contributing, whole


@dataclass(frozen=True, slots=True)
class Fishbone:
    width: int
    height: int
    spine: int
    head: str
    ribs: list[Rib]
    listed: list[tuple[str, list[Node]]]
    any: bool


def drawn(bones: Sequence[tuple[str, str, Sequence[Node]]], title: str) -> Fishbone:
    """Return where everything is drawn; more than five causes of a category are counted in its last line."""
    deepest = max((min(len(found), MOST) for _, _, found in bones), default=0)
    half = 64 + LINE * max(deepest, 2)
    ribs = []
    for place, (bone, name, found) in enumerate(bones):
        column, above = place % 3, place < 3
        x = SPINE_FROM + 8 + column * COLUMN
        y = 28 if above else 2 * half - 28
        causes = []
        for line, (shown, contributing, whole) in enumerate(_lines(found)):
            at = 52 + line * LINE if above else half + 32 + line * LINE
            # The rib leans: a line nearer to the spine begins further right.
            along = (at - 28) / (half - 28) if above else (y - at) / (half - 28)
            causes.append((x + int(36 * along) + 10, at, shown, contributing, whole))
        ribs.append(Rib(bone, name, x, y, x + 36, 18 if above else 2 * half - 8, causes))
    listed = [(name, list(found)) for _, name, found in bones if found]
    return Fishbone(WIDTH, 2 * half, half, _cut(title, 24), ribs, listed, bool(listed))


def _lines(found: Sequence[Node]) -> list[tuple[str, bool, str]]:
    shown = found if len(found) <= MOST else found[: MOST - 1]
    lines = [(_cut(one.text, LETTERS), one.contributing, one.text) for one in shown]
    left = len(found) - len(shown)
    return lines + ([(f"+ {left}", False, f"+ {left}")] if left else [])


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"
