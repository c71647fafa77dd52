"""The forms of status pages."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from tocsin.domain.status.enums import Audience, ComponentState, IncidentState
from tocsin.domain.status.logic.incidents import INCIDENT
from tocsin.domain.status.models import Component
from tocsin.web.fields import Choices, Form, area, choice
from tocsin.web.languages.catalogue import exact
from tocsin.web.oncall.fields import Moment, say_zone

STATES = {str(value): str(label) for value, label in IncidentState.choices}
UNTOUCHED = "Not affected"
BODY = "What readers are told: what does not work for them, what is done, when the next word comes. No names, no numbers of ours."


class PageForm(Form):
    """A status page."""

    name = forms.CharField(
        label="Name", max_length=120, help_text="As readers know you: the name stands above everything."
    )
    slug = forms.CharField(
        label="Address", max_length=60, required=False, help_text="Behind /status/. Empty: made of the name."
    )
    intro = forms.CharField(label="Below the name", max_length=500, required=False)
    audience = choice("Who reads it", Audience.choices, initial=Audience.PUBLIC)
    organisation = choice("Customer", [], required=False, empty="none", help_text="For a page of one customer.")
    zone = forms.CharField(
        label="Time zone", max_length=64, initial="UTC", required=False, help_text="Such as Europe/Berlin."
    )
    owner = choice(
        "Who answers for it", [], required=False, empty="me", help_text="Letters that do not arrive are shown to them."
    )

    def __init__(self, *args: Any, offers: Mapping[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in offers.items():
            self.offer(name, [("", "me" if name == "owner" else "none"), *choices])


class ComponentForm(Form):
    """A component of a page."""

    name = forms.CharField(label="Name", max_length=80, help_text="As readers call it, not as its servers are called.")
    group = forms.CharField(label="Group", max_length=80, required=False)
    description = forms.CharField(label="What it is", max_length=200, required=False)
    service = choice(
        "Service", [], required=False, empty="none", help_text="Incidents from its tickets begin with this component."
    )
    position = forms.IntegerField(label="Place in the group", min_value=0, max_value=999, initial=0, required=False)

    def __init__(self, *args: Any, offers: Mapping[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in offers.items():
            self.offer(name, [("", "none"), *choices])


class _Telling(Form):
    """What every word to readers asks for. Components are fields of their own, named by their id."""

    step = forms.CharField(required=False, widget=forms.HiddenInput)

    def component_fields(self, components: Sequence[Component], initial: dict[UUID, str], choices: Choices) -> None:
        """Add a field for each component, behind the fixed ones."""
        listed = [("", exact(UNTOUCHED)), *((value, exact(str(shown))) for value, shown in choices)]
        for one in components:
            label = f"{one.group}: {one.name}" if one.group else one.name
            field = forms.ChoiceField(
                label=label,
                choices=[("", exact(UNTOUCHED)), *((value, exact(str(shown))) for value, shown in listed)],
                required=False,
            )
            field.initial = initial.get(one.pk, "")
            field.widget.attrs["class"] = "select"
            self.fields[f"component_{one.pk}"] = field

    @property
    def affected(self) -> dict[UUID, str]:
        """What it makes of which component, as chosen."""
        return {
            UUID(name.removeprefix("component_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("component_") and value
        }

    @property
    def component_rows(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("component_")]


class IncidentForm(_Telling):
    """The first word of an incident."""

    title = forms.CharField(label="Title", max_length=160, help_text="What does not work, as a reader would say it.")
    state = choice("How far it is", [(one, STATES[one]) for one in INCIDENT[:-1]])
    body = area("Update", rows=5, help_text=BODY)
    notify = forms.BooleanField(label="Write to subscribers", required=False, initial=True)
    ticket = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, components: Sequence[Component], first: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.component_fields(components, first, ComponentState.choices[1:])


class TellForm(_Telling):
    """The next word."""

    state = choice("How far it is", [])
    body = area("Update", rows=5, help_text=BODY)
    notify = forms.BooleanField(label="Write to subscribers", required=False, initial=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, states: Sequence[str], components: Sequence[Component], first: dict[UUID, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer("state", [(one, exact(STATES[one])) for one in states])
        self.component_fields(components, first, ComponentState.choices[1:])


class MaintenanceForm(_Telling):
    """A maintenance to come."""

    title = forms.CharField(label="Title", max_length=160)
    starts_at = Moment(label="Starts")
    ends_at = Moment(label="Ends", at_end=True)
    body = area("Announcement", rows=4, help_text="What readers will notice, and what they should do before.")
    notify = forms.BooleanField(label="Write to subscribers", required=False, initial=True)
    ticket = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, components: Sequence[Component], first: dict[UUID, str], zone: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.component_fields(components, first, [("maintenance", "Under maintenance")])
        say_zone(self, ZoneInfo(zone))


class SubscribeForm(Form):
    """An address that wants to be told."""

    address = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
