"""The life of an article: which act is possible in which state, and what it leads to."""

DRAFT, IN_REVIEW, PUBLISHED, RETIRED = "draft", "in_review", "published", "retired"

# {act: {state before: state after}}
MOVES = {
    "submit": {DRAFT: IN_REVIEW},
    "return": {IN_REVIEW: DRAFT},
    "publish": {DRAFT: PUBLISHED, IN_REVIEW: PUBLISHED, PUBLISHED: PUBLISHED},
    "retire": {DRAFT: RETIRED, IN_REVIEW: RETIRED, PUBLISHED: RETIRED},
    "revive": {RETIRED: DRAFT},
}
REMEDIES = {
    "submit": "Only a draft is handed in for review.",
    "return": "Only what is in review can be returned to its author.",
    "publish": "A retired article is revived first.",
    "retire": "It is retired already.",
    "revive": "Only a retired article is revived.",
}


class Refused(ValueError):
    """The act is not possible now; the text says why."""


def after(state: str, act: str) -> str:
    """Return the state after `act`. Raises Refused with the remedy."""
    if state not in MOVES[act]:
        raise Refused(REMEDIES[act])
    return MOVES[act][state]


def acts_in(state: str) -> list[str]:
    """Return the acts that are possible in a state."""
    return [act for act, moves in MOVES.items() if state in moves]
