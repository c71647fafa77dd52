"""The forms of the small acts: views, tags, fields, things, time, sleep, merging."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from tocsin.domain.desk.enums import Criticality, Density, FieldKind
from tocsin.domain.desk.queries import FieldShown
from tocsin.domain.people.models import Team
from tocsin.kernel.errors import InvalidInput
from tocsin.web.fields import Choices, Form, area, choice, dress

SLEEPS = [
    ("60", "an hour"), ("240", "four hours"), ("morning", "until tomorrow, 8:00"), ("monday", "until Monday, 8:00"),
    ("10080", "a week"),
]  # fmt: skip


class ViewForm(Form):
    """A view of the queue to keep."""

    name = forms.CharField(label="Name", max_length=60)
    scope = choice("Who has it", [("mine", "only I")])
    density = choice("Rows", list(Density.choices))
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    columns = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, teams: Sequence[Team], may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = [("everybody", "everybody"), *((str(team.pk), f"team {team.name}") for team in teams)]
        self.offer("scope", [("mine", "only I"), *(shared if may_share else [])])


class TagsForm(Form):
    tags = forms.CharField(label="Tags", required=False, max_length=1000, help_text="Words, with commas between them.")

    def __init__(self, *args: Any, known: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            self.fields["tags"].help_text = f"Words, with commas between them. In use: {', '.join(known)}."


class FieldsForm(Form):
    """The organisation's own fields; each by its slug."""

    def __init__(self, *args: Any, shown: Sequence[FieldShown], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in shown:
            self.fields[one.field.slug] = _input(one)
        dress(self)

    def typed(self) -> dict[str, str]:
        """Return {slug: text as typed}."""
        return {slug: str(value or "") for slug, value in self.cleaned_data.items()}


def _input(shown: FieldShown) -> forms.Field:
    field, value = shown.field, shown.value
    label = f"{field.name} (needed before it is resolved)" if field.required else field.name
    if field.kind == FieldKind.CHOICE:
        return choice(label, [(c, c) for c in field.choices], required=False, empty="not said", initial=value)
    if field.kind == FieldKind.YES_NO:
        initial = "" if value is None else "yes" if value else "no"
        return choice(label, [("yes", "yes"), ("no", "no")], required=False, empty="not said", initial=initial)
    kind = "date" if field.kind == FieldKind.DATE else "text"
    return forms.CharField(
        label=label, required=False, max_length=1000, initial=value, widget=forms.TextInput(attrs={"type": kind})
    )


class AssetChoiceForm(Form):
    asset = choice("Thing", [], empty="choose")

    def __init__(self, *args: Any, assets: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("asset", [("", "choose"), *assets])


class SnoozeForm(Form):
    """How long a ticket sleeps."""

    preset = choice("How long", SLEEPS, required=False, empty="until the time below")
    until = forms.DateTimeField(
        label="Or until", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    reason = forms.CharField(label="What for", required=False, max_length=200)

    def wakes_at(self, now: datetime, zone: str) -> datetime | None:
        """Return when it wakes; mornings are those of the viewer's zone."""
        preset, given = self.value("preset"), self.cleaned_data["until"]
        if not preset:
            return given if isinstance(given, datetime) else None
        if preset.isdigit():
            return now + timedelta(minutes=int(preset))
        local = now.astimezone(ZoneInfo(zone))
        days = 1 if preset == "morning" else (7 - local.weekday()) or 7
        # The morning is set on the calendar, not counted in hours: a change of the clock would move it.
        return (local + timedelta(days=days)).replace(hour=8, minute=0, second=0, microsecond=0, fold=0)


class TimeForm(Form):
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=1440)
    what = forms.CharField(label="What was done", required=False, max_length=200)


class MergeForm(Form):
    to = forms.CharField(label="Goes on in", max_length=20, help_text="A number such as T-1001, of the same customer.")

    def number(self) -> int:
        """Return the number typed. Raises InvalidInput."""
        typed = self.value("to").strip().upper().removeprefix("#").removeprefix("T-")
        if not (typed.isascii() and typed.isdigit() and len(typed) < 19):
            problem = "Write a number such as T-1001."
            raise InvalidInput("to", problem, {"to": problem})
        return int(typed)


class SplitForm(Form):
    subject = forms.CharField(label="In one line", max_length=300)


class ChildForm(Form):
    subject = forms.CharField(label="In one line", max_length=300)
    description = area("What is to be done", required=False)


class FieldForm(Form):
    """A field of the organisation's own."""

    name = forms.CharField(label="Name", max_length=80)
    slug = forms.CharField(label="Short name", max_length=40, help_text="Small letters, digits, hyphens; for programs.")
    kind = choice("Kind", list(FieldKind.choices))
    choices = area("Choices", required=False, help_text="One a line; for a choice.")
    service = choice("Only for", [], required=False, empty="every service")
    required = forms.BooleanField(label="Needed before a ticket is resolved", required=False)
    position = forms.IntegerField(label="Position", min_value=0, max_value=1000, initial=0)
    active = forms.BooleanField(label="In use", required=False, initial=True)

    def __init__(self, *args: Any, services: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("service", [("", "every service"), *services])


class AssetForm(Form):
    """A thing of the register."""

    name = forms.CharField(label="Name", max_length=120)
    kind = forms.CharField(label="Kind", max_length=60, required=False, help_text="Server, laptop, application ...")
    criticality = choice("How much depends on it", [(str(v), label) for v, label in Criticality.choices], initial="3")
    owner = choice("Owner", [], required=False, empty="nobody")
    organisation = choice("Customer", [], required=False, empty="ours")
    service = choice("Service", [], required=False, empty="none")
    serial = forms.CharField(label="Serial number", max_length=120, required=False)
    notes = area("Notes", required=False)
    active = forms.BooleanField(label="In use", required=False, initial=True)

    def __init__(self, *args: Any, people: Choices, customers: Choices, services: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("owner", [("", "nobody"), *people])
        self.offer("organisation", [("", "ours"), *customers])
        self.offer("service", [("", "none"), *services])
