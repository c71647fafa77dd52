"""What is wrong with a policy's text: every finding, each with its place and its remedy."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tocsin.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PolicyError:
    """One finding. `line` is 1-based; `field` is a path like `levels[1].targets[0]`, empty for the file as a whole."""

    file: str
    line: int
    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file or '<text>'}:{self.line}"
        return ": ".join(part for part in (place, self.field, self.message) if part) + self._remedy()

    def _remedy(self) -> str:
        return f" Remedy: {self.remedy}" if self.remedy else ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class PolicyErrors(InvalidInput):
    """All findings of one or several files, in order of file and line."""

    def __init__(self, errors: Sequence[PolicyError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.file, error.line, error.field)))
        count = len(self.errors)
        super().__init__(
            "policy_invalid",
            f"The policy has {count} error{'' if count == 1 else 's'}: {self.errors[0] if self.errors else ''}",
            {f"{error.file}:{error.line}:{error.field}": f"{error.message} {error.remedy}" for error in self.errors},
        )
