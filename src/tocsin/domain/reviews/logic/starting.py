"""Which ended escalations are reviewed without anybody asking (SEMANTICS 8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `types` empty: any; `least_severity` 1 means Sev1 only; `share` in per cent."""

    name: str
    types: Collection[str] = ()
    least_severity: int = 4
    share: int = 100
    rating_at_most: int | None = None


def first_match(
    rules: Sequence[Rule], *, escalation: UUID, kind: str, severity: int, rating: int | None = None
) -> Rule | None:
    """Return the first rule that starts a review; with `rating` those about ratings only, without it the others."""
    for rule in rules:
        asked = rule.rating_at_most is not None
        if asked != (rating is not None) or (rule.types and kind not in rule.types) or severity > rule.least_severity:
            continue
        if rating is not None and rule.rating_at_most is not None and rating > rule.rating_at_most:
            continue
        if sampled(escalation, rule.share):
            return rule
    return None


def sampled(escalation: UUID, share: int) -> bool:
    """Tell whether an escalation is in a sample of `share` per cent: by its id, so that asking again answers the same."""
    return (escalation.int & 0xFFFF_FFFF) % 100 < share
