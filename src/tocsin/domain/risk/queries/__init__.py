"""Named reads of risk models, scores and labels."""

from tocsin.domain.risk.queries.models import RUNNING, Card, card, cards, unpacked, working_models
from tocsin.domain.risk.queries.scores import (
    Risk,
    highest,
    highest_of,
    labels,
    last_answers,
    notable,
    riskiest_first,
    risks_of,
    said_of,
)

__all__ = [
    "RUNNING", "Card", "Risk", "card", "cards", "highest", "highest_of", "labels", "last_answers", "notable", "riskiest_first",
    "risks_of", "said_of", "unpacked", "working_models",
]  # fmt: skip
