"""Where the parties to an escalation see it differently (SEMANTICS 8). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

GAP = 2  # points of the scale of five from which views differ
PARTIES = {"customer": "the customer", "front_line": "the front line", "expert": "the expert", "manager": "the manager"}
TOPICS = {
    "outcome": "whether it is solved", "timing": "whether help came in time", "informed": "whether people were informed",
    "handover": "whether the handover was whole", "needed": "whether it was right to escalate",
    "learnt": "whether the front line can do it alone now",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One question on which views lie at least GAP points apart."""

    key: str
    gap: int
    worst: str  # party
    best: str  # party
    low: int
    high: int
    words: str


def differences(scores: Mapping[str, Mapping[str, int]], *, gap: int = GAP) -> list[Difference]:
    """Return the questions on which parties differ by `gap` points or more, the widest first.

    `scores`: {party: {key: 1 to 5}}. Parties are named in the order customer, front line, expert, manager: of equal
    scores the first speaks. A question that one party alone answered shows no difference.
    """
    ordered = [party for party in PARTIES if party in scores] + sorted(set(scores) - set(PARTIES))
    keys = dict.fromkeys(key for party in ordered for key in scores[party])
    found: list[Difference] = []
    for key in keys:
        given = {party: scores[party][key] for party in ordered if key in scores[party]}
        worst, best = min(given, key=lambda one: given[one]), max(given, key=lambda one: given[one])
        apart = given[best] - given[worst]
        if len(given) > 1 and apart >= gap:
            found.append(
                Difference(key, apart, worst, best, given[worst], given[best], _words(key, worst, best, given))
            )
    return sorted(found, key=lambda one: (-one.gap, one.key))


def _words(key: str, worst: str, best: str, given: Mapping[str, int]) -> str:
    topic = TOPICS.get(key, key.replace("_", " "))
    low, high = PARTIES.get(worst, worst), PARTIES.get(best, best)
    return f"On {topic}, {low} says {given[worst]} of 5, {high} {given[best]} of 5."
