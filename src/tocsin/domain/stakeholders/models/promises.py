"""The ledger of promises."""

from django.db import models
from django.db.models import Q

from tocsin.domain.people.models import Organisation, User
from tocsin.domain.stakeholders.enums import PromisedTo, PromiseSource, PromiseState
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.ids import new_id


class Promise(models.Model):
    """Something that one person said would be done for another by an instant.

    Renegotiating ends the row (state renegotiated) and begins another that names it, so each row is one
    given word, with one end. `next_at` is when the engine looks at it: to remind, then to call it broken.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="promises")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", help_text="customer")
    what = models.CharField(max_length=300)
    to_kind = models.CharField(max_length=10, choices=PromisedTo, default=PromisedTo.CUSTOMER)
    to_person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="null: the organisation")
    by = models.ForeignKey(User, models.PROTECT, related_name="promises", help_text="who keeps it")
    source = models.CharField(max_length=10, choices=PromiseSource, default=PromiseSource.HAND)
    said = models.CharField(max_length=120, blank=True, default="", help_text="as it was worded: by end of business")
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA zone in which it was given")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+", help_text="that made it")
    state = models.CharField(max_length=12, choices=PromiseState, default=PromiseState.OPEN)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80, help_text="the journal's word for who wrote it down")
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, help_text="null: too near to be reminded of")
    next_at = models.DateTimeField(null=True, help_text="when the engine looks at it; null: no more")
    settled_at = models.DateTimeField(null=True, help_text="when it left open; a broken one: when it was due")
    settled_by = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="", help_text="why cancelled or renegotiated")
    done_at = models.DateTimeField(null=True, help_text="of a broken one: done all the same, late")
    renegotiates = models.OneToOneField("self", models.CASCADE, null=True, related_name="renegotiated_as")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True) | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="stakeholders_promise_settled",
            ),
            models.CheckConstraint(
                condition=Q(state="open", next_at__isnull=False) | (~Q(state="open") & Q(next_at__isnull=True)),
                name="stakeholders_promise_next",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="stakeholders_promise_due", condition=Q(next_at__isnull=False)),
            models.Index(fields=["ticket", "due_at"], name="stakeholders_promise_ticket"),
            models.Index(fields=["by", "state", "due_at"], name="stakeholders_promise_by"),
            models.Index(fields=["organisation", "due_at"], name="stakeholders_promise_org"),
            models.Index(fields=["due_at"], name="stakeholders_promise_open", condition=Q(state="open")),
        ]

    @property
    def made_to(self) -> str:
        """The name of whom it was made to: a person, else their organisation; empty where neither is known."""
        to = self.to_person or self.organisation
        return to.name if to else ""


class Wish(models.Model):
    """What its author ticked beside a reply that is not sent yet: a promise to make, or one to mark kept.

    It comes true when that very reply is sent, and is gone when the author writes something else.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    author = models.ForeignKey(User, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the reply's words")
    keeps = models.ForeignKey(Promise, models.CASCADE, null=True, related_name="+", help_text="null: makes one")
    what = models.CharField(max_length=300, blank=True, default="")
    said = models.CharField(max_length=120, blank=True, default="")
    zone = models.CharField(max_length=64, default="UTC")
    due_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket", "author"], name="stakeholders_wish_author")]
