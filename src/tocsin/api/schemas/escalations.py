"""Escalations and policies as programs see and change them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.decisions import GivenAmount
from tocsin.api.schemas.given import Address, Found, Given, Number, Person, Slug


class Escalation(Found):
    """One policy at work on one ticket."""

    id: UUID
    ticket: int
    policy: str = Field(description="its slug")
    policy_name: str
    version: int
    type: str
    reason: str
    reason_text: str
    direction: str
    trigger: str = Field(description="what fired; empty: a person's judgement")
    state: str
    run_status: str
    cycle: int
    level: int
    due_at: datetime | None = Field(description="when the next step is taken if nobody answers")
    tried: str
    impact: str
    wanted: str
    owner: Person | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str


class Step(Found):
    number: int
    name: str
    state: str = Field(description="done, now, next, later or skipped")
    fires_at: datetime | None
    fired_at: datetime | None
    people: list[str]
    note: str


class Ladder(Found):
    """How an escalation stands, rung by rung."""

    escalation: UUID
    policy: str
    policy_name: str
    version: int
    state: str
    run_status: str
    cycle: int
    opened_at: datetime
    next_at: datetime | None
    next_what: str
    acknowledged_by: str
    steps: list[Step]
    may: list[str] = Field(description="which answers make sense now")


class NewEscalation(Given):
    policy: Slug
    type: Literal["", "technical", "customer", "internal"] = ""
    reason: str = Field("", max_length=40, description="one of the policy language's reasons; without it the policy's")
    reason_text: str = Field("", max_length=500)
    direction: Literal["", "functional", "hierarchical"] = ""
    tried: str = Field("", max_length=20_000)
    impact: str = Field("", max_length=20_000)
    wanted: str = Field("", max_length=20_000)
    happened: str = Field("", max_length=20_000, description="with `known` it becomes a note: the brief")
    known: str = Field("", max_length=20_000)
    decision: Slug | None = Field(None, description="the decision it is for; see GET .../decision-rights")
    amount: GivenAmount | None = Field(None, description="of that decision")


class Wish(Given):
    """The customer asks for an escalation, in their own words."""

    reason: str = Field(min_length=1, max_length=4_000)


class Begun(Found):
    """What the wish has begun; where no policy listens, the people answerable for the ticket are told."""

    escalations: list[UUID]


class Ending(Given):
    how: Literal["resolve", "cancel"] = Field(description="done, or called off (leads and escalation managers)")
    outcome: str = Field(min_length=1, max_length=500)


class Completion(Given):
    """What a level's gate asks for; empty texts leave what is there."""

    tried: str = Field("", max_length=20_000)
    impact: str = Field("", max_length=20_000)
    wanted: str = Field("", max_length=20_000)


class NewAnswer(Given):
    verb: Literal["acknowledge", "decline", "take", "snooze", "call_next", "approve", "refuse"]
    reason: str = Field("", max_length=500, description="of decline and refuse")
    minutes: int | None = Field(None, ge=1, le=24 * 60, description="of snooze; the policy caps it")
    cycle: int | None = Field(None, ge=1, le=1_000_000, description="answers of an earlier cycle change nothing")


class Answered(Found):
    """What an answer did."""

    changed: bool = Field(description="false: the state had moved on, `message` says how")
    status: str
    message: str


class Asked(Found):
    """An escalation that waits for the caller's answer."""

    escalation: UUID
    ticket: int
    subject: str
    policy: str
    cycle: int
    level: int
    run_status: str
    started_at: datetime


class Choice(Given):
    choice: Literal["cancel", "keep", "rebind"]


class NewDeEscalation(Given):
    acceptor: Address
    reason: str = Field(min_length=1, max_length=500)


class DeEscalation(Found):
    id: UUID
    escalation: UUID
    acceptor: Person
    reason: str
    state: str
    offered_at: datetime
    answered_at: datetime | None


class PolicySummary(Found):
    slug: str
    name: str
    enabled: bool
    version: int = Field(description="0: never published")
    published_at: datetime | None
    published_by: str
    running: int = Field(description="runs under way")


class PolicyVersion(Found):
    version: int
    digest: str
    published_at: datetime
    published_by: str
    note: str


class Policy(Found):
    slug: str
    name: str
    enabled: bool
    version: int
    digest: str
    source: str = Field(description="the YAML as it was written")
    spec: dict[str, object]
    versions: list[PolicyVersion]


class Document(Given):
    file: str = Field("", max_length=200, description="named in what is found wrong")
    text: str = Field(min_length=1, max_length=400_000, description="YAML")


class DryRun(Given):
    documents: list[Document] = Field(min_length=1, max_length=50)
    prune: bool = Field(default=False, description="policies that no document names would be disabled")


class Publication(DryRun):
    note: str = Field("", max_length=300)


class Change(Found):
    slug: str
    name: str
    file: str
    change: str = Field(json_schema_extra={"enum": ["new", "changed", "unchanged", "disabled"]})
    version: int
    differences: list[str]
    running: int
    enabled: bool


class Plan(Found):
    changed: bool
    policies: list[Change]


class Trial(Given):
    ticket: Number


class Evidence(Found):
    id: UUID
    name: str
    by: list[str]
    reachable: bool


class LevelPreview(Found):
    number: int
    name: str
    at: datetime | None
    delay_seconds: int
    targets: list[str]
    people: list[Evidence]
    condition: str
    ack: str
    skipped: str


class Preview(Found):
    """Whom a policy would page on a ticket if it began now and nobody answered."""

    levels: list[LevelPreview]


class Switch(Given):
    enabled: bool
    note: str = Field("", max_length=300)
