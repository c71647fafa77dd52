"""A tree of causes as a list in reading order, and as a fishbone. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

DEEPEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    id: UUID
    parent: UUID | None
    order: int
    text: str
    bone: str = ""
    contributing: bool = False
    evidence: Sequence[Mapping[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Placed:
    """A node in reading order. `number`: 1.2.1; `first` and `last` among its siblings."""

    node: Node
    depth: int
    number: str
    first: bool
    last: bool
    leaf: bool


def in_order(nodes: Iterable[Node]) -> list[Placed]:
    """Return the tree in reading order. What hangs below itself (never stored) would not be shown."""
    below: dict[UUID | None, list[Node]] = defaultdict(list)
    for node in nodes:
        below[node.parent].append(node)
    found: list[Placed] = []

    def walk(parent: UUID | None, depth: int, prefix: str) -> None:
        siblings = sorted(below[parent], key=lambda one: (one.order, one.id))
        for place, node in enumerate(siblings, start=1):
            number = f"{prefix}{place}"
            ends = place == len(siblings)
            found.append(Placed(node, depth, number, place == 1, ends, not below[node.id]))
            walk(node.id, depth + 1, f"{number}.")

    walk(None, 0, "")
    return found


def is_below(nodes: Iterable[Node], which: UUID, root: UUID) -> bool:
    """Tell whether `which` is `root` or hangs below it: a node must not be moved under itself."""
    parents = {node.id: node.parent for node in nodes}
    at: UUID | None = which
    for _ in range(len(parents) + 1):
        if at == root:
            return True
        if at is None:
            return False
        at = parents.get(at)
    return False


def fishbone(nodes: Iterable[Node], bones: Sequence[str]) -> list[tuple[str, list[Node]]]:
    """Return [(category, its causes)] in the order of `bones`, contributing ones first; empty categories too."""
    of: dict[str, list[Node]] = defaultdict(list)
    for placed in in_order(nodes):
        if placed.node.bone:
            of[placed.node.bone].append(placed.node)
    return [(bone, sorted(of[bone], key=lambda one: not one.contributing)) for bone in bones]
