"""How people are reached, and the outbox (SEMANTICS 5)."""

from django.db import models

from tocsin.domain.notify.enums import PHONES, Channel, DeliveryState, PageState, Urgency
from tocsin.domain.people.models import User
from tocsin.kernel.ids import new_id

OPEN = ["pending", "leased"]  # delivery states with something still to come


class ContactMethod(models.Model):
    """An address of a person on one channel. Only verified ones are used."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="contact_methods")
    channel = models.CharField(max_length=12, choices=Channel)
    address = models.CharField(max_length=300, help_text="or, of a secret one, the mark by which it is shown")
    sealed = models.TextField(blank=True, default="", help_text="a secret address, encrypted (addresses.py)")
    verified_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(
        null=True, help_text="whoever has it answered STOP; it is verified by START again"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel", "address"], name="notify_method_once")]


class Verification(models.Model):
    """One code sent over a method to prove that it is its person's. The code itself stands nowhere (one_time.py)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    method = models.ForeignKey(ContactMethod, models.CASCADE, related_name="verifications")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong ones")
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["method", "-made_at"], name="notify_verification_method")]


class ContactRule(models.Model):
    """Step of a person's sequence: use `method` `delay_seconds` after the page was made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="contact_rules")
    urgency = models.CharField(max_length=8, choices=Urgency)
    position = models.PositiveSmallIntegerField()
    method = models.ForeignKey(ContactMethod, models.CASCADE, related_name="rules")
    delay_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["user", "urgency", "position"]
        constraints = [models.UniqueConstraint(fields=["user", "urgency", "position"], name="notify_rule_position")]


class QuietHours(models.Model):
    """Local times (of the person's zone) between which normal-urgency pages wait; may cross midnight."""

    user = models.OneToOneField(User, models.CASCADE, related_name="quiet_hours")
    starts = models.TimeField()
    ends = models.TimeField()


class Page(models.Model):
    """One person to be told one thing. `run`, `cycle` and `level` are plain columns: a lower app knows no runs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="pages")
    run = models.UUIDField(null=True, help_text="escalation run, or null for other notices")
    cycle = models.PositiveIntegerField(default=1)
    level = models.PositiveSmallIntegerField(default=0)
    ticket = models.UUIDField(null=True)
    purpose = models.CharField(
        max_length=20, default="page", help_text="page, reminder, approval, catch_all, warning, notice"
    )
    urgency = models.CharField(max_length=8, choices=Urgency)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    data = models.JSONField(default=dict, help_text="for channels: reference, priority, customer, link path ...")
    state = models.CharField(max_length=12, choices=PageState, default=PageState.ACTIVE)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "cycle", "level", "user", "purpose"],
                name="notify_page_once",
                condition=models.Q(run__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["run"], name="notify_page_run"),
            models.Index(fields=["user", "-created_at"], name="notify_page_user"),
        ]


class Delivery(models.Model):
    """One page by one method: the outbox row. Identified by (page, channel, address), so it is never created twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    page = models.ForeignKey(Page, models.CASCADE, related_name="deliveries")
    run = models.UUIDField(null=True, help_text="of the page, if an answer to the run takes this delivery back")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12, choices=Channel)
    address = models.CharField(max_length=300)
    lane = models.CharField(
        max_length=80, blank=True, default="", help_text="customer and integration; lanes take turns in a storm"
    )
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    due_at = models.DateTimeField(null=True, help_text="when to send (pending) or when the lease ends (leased)")
    lease = models.UUIDField(null=True, help_text="fencing token: a late worker's write matches nothing")
    leased_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="set on a leased row: withdrawn while in flight")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True, default="")
    error = models.CharField(max_length=500, blank=True, default="")
    bundle = models.UUIDField(null=True, help_text="the same for all that went out as one message; null: it went alone")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "channel", "address"], name="notify_delivery_once"),
            models.CheckConstraint(
                condition=~models.Q(state__in=OPEN) | models.Q(due_at__isnull=False), name="notify_open_has_due"
            ),
            models.CheckConstraint(
                condition=models.Q(state="leased", lease__isnull=False)
                | ~models.Q(state="leased") & models.Q(lease=None),
                name="notify_lease_while_leased",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "due_at"], name="notify_delivery_due", condition=models.Q(state__in=OPEN)),
            models.Index(
                fields=["channel", "lane", "user", "due_at"],
                name="notify_delivery_turns",
                condition=models.Q(state__in=OPEN),
            ),
            models.Index(fields=["run"], name="notify_delivery_run", condition=models.Q(state__in=OPEN)),
            models.Index(
                fields=["channel", "address", "sent_at"],
                name="notify_delivery_sent",
                condition=models.Q(sent_at__isnull=False),
            ),
            models.Index(
                fields=["user", "channel", "address", "id"],
                name="notify_delivery_failed",
                condition=models.Q(state="failed"),
            ),
            models.Index(fields=["provider_id"], name="notify_delivery_provider", condition=~models.Q(provider_id="")),
            models.Index(
                fields=["sent_at"],
                name="notify_delivery_phoned",
                condition=models.Q(sent_at__isnull=False, channel__in=PHONES),
            ),
            models.Index(fields=["bundle"], name="notify_delivery_bundle", condition=models.Q(bundle__isnull=False)),
        ]


class AnswerCode(models.Model):
    """The digits by which a person names one of their pages in a text message. Theirs for a week, like a link."""

    page = models.OneToOneField(Page, models.CASCADE, related_name="code")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    code = models.CharField(max_length=6)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="notify_code_once")]


class Attempt(models.Model):
    """One try to send one delivery: when, to what address, what the provider said. Kept for ever."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, help_text="sent, refused, retry, lease_lost")
    answer = models.CharField(max_length=500, blank=True, default="")
    lease = models.UUIDField()


class Heartbeat(models.Model):
    """When a loop of the engine last finished a round: what the auditor and the health light read."""

    name = models.CharField(primary_key=True, max_length=80, help_text="auditor, ticker:<worker>, sender:<worker>")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)


class Provider(models.Model):
    """A service that carries one channel, as administrators have set it up. Tried in order of `position`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40, help_text="of channels/kinds.py")
    channel = models.CharField(max_length=12, choices=Channel)
    name = models.CharField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    enabled = models.BooleanField(default=True)
    settings = models.JSONField(default=dict, help_text="what is no secret, by name")
    sealed = models.TextField(blank=True, default="", help_text="the secrets, encrypted (sealing.py)")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["channel", "position", "created_at"]


class ProviderHealth(models.Model):
    """How one way out does, kept here so that all engines know."""

    name = models.CharField(primary_key=True, max_length=60, help_text="a provider's id, or environment:<channel>")
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    rests = models.PositiveSmallIntegerField(default=0, help_text="since it last accepted something")
    resting_until = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_error_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")


class Once(models.Model):
    """Something that must happen only once: a call-back that its sender may repeat, an alarm within its hour."""

    key = models.CharField(primary_key=True, max_length=160)
    at = models.DateTimeField(db_index=True)
    answer = models.TextField(blank=True, default="", help_text="what was answered, for repetitions")


class CaughtMail(models.Model):
    """A mail taken in by the demo's own mail server instead of being delivered; the mail viewer shows it."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    to = models.CharField(max_length=300)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    raw = models.TextField(help_text="as received, undecodable bytes replaced")
    headers = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="notify_caught_mail_at")]
