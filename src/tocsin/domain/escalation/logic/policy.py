"""What an escalation policy says, as frozen data (SEMANTICS 1, 3, 4). Times are timedeltas."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class TargetKind(StrEnum):
    """Roles resolved when the level fires. `ref` names the user (e-mail), team or schedule (slug), or skill."""

    USER = "user"
    TEAM = "team"
    TEAM_LEAD = "team_lead"  # ref: a team's slug, or empty: the ticket's team
    TEAM_MANAGER = "team_manager"  # escalation manager of ref, or of the ticket's team
    OWNER = "owner"
    MANAGER_OF_OWNER = "manager_of_owner"
    TICKET_TEAM = "ticket_team"
    SERVICE_TEAM = "service_team"
    NEXT_LINE_TEAM = "next_line_team"  # the team that the ticket's team escalates to
    ACCOUNT_MANAGER = "account_manager"  # of the ticket's organisation
    SKILL = "skill"
    ON_CALL = "on_call"  # whoever is on call in the schedule ref (a slug)
    # One person each time, in turns, so that each new escalation is the next one's (logic/round_robin.py).
    ROUND_ROBIN_SCHEDULE = "round_robin_schedule"  # among those who take turns in the schedule ref (a slug)
    ROUND_ROBIN_TEAM = "round_robin_team"  # among the members of ref, or of the ticket's team
    POLICY_OWNER = "policy_owner"
    CATCH_ALL = "catch_all"


ROUND_ROBINS = frozenset({TargetKind.ROUND_ROBIN_SCHEDULE, TargetKind.ROUND_ROBIN_TEAM})


class AckMode(StrEnum):
    ANY = "any"
    ALL = "all"


class LevelCondition(StrEnum):
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOT_RESOLVED = "not_resolved"


class Terminal(StrEnum):
    """What happens when the last repeat is over and nobody answered."""

    PAGE_CATCH_ALL = "page_catch_all"
    KEEP_PAGING = "keep_paging"
    EXPIRE = "expire"


class OnReassign(StrEnum):
    ASK = "ask"
    CANCEL = "cancel"
    KEEP = "keep"
    REBIND = "rebind"


class OnApprovalTimeout(StrEnum):
    START = "start"
    CANCEL = "cancel"


class TriggerKind(StrEnum):
    # time-driven
    CLOCK_AT = "clock_at"  # percent of a clock's target consumed (may exceed 100)
    CLOCK_BREACHED = "clock_breached"
    CLOCK_OVERDUE_BY = "clock_overdue_by"
    UNASSIGNED_FOR = "unassigned_for"
    NO_PUBLIC_UPDATE_FOR = "no_public_update_for"
    OWNER_SILENT_FOR = "owner_silent_for"  # since acknowledging
    WAITING_AT_LINE_FOR = "waiting_at_line_for"
    # event-driven
    HANDOVERS = "handovers"  # count >= n; A-B-A counts twice
    REOPENED = "reopened"
    PRIORITY_RAISED = "priority_raised"
    LINKED_TICKETS = "linked_tickets"  # more than n on one problem, service or outage
    CUSTOMER_ASKS = "customer_asks"  # button, or one of the keywords
    REPEAT_ESCALATION = "repeat_escalation"  # same customer, service or item within n days
    AGENT_JUDGEMENT = "agent_judgement"
    TICKET_OPENED = "ticket_opened"  # at once, when the policy's match holds
    RATING_AT_MOST = "rating_at_most"  # the requester rated the resolution with n or less
    PROMISE_MISSED = "promise_missed"  # a promise, or an update that a plan owes, was not kept in time
    NEGATIVE_MESSAGE = "negative_message"  # a customer's message sounds displeased, to the degree n or more
    ALERT_COUNT = "alert_count"  # monitoring told n alerts of this ticket within a window
    # sources come with later capabilities; a policy that names one is refused with that explanation
    RISK_AT_LEAST = "risk_at_least"


TIME_DRIVEN = frozenset(
    {
        TriggerKind.CLOCK_AT,
        TriggerKind.CLOCK_BREACHED,
        TriggerKind.CLOCK_OVERDUE_BY,
        TriggerKind.UNASSIGNED_FOR,
        TriggerKind.NO_PUBLIC_UPDATE_FOR,
        TriggerKind.OWNER_SILENT_FOR,
        TriggerKind.WAITING_AT_LINE_FOR,
    }
)
WITHOUT_SOURCE = frozenset(
    {
        TriggerKind.RISK_AT_LEAST,
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    kind: TargetKind
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """One rung. `delay` counts from the opening of the level before (the first: from the start); 0 is allowed."""

    name: str
    targets: tuple[Target, ...] = ()
    delay: timedelta = timedelta()
    ack: AckMode = AckMode.ANY
    condition: LevelCondition = LevelCondition.NOT_ACKNOWLEDGED
    when: str = ""  # CEL over the ticket; false skips the level, with an entry
    urgent: bool = True  # which of a person's contact sequences is used
    policy: str = ""  # slug of a policy to run as a child from here
    gate: tuple[str, ...] = ()  # fields an agent must fill in to escalate by hand: tried, impact, wanted


@dataclass(frozen=True, slots=True)
class Trigger:
    """One rule. `key` is unique in its policy and names it in the journal."""

    key: str
    kind: TriggerKind
    clock: str = ""  # clock_*: an sla TargetKind value
    percent: float = 0  # clock_at
    after: timedelta = timedelta()  # *_for, clock_overdue_by
    # handovers, reopened, linked_tickets, promise_missed, alert_count; rating_at_most: the score; negative_message: the degree
    count: int = 0
    line: str = ""  # waiting_at_line_for: L1, L2, L3, management
    within: timedelta = timedelta()  # repeat_escalation, alert_count
    # repeat_escalation: organisation, service, configuration_item; linked_tickets: problem, service;
    # promise_missed: promise, update (neither: both)
    same: str = ""
    keywords: tuple[str, ...] = ()  # customer_asks
    when: str = ""  # CEL over the ticket


@dataclass(frozen=True, slots=True)
class Approval:
    approvers: tuple[Target, ...]
    timeout: timedelta = timedelta(minutes=30)
    on_timeout: OnApprovalTimeout = OnApprovalTimeout.START


@dataclass(frozen=True, slots=True)
class Repeat:
    """`times` further passes (0-10) `after` the last level opened, then the terminal action."""

    times: int = 0
    after: timedelta = timedelta(minutes=15)
    terminal: Terminal = Terminal.PAGE_CATCH_ALL
    every: timedelta = timedelta(minutes=15)  # keep_paging


@dataclass(frozen=True, slots=True)
class Policy:
    """One version's content. `levels` has at least one; level numbers are 1-based positions."""

    slug: str
    name: str
    type: str  # EscalationType value
    reason: str  # Reason value used when a trigger does not imply one
    direction: str  # Direction value
    levels: tuple[Level, ...]
    description: str = ""
    owner: str = ""  # e-mail of the policy's owner, who is warned of empty levels
    match: str = ""  # CEL over the ticket: which tickets this policy watches
    triggers: tuple[Trigger, ...] = ()
    repeat: Repeat = field(default_factory=Repeat)
    ack_timeout: timedelta = timedelta(minutes=30)
    snooze_cap: timedelta = timedelta(hours=4)
    reopen_window: timedelta = timedelta(hours=24)
    on_reassign: OnReassign = OnReassign.ASK
    approval: Approval | None = None
