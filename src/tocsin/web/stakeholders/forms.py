"""The forms of promises, updates, plans and subscriptions."""

from collections.abc import Iterable
from typing import Any

from django import forms

from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.stakeholders.actions.subscribing import OFFERED
from tocsin.domain.stakeholders.enums import Audience, PromisedTo, Speaker, Way
from tocsin.domain.stakeholders.models import PlanAudience, Template
from tocsin.domain.status.logic.incidents import INCIDENT
from tocsin.domain.tickets.enums import Priority
from tocsin.web.fields import Choices, Form, area, choice

_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
WHEN = [
    ("1h", "in an hour"), ("business_2h", "in 2 business hours"),
    ("end_of_business", "by end of business"), ("tomorrow_noon", "tomorrow at noon"), ("end_of_week", "by end of the week"),
]  # fmt: skip
# Minutes until the next update; "": as the plan says.
NEXT = [
    ("30", "in 30 minutes"), ("60", "in an hour"), ("120", "in 2 hours"), ("240", "in 4 hours"),
    ("480", "in 8 hours"), ("1440", "in a day"), ("4320", "in 3 days"),
]  # fmt: skip
WAYS = [(way.value, way.label) for way in OFFERED]


class PromiseForm(Form):
    """Write a promise down."""

    what = forms.CharField(label="What", max_length=300, help_text="As the other will remember it: call Ana back.")
    when = choice("By when", WHEN, required=False, empty="at the time below")
    due_at = forms.DateTimeField(label="Time", required=False, widget=_MOMENT, help_text="In your own time zone.")
    promiser = choice("Who keeps it", [])
    to_kind = choice("To whom", PromisedTo.choices, initial=PromisedTo.CUSTOMER)
    to_person = choice(
        "Which colleague", [], required=False, empty="nobody", help_text="Only for a promise to a colleague."
    )

    def __init__(self, *args: Any, staff: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(staff)
        self.offer("promiser", people)
        self.offer("to_person", [("", "nobody"), *people])


class RenegotiateForm(Form):
    """Agree on another time, before it is due."""

    when = choice("The new time", WHEN, required=False, empty="at the time below")
    due_at = forms.DateTimeField(label="Time", required=False, widget=_MOMENT, help_text="In your own time zone.")
    reason = area("Why, as you told them", rows=2)


class CancelForm(Form):
    """Call it off."""

    reason = area("Why it is called off", rows=2)


class UpdateForm(Form):
    """Written once, in two wordings."""

    outward = area(
        "What the customer reads", rows=4, help_text="What happens, what it means for them, what comes next."
    )
    inward = area("What only we read", rows=3, required=False, help_text="Never sent to anybody at a customer.")
    next = choice("Next update", NEXT, required=False, empty="as the plan says")
    pages = forms.MultipleChoiceField(
        label="Status pages told too", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Readers get what the customer reads, and nothing else of the ticket.",
    )  # fmt: skip
    state = forms.ChoiceField(
        label="How far it is", choices=[(one, one.capitalize()) for one in INCIDENT], required=False
    )
    title = forms.CharField(
        label="Title on the page", max_length=160, required=False,
        help_text="What does not work, as a reader would say it. Only for a page that does not know of it yet.",
    )  # fmt: skip
    seal = forms.CharField(required=False, widget=forms.HiddenInput)


class FollowForm(Form):
    """Ask to be told."""

    thing = choice("What", [])
    ways = forms.MultipleChoiceField(
        label="How", choices=WAYS, widget=forms.CheckboxSelectMultiple, initial=[Way.MAIL.value]
    )  # fmt: skip

    def __init__(self, *args: Any, things: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("thing", things)


class TemplateForm(Form):
    """Words of an update."""

    name = forms.CharField(label="Name", max_length=120)
    audience = choice("For", Audience.choices)
    subject = forms.CharField(label="Subject", max_length=200)
    body = area("Text", rows=10)


class PlanForm(Form):
    """One plan: four audiences, each with ways, cadence by severity, speaker and words."""

    enabled = forms.BooleanField(label="Begins with every such escalation", required=False)

    def __init__(
        self, *args: Any, rows: dict[str, PlanAudience], templates: Iterable[Template], staff: Choices, **kwargs: Any
    ) -> None:
        initial = kwargs.pop("initial", {}) | {
            key: value for name, row in rows.items() for key, value in _initial(name, row).items()
        }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
        known, people = list(templates), list(staff)
        for audience in Audience:
            self._add(audience, [one for one in known if one.audience == audience], people)

    def _add(self, audience: Audience, templates: list[Template], people: list[tuple[str, str]]) -> None:
        name = audience.value
        ways = [Way.THREAD] if audience is Audience.CUSTOMER else [Way.MAIL, Way.CHAT, Way.PUSH]
        self.fields[f"{name}_ways"] = forms.MultipleChoiceField(
            label="Told by", choices=[(way.value, way.label) for way in ways], required=False,
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        for priority in Priority:
            self.fields[f"{name}_{priority.value}"] = forms.IntegerField(
                label=f"Minutes at Sev{priority.value}", required=False, min_value=5, max_value=20_160,
                widget=forms.NumberInput(attrs={"class": "input", "placeholder": "none"}),
            )  # fmt: skip
        self.fields[f"{name}_speaker"] = forms.ChoiceField(
            label="Who speaks", choices=Speaker.choices, widget=forms.Select(attrs={"class": "select"})
        )  # fmt: skip
        self.fields[f"{name}_template"] = forms.ChoiceField(
            label="Words", choices=[(str(one.pk), one.name) for one in templates],
            widget=forms.Select(attrs={"class": "select"}),
        )  # fmt: skip
        if audience is not Audience.CUSTOMER:
            self.fields[f"{name}_people"] = forms.MultipleChoiceField(
                label="Always told", choices=people, required=False,
                widget=forms.SelectMultiple(attrs={"class": "many", "size": "5"}),
            )  # fmt: skip

    def of(self, audience: str) -> dict[str, Any]:
        """Return an audience's fields by their short names, for the page; `cadence` holds those of the severities."""
        prefix = f"{audience}_"
        found: dict[str, Any] = {
            name.removeprefix(prefix): self[name] for name in self.fields if name.startswith(prefix)
        }  # fmt: skip
        return found | {"cadence": [found[str(priority.value)] for priority in Priority]}


def _initial(name: str, row: PlanAudience) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"{name}_ways": row.ways, f"{name}_speaker": row.speaker, f"{name}_template": str(row.template_id),
        f"{name}_people": [str(person.pk) for person in row.people.all()],
    }  # fmt: skip
    return found | {f"{name}_{priority}": minutes for priority, minutes in row.cadence.items()}


TYPES = dict(EscalationType.choices)
