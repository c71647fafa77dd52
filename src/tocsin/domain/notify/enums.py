from django.db import models


class Channel(models.TextChoices):
    """Kinds of contact method that this release can carry; each has its folder in `channels/`."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "Text message"
    VOICE = "voice", "Phone call"
    WEB_PUSH = "web_push", "Browser push"
    SLACK = "slack", "Slack"
    TELEGRAM = "telegram", "Telegram"
    TEAMS = "teams", "Microsoft Teams"
    MATTERMOST = "mattermost", "Mattermost"
    ROCKET_CHAT = "rocket_chat", "Rocket.Chat"
    NTFY = "ntfy", "ntfy"
    GOTIFY = "gotify", "Gotify"
    PUSHOVER = "pushover", "Pushover"
    APPRISE = "apprise", "Apprise address"
    WEBHOOK = "webhook", "Webhook"
    CONSOLE = "console", "Console"


class Urgency(models.TextChoices):
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"


class PageState(models.TextChoices):
    ACTIVE = "active", "Active"
    WITHDRAWN = "withdrawn", "Withdrawn"
    UNREACHABLE = "unreachable", "Unreachable"
    DONE = "done", "Done"


class DeliveryState(models.TextChoices):
    """Moves forward only."""

    PENDING = "pending", "Pending"
    LEASED = "leased", "Being sent"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    BUNDLED = "bundled", "Sent within a bundle"


class AttemptOutcome(models.TextChoices):
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    RETRY = "retry", "To be tried again"
    LEASE_LOST = "lease_lost", "No word from the sender before its lease ended"


# The outbox's word for mail to customers (and to owners, who answer it): no contact method, and not a page. It has a
# sender of its own, is never bundled, waits for nobody's quiet hours and does not count against anybody's bound.
LETTER = "letter"
MAILING_LANE = "status:"  # lanes of letters to many addresses outside begin so

# Purposes that only tell: one method that worked is enough, and an answer to the run does not take them back.
# The purpose of pages of a test: they ask for an answer as a page does, and no figure counts them.
DRILL = "drill"

TELLING = frozenset({"warning", "notice"})

# Channels that work before anybody has set up a provider: each address names its own server, or a public one is used.
NEEDS_NO_PROVIDER = frozenset({"teams", "mattermost", "rocket_chat", "ntfy", "gotify", "apprise"})

# Channels that cost money for each message and are worth a fraud (SECURITY "Reaching out").
PHONES = ("sms", "voice")

# Purpose of a message that an administrator sends to try out a provider: no delivery stands behind it.
TEST = "test"
