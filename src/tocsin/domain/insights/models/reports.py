"""Reports of figures that go out by mail, and who gets them."""

from django.db import models
from django.db.models import Q

from tocsin.domain.insights.logic.report_times import MONTHLY, WEEKLY
from tocsin.domain.people.models import User
from tocsin.kernel.ids import new_id


class Cadence(models.TextChoices):
    WEEKLY = WEEKLY, "Every week"
    MONTHLY = MONTHLY, "Every month, on the first"


class FigureReport(models.Model):
    """What is told to whom and when. `due_at` is the truth; weekday and hour are of `zone`'s clock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    scope = models.JSONField(default=dict, help_text="the filter: words of an address of insights")
    cadence = models.CharField(max_length=8, choices=Cadence, default=Cadence.WEEKLY)
    weekday = models.SmallIntegerField(default=1, help_text="1 Monday; of weekly reports")
    hour = models.SmallIntegerField(default=7)
    zone = models.CharField(max_length=60)
    due_at = models.DateTimeField(help_text="when the next one leaves")
    sent_at = models.DateTimeField(null=True, help_text="when the last one left")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="insights_reports_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7, hour__gte=0, hour__lte=23), name="insights_reports_time"
            )
        ]


class ReportReader(models.Model):
    """Somebody who gets a report. `left_at`: they asked for no more; choosing them again would overrule that."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(FigureReport, models.CASCADE, related_name="readers")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "user"], name="insights_reader_once")]
