"""The forms of the first steps: few fields, each with a value that is usual."""

from typing import Any

from django import forms

from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.sla.enums import TargetKind
from tocsin.web.fields import Form, area, choice
from tocsin.web.languages.catalogue import LANGUAGES

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
HOUR = 3600
# Business hours of each severity: usual ones, to begin with.
USUAL = {TargetKind.FIRST_RESPONSE: (0.5, 1, 4, 8), TargetKind.RESOLUTION: (4, 8, 24, 72)}
MOST_INVITED = 20


class FirstForm(Form):
    """The first administrator."""

    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(label="E-mail", max_length=254)
    password = forms.CharField(
        label="Password", max_length=1_000, strip=False, help_text="Twelve characters or more; a sentence is best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class OrganisationForm(Form):
    """Our own company, and where its administrator is."""

    name = forms.CharField(label="What your organisation is called", max_length=120)
    zone = forms.CharField(label="Time zone", max_length=64, help_text="For example Europe/Prague.")
    language = choice("Your language", LANGUAGES.items(), required=False, empty="as my browser asks")


class MailForm(Form):
    """The mail server by which pages and replies leave."""

    host = forms.CharField(label="Mail server", max_length=255, help_text="Such as smtp.example.org.")
    port = forms.IntegerField(
        label="Port", required=False, min_value=1, max_value=65535,
        help_text="Empty: 587 with STARTTLS, 465 with TLS, else 25.",
    )  # fmt: skip
    tls = choice("Encryption", [("starttls", "STARTTLS"), ("tls", "TLS"), ("none", "none")])
    user = forms.CharField(label="User name", max_length=255, required=False)
    password = forms.CharField(
        label="Password", max_length=1_000, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    sender = forms.CharField(
        label="Sender", max_length=254, help_text="As people see it, such as Tocsin <tocsin@example.org>."
    )

    def values(self) -> dict[str, str]:
        """Return them as a provider keeps them."""
        return {name: str(self.cleaned_data[name] or "") for name in self.fields}


class TeamForm(Form):
    """The first team and who works in it."""

    name = forms.CharField(label="What the team is called", max_length=120, initial="Service desk")
    members = area(
        "Who works in it besides you", required=False, rows=4,
        help_text="One a line: a name and an e-mail address. Each gets an invitation, good for seven days.",
    )  # fmt: skip

    def invited(self) -> list[tuple[str, str]]:
        """Return (name, address) of each line; a line without a name is called by its address."""
        found = []
        for line in self.value("members").splitlines():
            words = line.replace("<", " ").replace(">", " ").replace(",", " ").split()
            address = next((word for word in words if "@" in word), "")
            name = " ".join(word for word in words if word != address)
            if words:
                found.append((name or address.partition("@")[0], address))
        return found

    def clean_members(self) -> str:
        """Refuse lines without an address, by their number."""
        text = str(self.cleaned_data["members"])
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and "@" not in line:
                raise forms.ValidationError(f"Line {number} names no e-mail address.")
        if sum(1 for line in text.splitlines() if line.strip()) > MOST_INVITED:
            raise forms.ValidationError(f"At most {MOST_INVITED} at once; invite the others under People and teams.")
        return text


class CalendarForm(Form):
    """When the desk works, and the promises that are measured by it."""

    name = forms.CharField(label="What the hours are called", max_length=120, initial="Office hours")
    zone = forms.CharField(label="Time zone", max_length=64, help_text="For example Europe/Prague.")
    opens = forms.TimeField(
        label="From", initial="08:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    closes = forms.TimeField(
        label="Until", initial="17:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    days = forms.MultipleChoiceField(
        label="On", choices=list(DAYS.items()), initial=list(WEEK[:5]), widget=forms.CheckboxSelectMultiple
    )
    country = forms.CharField(
        label="Country of the public holidays", max_length=2, required=False,
        help_text="Two letters, such as DE; empty: no holidays.",
    )  # fmt: skip
    promises = forms.BooleanField(
        label="Promise the usual by it", required=False, initial=True,
        help_text="First response in 30 m, 1 h, 4 h, 8 h and a solution in 4 h, 8 h, 24 h, 72 h of business time, by "
        "severity. You can change that later.",
    )  # fmt: skip

    def clean(self) -> None:
        """Refuse a day that ends before it begins."""
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if opens and closes and opens >= closes:
            self.add_error("closes", "It must close after it opens.")

    def weekly(self) -> dict[str, list[list[str]]]:
        """Return the week as a calendar keeps it."""
        hours = [[f"{self.cleaned_data['opens']:%H:%M}", f"{self.cleaned_data['closes']:%H:%M}"]]
        return {day: hours for day in WEEK if day in self.cleaned_data["days"]}


class PolicyForm(Form):
    """One of the examples."""

    example = forms.ChoiceField(label="Which to begin with", widget=forms.RadioSelect)

    def __init__(self, *args: Any, examples: dict[str, Policy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("example", [(name, one.name) for name, one in examples.items()])
