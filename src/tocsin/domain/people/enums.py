from django.db import models


class Line(models.TextChoices):
    """Support lines, in the order in which work climbs."""

    L1 = "L1", "First line"
    L2 = "L2", "Second line"
    L3 = "L3", "Third line"
    MANAGEMENT = "management", "Management"


class Role(models.TextChoices):
    """What a person is in Tocsin; predicates in rules.py say what each may do."""

    REQUESTER = "requester", "Requester"
    AGENT = "agent", "Agent"
    LEAD = "lead", "Team lead"
    ESCALATION_MANAGER = "escalation_manager", "Escalation manager"
    PROBLEM_MANAGER = "problem_manager", "Problem manager"
    STAKEHOLDER = "stakeholder", "Stakeholder"
    ADMINISTRATOR = "administrator", "Administrator"


class LinkPurpose(models.TextChoices):
    """What a mailed link is good for."""

    INVITATION = "invitation", "Invitation"
    SIGN_IN = "sign_in", "Sign-in link"
    PASSWORD = "password", "New password"


class SignInMethod(models.TextChoices):
    """How somebody shows who they are."""

    PASSWORD = "password", "Password"
    LINK = "link", "Mailed link"
    OIDC = "oidc", "Company sign-in"
    PASSKEY = "passkey", "Passkey"
    TOTP = "totp", "Authenticator code"
    RECOVERY_CODE = "recovery_code", "Recovery code"


class Refusal(models.TextChoices):
    """Why somebody was not let in."""

    WRONG = "wrong", "Wrong"
    TOO_MANY = "too_many", "Too many tries"
    INACTIVE = "inactive", "Deactivated"
    UNKNOWN = "unknown", "Nobody known"
    LINK = "link", "Link used or expired"


class Scope(models.TextChoices):
    """What a program may do with a token, at most: the person's own rights stand before it."""

    TICKETS_READ = "tickets:read", "Read tickets, escalations, clocks and the journal"
    TICKETS_WRITE = "tickets:write", "Open and change tickets, write replies and notes"
    ESCALATIONS_WRITE = "escalations:write", "Start and end escalations, answer pages and handovers"
    ONCALL_READ = "oncall:read", "Read people, teams, services and on-call schedules"
    ONCALL_WRITE = "oncall:write", "Override on-call schedules"
    POLICIES_READ = "policies:read", "Read policies and try them out"
    POLICIES_WRITE = "policies:write", "Publish policies"
    EVENTS_WRITE = "events:write", "Send events of monitoring"
    KNOWLEDGE_READ = "knowledge:read", "Search and read articles, courses and the skill register"
    KNOWLEDGE_WRITE = "knowledge:write", "Write and publish articles"
    ADMIN = "admin", "Everything that the person may do"
