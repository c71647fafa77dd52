"""Reports of figures by mail, as programs read and set them up."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Person


class NewReport(Given):
    """A report: what it tells of, when it leaves, who gets it."""

    name: str = Field(max_length=80, description="stands above the report and in the mail's subject")
    cadence: str = Field("weekly", max_length=8, description="weekly, or monthly on the first")
    weekday: int = Field(1, ge=1, le=7, description="of weekly reports; 1 is Monday")
    hour: int = Field(7, ge=0, le=23, description="by the clock of whoever sets it up")
    readers: list[Address] = Field(max_length=100, description="who gets it: ids or addresses")
    scope: dict[str, str] = Field(
        default_factory=dict, description="{filter: value} as for figures; clock: elapsed", max_length=12
    )


class Reader(Found):
    person: Person
    left_at: datetime | None = Field(description="when they asked for no more; choosing them again changes nothing")


class ReportInList(Found):
    id: UUID
    name: str
    scope: dict[str, str]
    cadence: str
    weekday: int
    hour: int
    zone: str = Field(description="of weekday and hour, and of the days told of")
    due_at: datetime = Field(description="when the next one leaves")
    sent_at: datetime | None = Field(description="when the last one left")


class Report(ReportInList):
    readers: list[Reader]


class Reports(Found):
    items: list[ReportInList]
