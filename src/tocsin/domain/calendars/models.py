"""Business calendars (SEMANTICS 2). 24x7 is a calendar too."""

from django.db import models

from tocsin.kernel.ids import new_id


class Calendar(models.Model):
    """Weekly hours with breaks, in one time zone, less holidays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA time zone of the hours")
    weekly = models.JSONField(
        default=dict,
        help_text='{"mon": [["08:00", "12:00"], ["13:00", "17:00"]], ...}; "24:00" ends a day; a missing day is closed',
    )
    country = models.CharField(max_length=8, blank=True, default="", help_text="ISO code for public holidays, or empty")
    subdivision = models.CharField(max_length=8, blank=True, default="")
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class OwnHoliday(models.Model):
    """A day on which this calendar is closed besides (or, if `works`, open despite) the public holidays."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="own_holidays")
    day = models.DateField()
    name = models.CharField(max_length=120, blank=True, default="")
    works = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="calendars_own_holiday_once")]
