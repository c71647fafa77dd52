"""Risk models, scores and answers as programs see and change them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Found, Given

type OutcomeName = Literal["escalation", "breach", "bounce"]


class Flagged(Found):
    """What flagging the riskiest share of tickets catches."""

    share: float
    flagged: int
    recall: float
    precision: float
    lift: float


class Quality(Found):
    """A score's quality on later tickets; null where it could not be measured."""

    n: int
    positives: int
    auc: float | None
    average_precision: float | None
    brier: float | None
    calibration_error: float
    flagged: list[Flagged]


class Judged(Found):
    """The model beside its baselines at one point of a ticket's life."""

    event: int = Field(description="1: the opening; 0: each ticket's last event; -1: any, drawn by chance")
    model: Quality
    logistic: Quality
    rule: Quality
    rule_name: str
    ahead: float = Field(
        description="share of resamples in which the model ranks better than the rule, and than chance; 0.95 is needed"
    )


class Month(Found):
    """Tickets opened in one month: what was said on average, what came, drift of the scores (PSI)."""

    month: str
    n: int
    came: int
    said: float
    drift: float


class RiskModel(Found):
    """One outcome and the model that predicts it, if there is one."""

    outcome: OutcomeName
    on: bool
    in_use: bool = Field(description="it is on, and its model beats the simple rule on later tickets")
    why: str = Field(description="the model is shown, or not")
    trained_at: datetime | None
    tickets: int = Field(description="learned from")
    came: int = Field(description="of them ended so")
    judged: list[Judged]
    months: list[Month]
    training: str = Field(description="state of the last training; empty: none yet")
    training_message: str


class Training(Found):
    """A training that was asked for."""

    id: UUID
    outcome: OutcomeName
    state: str
    asked_at: datetime


class RiskSwitch(Given):
    """On or off for everybody."""

    on: bool


class Reason(Found):
    """One thing that moved a score, in log odds: above 0 makes it riskier."""

    feature: str
    moved: float
    words: str


class Risk(Found):
    """How likely an open ticket is to end so, as of its last event."""

    outcome: OutcomeName
    value: float = Field(description="probability, 0 to 1")
    at: datetime
    event: int
    reasons: list[Reason]
    silent: bool = Field(description="snoozed or disagreed with: it calls for no attention")


class RiskAnswer(Given):
    """What somebody says about a score."""

    outcome: OutcomeName
    opinion: Literal["agree", "snooze", "disagree"]
    hours: int = Field(24, ge=1, le=336, description="of the snooze")
    note: str = Field("", max_length=300)


class RiskList(Found):
    """Every risk of a ticket."""

    items: list[Risk]


class RiskModels(Found):
    """Every outcome."""

    items: list[RiskModel]
