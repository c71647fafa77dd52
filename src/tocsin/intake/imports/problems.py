"""What was wrong with a log, by line."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `line` is 1-based, 0 for the file as a whole. `broken`: the row was left out; else it was read."""

    line: int
    kind: str  # bad_date, missing_id, unknown_state, encoding, truncated, columns, too_long, ...
    reason: str  # a sentence for people
    broken: bool = True

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class RowError(Exception):
    """This row cannot be used; the rest of the file can."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


@dataclass(slots=True)
class Problems:
    """Collects findings while a file is read."""

    found: list[Problem] = field(default_factory=list)

    def broken(self, line: int, kind: str, reason: str) -> None:
        """Report a row that is left out."""
        self.found.append(Problem(line, kind, reason))

    def note(self, line: int, kind: str, reason: str) -> None:
        """Report something that was read in spite of what is odd about it."""
        self.found.append(Problem(line, kind, reason, broken=False))

    @property
    def in_order(self) -> list[Problem]:
        return sorted(self.found, key=lambda problem: (problem.line, problem.kind, problem.reason))

    @property
    def broken_rows(self) -> int:
        return sum(problem.broken for problem in self.found)

    def counts(self) -> dict[str, int]:
        """Return {kind: how many}, sorted by kind."""
        return dict(sorted(Counter(problem.kind for problem in self.found).items()))


def shown(value: str) -> str:
    """Return a value from the file as it may stand in a message: quoted, printable, not endless."""
    text = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "..."
    return repr(text)


def listed(words: Iterable[str]) -> str:
    """Return words for a message: "a", "a and b", "a, b and c"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last
