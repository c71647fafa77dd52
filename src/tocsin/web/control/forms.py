"""Forms of policies and settings."""

from typing import Any

from django import forms

from tocsin.web.fields import Choices, Form, area, choice

_MOMENT = {"type": "datetime-local"}


class PolicyForm(Form):
    text = area(
        "Policy", rows=28, attrs={"class": "code", "spellcheck": "false", "autocapitalize": "off", "wrap": "off"}
    )
    note = forms.CharField(label="What changed and why", max_length=300, required=False)
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CatchAllForm(Form):
    user = choice("Catch-all", [])

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("user", list(people))


class MaintenanceForm(Form):
    service = choice("Service", [], required=False, empty="everything")
    starts_at = forms.DateTimeField(label="From", widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"))
    ends_at = forms.DateTimeField(label="Until", widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"))
    reason = forms.CharField(label="What is maintained", max_length=300)

    def __init__(self, *args: Any, services: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("service", [("", "everything"), *services])


class ReleaseMailForm(Form):
    """Where a mail goes that was set aside."""

    to = forms.CharField(
        label="Ticket", max_length=20, required=False, widget=forms.TextInput(attrs={"placeholder": "T-1042"}),
        help_text="Leave it empty to open a new ticket.",
    )  # fmt: skip


class DeleteMailForm(Form):
    reason = forms.CharField(label="Why", max_length=200)
