"""Forms of tests and drills."""

from typing import Any

from django import forms

from tocsin.domain.escalation.enums import Cadence
from tocsin.web.fields import Choices, Form, choice

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_TIME = {"type": "time"}


class FireForm(Form):
    """One test: a person, or a policy with what stands for a ticket's team and service."""

    person = choice("Test a person", [], required=False, empty="myself")
    policy = choice("or a policy, or one level of it", [], required=False, empty="no, the person")
    team = choice("As if a ticket were with", [], required=False, empty="no team")
    service = choice("As if a ticket were about", [], required=False, empty="no service")
    in_quiet_hours = forms.BooleanField(label="It may disturb quiet hours", required=False)

    def __init__(
        self,
        *args: Any,
        leads: bool,
        people: Choices,
        policies: Choices,
        teams: Choices,
        services: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offers: dict[str, tuple[str, Choices]] = {
            "person": ("myself", people), "policy": ("no, the person", policies), "team": ("no team", teams),
            "service": ("no service", services),
        }  # fmt: skip
        for name, (empty, lines) in offers.items():
            # Who leads nobody may test themselves.
            self.offer(name, [("", empty), *(lines if leads else [])])
        if not leads:
            for name in ("person", "policy", "team", "service", "in_quiet_hours"):
                self.fields[name].widget = forms.HiddenInput()


class PlanForm(Form):
    """A drill that comes again."""

    name = forms.CharField(label="Name", max_length=120)
    team = choice("Team", [])
    schedule = choice("Schedule", [], required=False, empty="all of the team's; without one, everybody in the team")
    cadence = choice("How often", Cadence.choices)
    weekday = choice("On", list(enumerate(WEEKDAYS)), help_text="Every month: on the first one.")  # type: ignore[arg-type]  # numbers become text
    starts = forms.TimeField(label="Not before", widget=forms.TimeInput(attrs=_TIME, format="%H:%M"), initial="09:30")
    ends = forms.TimeField(label="Not after", widget=forms.TimeInput(attrs=_TIME, format="%H:%M"), initial="16:00")
    zone = forms.CharField(label="Time zone", max_length=64)
    minutes = forms.IntegerField(label="Minutes to answer", min_value=1, max_value=60, initial=15)
    announced = forms.BooleanField(label="Announce it a day ahead", required=False, initial=True)
    in_quiet_hours = forms.BooleanField(
        label="It may disturb quiet hours", required=False, help_text="Otherwise whoever has them is left out."
    )

    def __init__(self, *args: Any, teams: Choices, schedules: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("team", [("", "choose a team"), *teams])
        self.offer("schedule", [("", "all of the team's; without one, everybody in the team"), *schedules])

    def terms(self) -> dict[str, Any]:
        """Return what plan_drill takes, but for the team."""
        said = self.cleaned_data
        names = ("name", "schedule", "cadence", "starts", "ends", "zone", "announced", "in_quiet_hours")
        return {
            **{name: said[name] for name in names}, "weekday": int(said["weekday"]), "answer_within": 60 * said["minutes"],
        }  # fmt: skip
