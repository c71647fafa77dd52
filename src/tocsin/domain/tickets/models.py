"""Tickets, what was said on them, and who holds them (SEMANTICS 1, 6)."""

from django.db import models

from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.tickets.enums import HandoverState, Level3, LinkKind, MessageKind, Priority, Status
from tocsin.domain.tickets.logic.attached import RASTER
from tocsin.kernel.ids import new_id

OPEN_STATUSES = [s for s in Status if s not in (Status.RESOLVED, Status.CLOSED)]


class Ticket(models.Model):
    """One request or incident of one requester. Locked (FOR UPDATE) by every action on it or on its runs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True, help_text="shown as T-<number>; from sequence tickets_number")
    subject = models.CharField(max_length=300)
    description = models.TextField(blank=True, default="")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="tickets")
    requester = models.ForeignKey(User, models.PROTECT, null=True, related_name="requested_tickets")
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="tickets")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="tickets")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="owned_tickets")
    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    impact = models.SmallIntegerField(choices=Level3, default=Level3.MEDIUM)
    urgency = models.SmallIntegerField(choices=Level3, default=Level3.MEDIUM)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.MODERATE)
    category = models.CharField(max_length=120, blank=True, default="")
    configuration_item = models.CharField(max_length=120, blank=True, default="")
    channel = models.CharField(max_length=20, default="web", help_text="web, phone, email, api, import")
    opened_at = models.DateTimeField(help_text="when the clock starts; may lie before the row was made")
    updated_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    unassigned_since = models.DateTimeField(null=True, blank=True)
    team_since = models.DateTimeField(null=True, blank=True)
    last_public_reply_at = models.DateTimeField(null=True, blank=True)
    last_customer_message_at = models.DateTimeField(null=True, blank=True)
    last_owner_activity_at = models.DateTimeField(null=True, blank=True)
    handovers = models.IntegerField(default=0)
    ping_pongs = models.IntegerField(default=0)
    reopens = models.IntegerField(default=0)
    external_source = models.CharField(max_length=40, blank=True, default="")
    external_ref = models.CharField(max_length=120, blank=True, default="")
    is_demo = models.BooleanField(default=False)
    is_drill = models.BooleanField(default=False, help_text="carries a test; in no list, on no clock, in no figure")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_ref"],
                name="tickets_external_once",
                condition=~models.Q(external_ref=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "opened_at"],
                name="tickets_open",
                condition=~models.Q(status__in=["resolved", "closed"]),
            ),
            models.Index(fields=["team", "status"], name="tickets_team_status"),
            models.Index(
                fields=["status"],
                name="tickets_waiting",
                condition=models.Q(status__in=["waiting_change", "waiting_customer", "waiting_vendor"]),
            ),
            models.Index(fields=["owner", "status"], name="tickets_owner_status"),
            models.Index(fields=["organisation", "opened_at"], name="tickets_organisation"),
            models.Index(fields=["service", "opened_at"], name="tickets_service"),
        ]

    def __str__(self) -> str:
        return f"T-{self.number}"

    @property
    def reference(self) -> str:
        """The number as people write it."""
        return f"T-{self.number}"


class Message(models.Model):
    """Something said on a ticket. Only a public reply counts towards response clocks (SEMANTICS 2)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=MessageKind)
    author = models.ForeignKey(User, models.PROTECT, null=True)
    body = models.TextField()
    at = models.DateTimeField()
    via = models.CharField(max_length=20, blank=True, default="", help_text="email, api; empty: the pages")

    class Meta:
        indexes = [models.Index(fields=["ticket", "at"], name="tickets_message_at")]


class Attachment(models.Model):
    """A file that came with a message, or with the ticket itself. Its bytes lie in a folder, under their digest.

    What was refused is kept as a row without bytes, so that everybody sees what is missing and why.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="attachments")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=150)
    size = models.BigIntegerField(help_text="bytes")
    declared = models.CharField(max_length=120, blank=True, default="", help_text="content type its sender claims")
    kind = models.CharField(max_length=120, help_text="content type by its first bytes")
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(
        max_length=240, blank=True, default="", help_text="of an image shown in a mail's text"
    )
    inline = models.BooleanField(default=False)
    refused = models.CharField(max_length=200, blank=True, default="", help_text="why its bytes were not kept")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "at"], name="tickets_attachment_at"),
            models.Index(fields=["sha256"], name="tickets_attachment_sha"),
        ]

    @property
    def is_picture(self) -> bool:
        """Whether it may be shown as a picture in a page: kept, and raster by its own first bytes."""
        return not self.refused and self.kind in RASTER


class Change(models.Model):
    """One change of a ticket that clocks, triggers and metrics fold over, in order of (at, id).

    `before` and `after` hold ids of owner, team and service, and otherwise the value itself; empty is
    nothing. A ticket's first changes, at its `opened_at`, say what it began with.
    """

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    field = models.CharField(max_length=20, help_text="status, priority, impact, urgency, team, owner, line, service")
    before = models.CharField(max_length=120, blank=True, default="")
    after = models.CharField(max_length=120, blank=True, default="")
    actor = models.CharField(max_length=80, default="system")

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="tickets_change_at")]


class Handover(models.Model):
    """An offer to take a ticket over. Until accepted, the sender owns (SEMANTICS 6)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="handover_offers")
    from_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    from_team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    to_user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="handovers_to")
    to_team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="handovers_to")
    brief = models.TextField(help_text="what happened, tried, known, wanted, next promise")
    state = models.CharField(max_length=10, choices=HandoverState, default=HandoverState.OFFERED)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True, default="", help_text="why it was declined, or a word on accepting")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], name="tickets_one_open_handover", condition=models.Q(state=HandoverState.OFFERED)
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], name="tickets_handover_due", condition=models.Q(state=HandoverState.OFFERED)
            )
        ]


class Link(models.Model):
    """`from_ticket` is related to, a duplicate of, a child of, or caused by `to_ticket`."""

    from_ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links_out")
    to_ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links_in")
    kind = models.CharField(max_length=10, choices=LinkKind)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["from_ticket", "to_ticket", "kind"], name="tickets_link_once")]


class Rating(models.Model):
    """What the requester thinks of one resolution: once for each, changeable while it stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="ratings")
    resolved_at = models.DateTimeField(help_text="names the resolution that is rated")
    score = models.SmallIntegerField(help_text="1 (bad) to 5 (good)")
    comment = models.TextField(blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "resolved_at"], name="tickets_rating_once"),
            models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="tickets_rating_score"),
        ]
        indexes = [models.Index(fields=["given_at"], name="tickets_rating_given")]


class PriorityCell(models.Model):
    """One cell of the configurable matrix: impact x urgency -> priority. Missing cells use the default table."""

    impact = models.SmallIntegerField(choices=Level3)
    urgency = models.SmallIntegerField(choices=Level3)
    priority = models.SmallIntegerField(choices=Priority)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["impact", "urgency"], name="tickets_matrix_cell")]
