"""Forms about people and how they are reached."""

from typing import Any

from django import forms

from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.logic.addresses import LONGEST, Guide
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


# What a person types in. A browser is turned on where it runs, and the console is no person's.
ADDABLE = tuple(channel for channel in Channel if channel not in (Channel.WEB_PUSH, Channel.CONSOLE))


class MethodForm(Form):
    """An address of one's own on a channel; it is used only once it was verified."""

    channel = forms.CharField(widget=forms.HiddenInput)
    address = forms.CharField(label="Address", max_length=LONGEST)

    def __init__(self, *args: Any, guide: Guide, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["address"]
        address.help_text = guide.help
        address.widget.attrs |= {"placeholder": guide.example, "autocomplete": "off", "spellcheck": "false"}


class CodeForm(Form):
    """The code that was sent to an address."""

    code = forms.CharField(
        label="Code", max_length=20, help_text="Six digits, good for fifteen minutes.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )  # fmt: skip


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
