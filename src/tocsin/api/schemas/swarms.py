"""Swarms and the command of an escalation as programs see and change them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Instant, Person, Slug, TeamName, Text

type Line = Annotated[str, Field(min_length=1, max_length=500)]


class Credit(Found):
    """What somebody did while they were part of a swarm."""

    notes: int
    steps: int = Field(description="of runbooks")
    decisions: int
    answers: int
    minutes: int = Field(description="since joining, until they left or it ended")


class Invitation(Found):
    """One person asked into a swarm."""

    id: UUID
    swarm: UUID
    person: Person
    through: str = Field(description="person, team, skill or own")
    team: TeamName | None
    why: str
    state: str = Field(description="invited, accepted, declined, expired, withdrawn or left")
    reason: str
    invited_at: datetime
    expires_at: datetime
    joined_at: datetime | None
    credit: Credit | None = Field(description="null: they have not come, or this is not asked here")


class SwarmAnswer(Found):
    id: UUID
    by: Person
    at: datetime
    body: str
    helped: bool


class Swarm(Found):
    """A question to experts. The ticket stays with its owner."""

    id: UUID
    ticket: int
    question: str
    context: str
    urgency: str
    state: str
    opened_by: Person
    opened_at: datetime
    ended_at: datetime | None
    outcome: str
    invitations: list[Invitation]
    answers: list[SwarmAnswer]


class Guests(Given):
    """Whom to ask: whoever is on call for the teams, everybody who knows the skill, people by name."""

    teams: list[Slug] = Field(default=[], max_length=5)
    skill: str = Field("", max_length=80)
    people: list[Address] = Field(default=[], max_length=30)
    answer_within_minutes: int = Field(30, ge=5, le=1440)


class NewSwarm(Guests):
    question: Line
    context: Annotated[str, Field(max_length=20_000)] = ""
    urgency: Literal["normal", "high"] = "high"


class InvitationAnswer(Given):
    accept: bool
    reason: str = Field("", max_length=300, description="why declined")


class NewSwarmAnswer(Given):
    body: Text


class SwarmEnd(Given):
    outcome: Annotated[str, Field(min_length=1, max_length=5_000)]
    helped: list[UUID] = Field(default=[], max_length=100, description="answers that helped")


class RoleHolder(Found):
    role: str
    person: Person
    since: datetime


class Task(Found):
    id: UUID
    title: str
    owner: Person | None
    due_at: datetime | None
    state: str
    made_at: datetime
    ended_at: datetime | None


class CommandLine(Found):
    """One line of the curated timeline."""

    id: UUID
    kind: str = Field(description="pin, fact or decision")
    position: int | None = Field(description="of the pinned event in the ticket's journal")
    text: str
    at: datetime
    by: Person


class Command(Found):
    """Who does what on a major escalation."""

    escalation: UUID
    ticket: int
    state: str
    state_at: datetime
    known: str
    call_url: str
    chat_url: str
    next_update_at: datetime | None
    roles: list[RoleHolder]
    tasks: list[Task]
    timeline: list[CommandLine] = Field(description="newest first")


class CommandChange(Given):
    """What is left out stays as it is."""

    state: Literal["investigating", "identified", "mitigated", "resolved"] | None = None
    known: str | None = Field(None, max_length=500)
    call_url: str | None = Field(None, max_length=600)
    chat_url: str | None = Field(None, max_length=600)
    next_update_at: Instant | None = Field(None, description="null: none is planned")


class NewRole(Given):
    role: Literal["owner", "communicator", "scribe", "expert"]
    person: Address


class NewTask(Given):
    title: Annotated[str, Field(min_length=1, max_length=200)]
    owner: Address | None = None
    due_at: Instant | None = None


class TaskChange(Given):
    """What is left out stays as it is."""

    state: Literal["open", "done", "dropped"] | None = None
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    owner: Address | None = None
    due_at: Instant | None = None


class NewCommandLine(Given):
    """A fact or a decision with its text, or a pin with the event's position."""

    kind: Literal["fact", "decision", "pin"] = "fact"
    text: str = Field("", max_length=1000)
    position: int | None = Field(None, ge=1, le=1 << 53)
    at: Instant | None = Field(None, description="when it happened, if that was earlier")
