"""The forms of the desk: our look, and refusals shown beside the fields they are about."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms

from tocsin.kernel.errors import TocsinError
from tocsin.web.languages.catalogue import SOURCE, exact, language_now, say

_CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.RadioSelect, ""),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.widgets.Input, "input"),
]

type Choices = Iterable[tuple[str, str]]


def dress(form: forms.BaseForm) -> None:
    """Give every field of a form our look."""
    for field in form.fields.values():
        for widget, name in _CLASSES:
            if isinstance(field.widget, widget):
                field.widget.attrs["class"] = f"{name} {field.widget.attrs.get('class', '')}".strip()
                break
        _speak(field)


def _speak(field: forms.Field) -> None:
    """Say label, help and fixed choices in the language being spoken; what `offer` sets later are people's own words."""
    if language_now() == SOURCE:
        return
    field.label = say(field.label) if field.label is not None else None
    field.help_text = say(field.help_text)
    if placeholder := field.widget.attrs.get("placeholder"):
        field.widget.attrs["placeholder"] = exact(placeholder)
    if isinstance(field, forms.ChoiceField) and isinstance(field.choices, list):
        field.choices = [(value, exact(shown) if isinstance(shown, str) else shown) for value, shown in field.choices]


class Form(forms.Form):
    """A form whose input is never lost: what the action refuses comes back beside what was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def refuse(self, error: TocsinError) -> None:
        """Show `error`: at the fields it names, or above the form."""
        named = False
        for name, problem in error.fields.items():
            if name in self.fields:
                self.add_error(name, say(problem))
                named = True
        if not named:
            self.add_error(None, say(error.message))

    def offer(self, name: str, choices: Choices) -> None:
        """Set what a select offers."""
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def value(self, name: str) -> str:
        """Return a cleaned text."""
        return str(self.cleaned_data[name])

    def uuid(self, name: str) -> UUID | None:
        """Return a chosen id, or None."""
        value = self.cleaned_data[name]
        return UUID(str(value)) if value else None


def choice(label: str, choices: Choices, *, required: bool = True, empty: str = "", **more: Any) -> forms.ChoiceField:
    """A select; `empty` is what the blank line says where nothing need be chosen."""
    lines = list(choices)
    if not required or empty:
        lines = [("", empty), *lines]
    return forms.ChoiceField(label=label, choices=lines, required=required, **more)


def area(label: str, *, rows: int = 3, required: bool = True, **more: Any) -> forms.CharField:
    """A text of several lines."""
    attrs = {"rows": rows, **more.pop("attrs", {})}
    return forms.CharField(
        label=label, required=required, widget=forms.Textarea(attrs=attrs), max_length=200_000, **more
    )
