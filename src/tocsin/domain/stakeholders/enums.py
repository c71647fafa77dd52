from django.db import models


class PromiseState(models.TextChoices):
    """Where a promise stands; allowed moves stand in logic/promising.py. Only an open one can still be kept."""

    OPEN = "open", "Open"
    KEPT = "kept", "Kept"
    BROKEN = "broken", "Broken"
    RENEGOTIATED = "renegotiated", "Renegotiated"
    CANCELLED = "cancelled", "Cancelled"


class PromiseSource(models.TextChoices):
    """Where it was made."""

    COMPOSER = "composer", "In a reply"
    HAND = "hand", "By hand"
    PLAN = "plan", "Communication plan"
    RECOVERY = "recovery", "Recovery"
    CALL = "call", "In a call"


class PromisedTo(models.TextChoices):
    """A customer's promise is shown in the portal; an internal one is not."""

    CUSTOMER = "customer", "The customer"
    INTERNAL = "internal", "A colleague"


class Audience(models.TextChoices):
    """Who is told, in the order in which an update leaves."""

    EXECUTIVES = "executives", "Executives"
    CUSTOMER = "customer", "Customer"
    STAKEHOLDERS = "stakeholders", "Stakeholders"
    TEAM = "team", "Team"


class Speaker(models.TextChoices):
    """Who owes an audience its next update."""

    OWNER = "owner", "Owner of the ticket"
    ESCALATION_MANAGER = "escalation_manager", "Escalation manager of the team"
    TEAM_LEAD = "team_lead", "Lead of the team"
    ACCOUNT_MANAGER = "account_manager", "Account manager of the customer"


class Way(models.TextChoices):
    """How an audience, or somebody who subscribed, is told."""

    THREAD = "thread", "Reply in the ticket"
    MAIL = "mail", "E-mail"
    CHAT = "chat", "Chat"
    PUSH = "push", "Browser push"
    FEED = "feed", "Feed"


class CommunicationState(models.TextChoices):
    RUNNING = "running", "Running"
    CLOSING = "closing", "Closing update due"
    ENDED = "ended", "Ended"
