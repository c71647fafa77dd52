"""One measured figure, beside its baseline and its goal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one bench measured.

    `name` begins with its capability ("spine business_time_us"). `baseline_value` is in the same
    unit and was measured in the same run; None where nothing comparable exists. `goal` is written
    for people ("< 5 us"); whether the value meets it, the bench itself says in `met`.
    """

    name: str
    value: float
    unit: str
    baseline: str  # what was measured beside it, in words
    baseline_value: float | None
    goal: str
    met: bool

    @property
    def ratio(self) -> float | None:
        """Return value / baseline_value, or None without a (non-zero) baseline."""
        return self.value / self.baseline_value if self.baseline_value else None

    def as_dict(self) -> dict[str, object]:
        """Return the shape of an element of bench.json."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "baseline_value": self.baseline_value,
            "ratio": self.ratio,
            "goal": self.goal,
            "met": self.met,
        }
