"""Mail that came in, mail that we sent (whose Message-IDs prove a thread), and how the ways in are doing."""

from django.db import models

from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.email.enums import LetterKind, MailState
from tocsin.kernel.ids import new_id


class InboundMail(models.Model):
    """One mail as it was received. The row is committed before the sender hears "250"."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.CharField(max_length=12, help_text="smtp, imap, file")
    received_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, unique=True, help_text="of the raw bytes: the same mail is kept once")
    size = models.BigIntegerField(help_text="bytes")
    raw = models.BinaryField(help_text="as received; emptied some weeks after it was dealt with")
    envelope_from = models.CharField(
        max_length=320, null=True, help_text='SMTP sender; "" is the null sender, null unknown'
    )
    recipients = models.JSONField(default=list, help_text="SMTP recipients")
    state = models.CharField(max_length=12, choices=MailState, default=MailState.RECEIVED)
    reason = models.CharField(max_length=500, blank=True, default="", help_text="why it is in this state")
    due_at = models.DateTimeField(null=True, help_text="when it is looked at (again); null when it was dealt with")
    attempts = models.PositiveSmallIntegerField(default=0)
    nature = models.CharField(
        max_length=20, blank=True, default="", help_text="person, bounce, automatic reply, list ..."
    )
    sender = models.CharField(max_length=320, blank=True, default="", help_text="address in From, lower case")
    sender_name = models.CharField(max_length=120, blank=True, default="")
    subject = models.CharField(max_length=300, blank=True, default="")
    message_id = models.CharField(max_length=240, blank=True, default="")
    text_sha256 = models.CharField(max_length=64, blank=True, default="")
    ticket = models.ForeignKey(
        Ticket, models.SET_NULL, null=True, related_name="+", help_text="where it went, or in quarantine may belong"
    )
    message = models.UUIDField(null=True, help_text="the message that it became; null for a ticket's first mail")
    dealt_with_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    dealt_with_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=MailState.RECEIVED, due_at__isnull=False)
                | ~models.Q(state=MailState.RECEIVED) & models.Q(due_at=None),
                name="mail_received_has_due",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="mail_due", condition=models.Q(state=MailState.RECEIVED)),
            models.Index(fields=["state", "-received_at"], name="mail_state"),
            models.Index(fields=["ticket", "received_at"], name="mail_ticket"),
            models.Index(fields=["message_id"], name="mail_message_id", condition=~models.Q(message_id="")),
            models.Index(fields=["sender", "received_at"], name="mail_sender"),
        ]


class SentMail(models.Model):
    """A letter of ours. An answer that names its Message-ID belongs to the ticket if it comes from its recipient."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mail_id = models.CharField(max_length=240, unique=True, help_text="the Message-ID, without angle brackets")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    address = models.CharField(max_length=320, help_text="lower case")
    kind = models.CharField(max_length=12, choices=LetterKind)
    automatic = models.BooleanField(help_text="no person wrote it: counts against the address's cap")
    page = models.UUIDField(help_text="in the outbox")
    at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True, help_text="when it came back, or was refused for good")
    failure = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "user", "at"], name="mail_sent_ticket"),
            models.Index(fields=["address", "at"], name="mail_sent_address", condition=models.Q(automatic=True)),
            models.Index(fields=["page"], name="mail_sent_page"),
        ]


class MailSource(models.Model):
    """One way in, and how it does: what the settings page shows. For IMAP also how far we have read."""

    name = models.CharField(primary_key=True, max_length=200, help_text="smtp 127.0.0.1:2525, imap host/INBOX")
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True)
    last_mail_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    last_error = models.CharField(max_length=300, blank=True, default="")
    last_error_at = models.DateTimeField(null=True)
