"""Risk in the queue: a column that is there as long as a model is in use (docs/risk.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tocsin.domain.risk import queries
from tocsin.domain.risk.enums import Outcome
from tocsin.domain.risk.logic.quiet import HIGH
from tocsin.domain.tickets.models import Ticket
from tocsin.web.risk.words import SHORT

COLUMN = "risk"
SORT = "risk"
SORT_WORDS = "riskiest first"


@dataclass(frozen=True, slots=True)
class Cell:
    """The highest risk of one ticket."""

    percent: int
    of: str
    high: bool
    silent: bool


def is_there() -> bool:
    """Whether any model scores tickets now."""
    return bool(queries.working_models())


def cells(tickets: Sequence[UUID], now: datetime) -> dict[UUID, Cell]:
    """Return what stands in the column for these tickets."""
    return {
        pk: Cell(one.percent, SHORT[Outcome(one.score.outcome)], one.score.value >= HIGH and not one.quiet, one.quiet)
        for pk, one in queries.highest_of(tickets, now).items()
    }


def page(found: QuerySet[Ticket], start: int, size: int) -> list[Ticket]:
    """Return one page of tickets, the riskiest first."""
    return list(queries.riskiest_first(found)[start : start + size])
