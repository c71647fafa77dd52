"""Forms of administrators: people, teams, organisations, services."""

from typing import Any

from django import forms

from tocsin.domain.people.enums import Line, Role
from tocsin.web.fields import Choices, Form, area, choice

ROLE_HELP = "Requesters see the portal only. Stakeholders look and are told; the others work on tickets."


class InviteForm(Form):
    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autofocus": True}))
    name = forms.CharField(label="Name", max_length=120)
    role = choice("Role", Role.choices, initial=Role.REQUESTER, help_text=ROLE_HELP)
    organisation = choice("Organisation", [], required=False, empty="none")
    manager = choice("Manager", [], required=False, empty="none")
    zone = forms.CharField(label="Time zone", max_length=64, initial="UTC", help_text="For example Europe/Prague.")

    def __init__(self, *args: Any, organisations: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("organisation", [("", "none"), *organisations])
        self.offer("manager", [("", "none"), *people])


class PersonForm(InviteForm):
    teams = forms.MultipleChoiceField(label="Teams", required=False, widget=forms.CheckboxSelectMultiple)
    sees_organisation = forms.BooleanField(
        label="Sees all tickets of the organisation", required=False,
        help_text="Also where the organisation does not share its tickets among its people.",
    )  # fmt: skip

    def __init__(self, *args: Any, teams: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("teams", teams)


class LeavingForm(Form):
    """Who takes over what the leaving person holds; letting it go is a choice, not an accident."""

    successor = choice(
        "Who takes the open tickets over", [], required=False, empty="nobody: back to their queues",
        help_text="Tickets are assigned at once; escalations on them go by what their policy says of a new owner.",
    )  # fmt: skip
    confirmed = forms.BooleanField(label="I have seen what is held, and this is what shall become of it")

    def __init__(self, *args: Any, people: Choices, holds: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("successor", [("", "nobody: back to their queues"), *people])
        if not holds:
            del self.fields["successor"]
            del self.fields["confirmed"]

    def uuid(self, name: str) -> Any:
        """Return the successor; None also where there was nothing to hand over."""
        return super().uuid(name) if name in self.cleaned_data else None


class TeamForm(Form):
    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(attrs={"autofocus": True}))
    line = choice("Line", Line.choices)
    lead = choice("Lead", [], required=False, empty="none")
    escalation_manager = choice("Escalation manager", [], required=False, empty="none")
    escalates_to = choice("Escalates to", [], required=False, empty="nobody")
    members = forms.MultipleChoiceField(label="Members", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Choices, teams: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = list(people)
        for name in ("lead", "escalation_manager"):
            self.offer(name, [("", "none"), *staff])
        self.offer("members", staff)
        self.offer("escalates_to", [("", "nobody"), *teams])


class OrganisationForm(Form):
    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(attrs={"autofocus": True}))
    zone = forms.CharField(label="Time zone", max_length=64, initial="UTC", help_text="For example Europe/Prague.")
    external_ref = forms.CharField(label="Your number for them", max_length=120, required=False)
    account_manager = choice("Account manager", [], required=False, empty="none")
    members_see_all = forms.BooleanField(
        label="Its people see all its tickets", required=False,
        help_text="Otherwise everybody sees their own; single people may be let see all.",
    )  # fmt: skip

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("account_manager", [("", "none"), *people])


class ServiceForm(Form):
    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(attrs={"autofocus": True}))
    team = choice("Owned by", [], required=False, empty="no team")
    offered = forms.BooleanField(label="Customers may choose it in the portal", required=False, initial=True)
    categories = area(
        "Categories", rows=6, required=False, help_text="One a line: what a customer may say it is about."
    )

    def __init__(self, *args: Any, teams: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("team", [("", "no team"), *teams])
