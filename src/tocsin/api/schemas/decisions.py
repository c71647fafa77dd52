"""Decision rights as programs see them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Found, Given, Person, Slug
from tocsin.domain.decisions.enums import RequestState, Unit

# As text, so that no program reads money as a binary fraction.
type Amount = Annotated[str, Field(examples=["199.90"], description="a decimal number as text")]
type GivenAmount = Annotated[
    Decimal, Field(gt=0, max_digits=14, decimal_places=2, description="in the decision's unit; money as a text")
]


def _one_of(*values: str) -> Any:
    """Describe a text of an answer as one of these; it comes from a column that holds nothing else."""
    return Field(json_schema_extra={"enum": list(values)})


class OwnRight(Found):
    """A decision that may be taken on a ticket, and how far the caller may go alone."""

    decision: str = Field(description="its slug")
    name: str
    unit: str = _one_of(*Unit.values)
    unit_name: str
    allowed: bool = Field(description="whether the caller may take it alone at all")
    limit: Amount | None = Field(description="up to which size, included; null: no limit, or no right")
    why: str
    who_else: str = Field(description="the lowest who may, where the caller may not")
    fields: list[str] = Field(description="what must be recorded besides the reason")


class NewDecision(Given):
    decision: Slug
    amount: GivenAmount | None = Field(None, description="demanded unless the unit is none")
    reason: str = Field(min_length=1, max_length=5_000)
    fields: dict[Annotated[str, Field(max_length=80)], Annotated[str, Field(max_length=2_000)]] = Field(
        default_factory=dict, max_length=20, description="{what must be recorded: what is said}"
    )


class Decided(Found):
    """A decision that was taken, with its record."""

    id: UUID
    ticket: int
    decision: str
    version: int
    by: Person
    approved_by: Person | None
    amount: Amount | None
    reason: str
    fields: dict[str, str]
    right: str
    at: datetime


class Asked(Found):
    """A decision beyond the asker's limit, offered to the lowest who may."""

    id: UUID
    ticket: int
    decision: str
    version: int
    asked_by: Person
    asked_of: list[Person]
    amount: Amount | None
    reason: str
    fields: dict[str, str]
    state: str = _one_of(*RequestState.values)
    asked_at: datetime
    due_at: datetime | None = Field(description="when it runs out; null: it has ended")
    answered_by: Person | None
    answer: str


class Outcome(Found):
    """Exactly one of the two: it was taken, or somebody who may was asked."""

    taken: Decided | None
    asked: Asked | None


class RequestAnswer(Given):
    approve: bool
    answer: str = Field("", max_length=5_000, description="why; demanded of a refusal")
