"""The forms of decisions."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from tocsin.domain.decisions.actions import Granted
from tocsin.domain.decisions.enums import Unit
from tocsin.domain.decisions.models import Decision
from tocsin.web.fields import Choices, Form, area, choice

SPARE = 3  # empty rows below the rights there are
LEAST = 4
MOST = 40


def _number(label: str, **more: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "any", "min": "0", "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, max_digits=14, required=False, widget=widget, **more)


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _several(label: str, help_text: str) -> forms.MultipleChoiceField:
    widget = forms.SelectMultiple(attrs={"size": 4})
    return forms.MultipleChoiceField(label=label, required=False, widget=widget, help_text=help_text)


class CatalogueForm(Form):
    """Add a decision to the catalogue, or change one."""

    name = forms.CharField(label="Decision", max_length=120, help_text="As whoever takes it would say it.")
    purpose = area("What it is for, and what to weigh", rows=3, required=False)
    unit = choice("Counted in", Unit.choices, initial=Unit.NONE)
    unit_name = forms.CharField(label="Unit", max_length=20, required=False, help_text="EUR, hours, restarts ...")
    condition = area(
        "Only if", rows=2, required=False,
        help_text="A condition on the ticket, as in policies: ticket.priority <= 2. Empty: always.",
    )  # fmt: skip
    fields_kept = area(
        "What must be recorded",
        rows=3,
        required=False,
        help_text="One a line, besides the reason that is always asked.",
    )
    services = _several("Services", "None chosen: every service.")
    customers = _several("Customers", "None chosen: every customer.")
    answer_within = forms.IntegerField(
        label="Minutes for an answer", min_value=5, max_value=7 * 24 * 60, initial=240, required=False,
        help_text="How long a request beyond somebody's limit waits before it runs out.",
    )  # fmt: skip
    starts_on = _day("From")
    ends_on = _day("Until", required=False, help_text="The last day. Empty: until further notice.")
    word = forms.CharField(label="What you changed", max_length=200, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, services: Choices, customers: Choices, holders: Sequence[tuple[str, Choices]],
        rights: Sequence[tuple[str, Decimal | None]] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.offer("services", services)
        self.offer("customers", customers)
        sent = sum(name.startswith("who_") for name in self.data)
        self.count = min(MOST, max(LEAST, len(rights) + SPARE, sent))
        for at in range(self.count):
            who, limit = rights[at] if at < len(rights) else ("", None)
            self.fields[f"who_{at}"] = forms.ChoiceField(
                label=f"Who may, {at + 1}", required=False, initial=who, choices=[("", "nobody"), *holders]
            )
            self.fields[f"limit_{at}"] = _number(f"Up to, {at + 1}", initial=limit)
            self.fields[f"who_{at}"].widget.attrs["class"] = "select"
            self.fields[f"limit_{at}"].widget.attrs["class"] = "input"

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the rights' fields, row by row."""
        return [(self[f"who_{at}"], self[f"limit_{at}"]) for at in range(self.count)]

    def granted(self) -> list[Granted]:
        """Return the rights that were chosen."""
        found = []
        for at in range(self.count):
            holder, _, key = self.cleaned_data.get(f"who_{at}", "").partition(":")
            if holder:
                found.append(Granted(holder=holder, key=key, limit=self.cleaned_data.get(f"limit_{at}")))
        return found


class DecideForm(Form):
    """Take a decision with its record."""

    decision = choice("Decision", [])
    amount = _number("How much")
    reason = area("Why", rows=3)

    def __init__(self, *args: Any, chosen: Decision, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("decision", offered)
        self.labels = list(chosen.fields)
        if chosen.unit == Unit.NONE:
            del self.fields["amount"]
        else:
            amount = self.fields["amount"]
            amount.required, amount.label = True, chosen.unit_name
            amount.widget.attrs["step"] = "1" if chosen.unit == Unit.COUNT else "0.01"
        for at, label in enumerate(self.labels):
            self.fields[f"record_{at}"] = forms.CharField(label=label, max_length=2_000)
            self.fields[f"record_{at}"].widget.attrs["class"] = "input"

    def records(self) -> list[forms.BoundField]:
        """Return the fields of what must be recorded."""
        return [self[f"record_{at}"] for at in range(len(self.labels))]

    def kept(self) -> dict[str, str]:
        """Return what is to be recorded."""
        return {label: self.value(f"record_{at}") for at, label in enumerate(self.labels)}


class RefuseForm(Form):
    answer = area("Why not", help_text="Whoever asked reads it.")
