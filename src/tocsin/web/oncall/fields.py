"""Moments as people type them: local times without a zone, read by a clock on the wall."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from tocsin.domain.oncall.logic.wall_clock import first_instant, last_instant

LOCAL = "%Y-%m-%dT%H:%M"
EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - local times, in no zone yet


class Moment(forms.DateTimeField):
    """A local time in the viewer's zone (or in `zone`, set by the form).

    Where the clock is turned back a time comes twice: a start is its first occurrence and an end its last; where it
    is turned forward, a time that never comes is the very jump (SEMANTICS 11). Nothing is refused for that.
    """

    zone: ZoneInfo | None = None

    def __init__(self, *, at_end: bool = False, **more: Any) -> None:
        self.at_end = at_end
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=widget, **more)

    def prepare_value(self, value: Any) -> Any:
        """Show an instant as the clock in the zone shows it."""
        return value.astimezone(self._zone()).replace(tzinfo=None) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant (UTC). Raises ValidationError for what is no local time of our age."""
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value
        try:
            local = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise forms.ValidationError("Write a date and a time, such as 2026-03-02 09:00.") from None
        if local.tzinfo is not None or not EARLIEST <= local < LATEST:
            raise forms.ValidationError("Write a local date and time, such as 2026-03-02 09:00.")
        return last_instant(local, self._zone()) if self.at_end else first_instant(local, self._zone())

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare instants, not texts."""
        try:
            return bool(initial != self.to_python(data))
        except forms.ValidationError:
            return True

    def _zone(self) -> ZoneInfo:
        return self.zone or ZoneInfo(timezone.get_current_timezone_name())


def say_zone(form: forms.BaseForm, zone: ZoneInfo | None = None) -> None:
    """Put the zone into the label of every moment of a form, and read it in that zone."""
    name = zone.key if zone else timezone.get_current_timezone_name()
    for field in form.fields.values():
        if isinstance(field, Moment):
            field.zone = zone or field.zone
            field.label = f"{field.label} ({name})"
