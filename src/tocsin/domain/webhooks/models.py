"""Who wants to hear of what, and each event on its way to each of them.

Deliveries are made by a trigger on the journal (migration 0002): in the transaction of the change itself, whatever
process makes it, and without a query where nobody subscribes.
"""

from django.db import models
from django.db.models import Q

from tocsin.domain.people.models import User
from tocsin.domain.webhooks.enums import DeliveryState
from tocsin.kernel.ids import new_id


class Subscription(models.Model):
    """One receiver."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    url = models.CharField(max_length=1000)
    kinds = models.JSONField(default=list, help_text="journal kinds, such as ticket.opened or run.*; [] is everything")
    secret = models.TextField(help_text="the signing secret, sealed; shown once")
    enabled = models.BooleanField(default=True)
    paused_because = models.CharField(max_length=300, blank=True, help_text="why the engine has paused it")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="first failure since the last success")
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="the last success")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="webhooks_subscription_name")]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One event for one receiver. Its id is the event's id at the receiver's, the same on every try."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    entry = models.BigIntegerField(null=True, blank=True, help_text="the journal entry; null: a test")
    kind = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    due_at = models.DateTimeField(help_text="when it is sent (again), or when the lease of a send ends")
    lease = models.UUIDField(null=True, blank=True)
    tries = models.IntegerField(default=0)
    body = models.TextField(blank=True, help_text="what is sent, as it was at the first try")
    ended_at = models.DateTimeField(null=True, blank=True)
    replay_of = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="webhooks_delivery_due", condition=Q(state="pending")),
            models.Index(fields=["subscription", "-made_at"], name="webhooks_delivery_log"),
        ]


class Try(models.Model):
    """One attempt at one delivery."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.IntegerField(null=True, blank=True, help_text="of HTTP; null: no answer came")
    answer = models.CharField(max_length=400, blank=True, help_text="its beginning, or what went wrong")
    milliseconds = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["delivery", "at"], name="webhooks_try_of")]
