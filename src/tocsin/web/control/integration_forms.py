"""The form of an integration: who sends, where its tickets go, what makes two alerts the same."""

from typing import Any

from django import forms

from tocsin.intake.alerts.enums import Kind, OnResolved, Signing
from tocsin.intake.alerts.models import UNKNOWN, Integration, usual_priorities
from tocsin.intake.alerts.setting_up import LIMITS, SEVERITIES
from tocsin.kernel.errors import TocsinError
from tocsin.web.fields import Choices, Form, area, choice

_PRIORITIES = [("1", "Sev1"), ("2", "Sev2"), ("3", "Sev3"), ("4", "Sev4"), ("0", "no ticket")]
_LABELS = {
    "critical": "Critical alerts open", "high": "High alerts open", "moderate": "Moderate alerts open",
    "low": "Low alerts open", UNKNOWN: "Where the sender does not say",
}  # fmt: skip
_PREFIX = "severity_"


class IntegrationForm(Form):
    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(attrs={"autofocus": True}))
    kind = choice("Who sends", Kind.choices)
    service = choice("Service", [], required=False, empty="none")
    team = choice("Team", [], required=False, empty="the service's team")
    organisation = choice("Customer", [], required=False, empty="none: a ticket of the house")
    on_resolved = choice("When the last alert of a ticket has ended", OnResolved.choices)
    reopen_minutes = forms.IntegerField(
        label="Reopen the ticket if it fires again within (minutes)", min_value=0, max_value=LIMITS["reopen_minutes"],
        help_text="Later a new ticket is opened.",
    )  # fmt: skip
    key_template = forms.CharField(
        label="What makes two alerts the same", max_length=200,
        help_text="{key} is the sender's own. Others: {title}, {severity}, {facts.host} and the like.",
    )  # fmt: skip
    storm_tickets = forms.IntegerField(
        label="Storm: tickets after which the rest goes to one", min_value=0, max_value=LIMITS["storm_tickets"],
        help_text="0: every alert has a ticket of its own.",
    )  # fmt: skip
    storm_minutes = forms.IntegerField(label="Storm: within (minutes)", min_value=1, max_value=LIMITS["storm_minutes"])
    per_minute = forms.IntegerField(
        label="Most events in a minute", min_value=0, max_value=LIMITS["per_minute"],
        help_text="What is above is refused with 429, for the sender to send again. 0: no limit.",
    )  # fmt: skip
    signing = choice("What proves an event", Signing.choices)
    secret = forms.CharField(
        label="Signing secret", required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Encrypted, and never shown again. Empty keeps the one that is set.",
    )  # fmt: skip
    mapping = area(
        "Where things stand in the JSON", required=False, rows=3,
        help_text="Of any program, one a line: title = alert.name. Also key, text, state, severity, at, id and link.",
        attrs={"spellcheck": "false", "class": "code"},
    )  # fmt: skip

    def __init__(self, *args: Any, services: Choices, teams: Choices, customers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("service", [("", "none"), *services])
        self.offer("team", [("", "the service's team"), *teams])
        self.offer("organisation", [("", "none: a ticket of the house"), *customers])
        for severity in SEVERITIES:
            self.fields[_PREFIX + severity] = choice(_LABELS[severity], _PRIORITIES)
            self.fields[_PREFIX + severity].widget.attrs["class"] = "select"
        first = ["name", "kind", "service", "team", "organisation", *(_PREFIX + one for one in SEVERITIES)]
        self.order_fields(first)

    def priorities(self) -> dict[str, int]:
        return {severity: int(self.value(_PREFIX + severity)) for severity in SEVERITIES}

    def paths(self) -> dict[str, str]:
        """Return the mapping; what is no line of it is refused by the action."""
        lines = [line for line in self.value("mapping").splitlines() if line.strip()]
        return {name.strip(): path.strip() for name, _, path in (line.partition("=") for line in lines)}

    def refuse(self, error: TocsinError) -> None:
        """Show what is wrong with priorities at the first of them."""
        if "priorities" in error.fields:
            error.fields[_PREFIX + SEVERITIES[0]] = error.fields.pop("priorities")
        super().refuse(error)


def initial(present: Integration | None) -> dict[str, object]:
    """Return what the form begins with."""
    row = present or Integration()
    priorities = usual_priorities() | dict(row.priorities)
    return {
        "name": row.name, "kind": row.kind or Kind.GENERIC, "service": row.service_id or "", "team": row.team_id or "",
        "organisation": row.organisation_id or "", "on_resolved": row.on_resolved, "key_template": row.key_template,
        "signing": row.signing, "mapping": "\n".join(f"{name} = {path}" for name, path in row.mapping.items()),
        **{name: getattr(row, name) for name in LIMITS},
        **{_PREFIX + severity: str(priorities[severity]) for severity in SEVERITIES},
    }  # fmt: skip
