"""Priority from impact x urgency. 1 is the gravest everywhere."""

from collections.abc import Mapping

# (impact, urgency) -> priority; ITIL's usual three by three table. `PriorityCell` rows override single cells.
DEFAULT: dict[tuple[int, int], int] = {
    (1, 1): 1,
    (1, 2): 2,
    (1, 3): 3,
    (2, 1): 2,
    (2, 2): 3,
    (2, 3): 4,
    (3, 1): 3,
    (3, 2): 4,
    (3, 3): 4,
}


def priority_of(impact: int, urgency: int, cells: Mapping[tuple[int, int], int] | None = None) -> int:
    """Return the priority (1 to 4) of impact and urgency (1 to 3 each); `cells` are the organisation's own."""
    key = (impact, urgency)
    if cells and key in cells:
        return cells[key]
    return DEFAULT[key]


def matrix(cells: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """Return the whole table as it applies: the default with the organisation's own cells laid over it."""
    return {**DEFAULT, **cells}
