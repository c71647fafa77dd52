"""Forms about people and how they are reached."""

from typing import Any

from django import forms

from tocsin.domain.notify.enums import Channel
from tocsin.web.fields import Choices, Form, choice

_MOMENT = {"type": "datetime-local"}


class DeputyForm(Form):
    deputy = choice("Deputy", [])
    starts_at = forms.DateTimeField(
        label="From", required=False, help_text="Empty: from now on.",
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    ends_at = forms.DateTimeField(
        label="Until", required=False, help_text="Empty: until it is ended.",
        widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    reason = forms.CharField(label="Reason", max_length=200, required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("deputy", list(people))


class MethodForm(Form):
    """An address of one's own on a channel; it is used only once it was verified."""

    channel = choice("Channel", [(c.value, c.label) for c in Channel if c is not Channel.CONSOLE])
    address = forms.CharField(
        label="Address", max_length=300, help_text="An e-mail address, or the https address of a webhook."
    )


class QuietForm(Form):
    """Between which local times pages of normal urgency wait; both empty: never."""

    starts = forms.TimeField(
        label="From", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(
        label="Until", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> None:
        """Refuse half a pair."""
        if (self.cleaned_data.get("starts") is None) != (self.cleaned_data.get("ends") is None):
            raise forms.ValidationError("Give both times, or neither.")
