"""The forms of the desk. Choices are passed in by the views; what is allowed is decided by the actions."""

from collections.abc import Sequence
from typing import Any

from django import forms

from tocsin.domain.desk.actions.macros import STATUSES
from tocsin.domain.escalation.enums import Direction, EscalationType, Reason
from tocsin.domain.people.models import Team
from tocsin.domain.tickets.enums import Level3, LinkKind, Status
from tocsin.web.fields import Choices, Form, area, choice

_LEVELS = [(str(value), label) for value, label in Level3.choices]
CHANNELS = [("phone", "Phone"), ("web", "Web"), ("email", "E-mail"), ("walk-in", "In person")]
SHORT = 300


class NewTicketForm(Form):
    """Log a call."""

    requester = forms.EmailField(
        label="Who calls", help_text="Their e-mail address; begin to type a name.",
        widget=forms.EmailInput(attrs={"list": "requesters", "autofocus": True, "autocomplete": "off"}),
    )  # fmt: skip
    subject = forms.CharField(label="In one line", max_length=SHORT)
    description = area("What happens, since when, what was tried", rows=5, required=False)
    impact = choice("Impact", _LEVELS, initial="2", help_text="How much of the business stands still.")
    urgency = choice("Urgency", _LEVELS, initial="2", help_text="How soon it hurts.")
    service = choice("Service", [], required=False, empty="not known yet")
    team = choice("Team", [], required=False, empty="the service's team")
    category = forms.CharField(label="Category", max_length=120, required=False)
    configuration_item = forms.CharField(
        label="Item", max_length=120, required=False, help_text="Host, asset or serial number."
    )
    channel = choice("Came by", CHANNELS, initial="phone")
    opened_at = forms.DateTimeField(
        label="Began", required=False, help_text="If earlier than now; clocks start there.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    take = forms.BooleanField(label="I work on it", required=False)

    def __init__(self, *args: Any, services: Choices, teams: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("service", [("", "not known yet"), *services])
        self.offer("team", [("", "the service's team"), *teams])


class MessageForm(Form):
    """A reply or a note, and what the ticket becomes with it."""

    kind = forms.ChoiceField(choices=[("reply", "Reply"), ("note", "Note")])
    body = forms.CharField(max_length=200_000, error_messages={"required": "Write something first."})
    status = forms.CharField(required=False, max_length=20)
    seen = forms.CharField(required=False, max_length=40)
    anyway = forms.BooleanField(required=False)


class StatusForm(Form):
    status = choice("Status", [])
    note = area("Why", required=False, help_text="Stands in the timeline with the change.")

    def __init__(self, *args: Any, statuses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("status", list(statuses))


class DetailsForm(Form):
    subject = forms.CharField(label="In one line", max_length=SHORT)
    impact = choice("Impact", _LEVELS)
    urgency = choice(
        "Urgency", _LEVELS, help_text="The priority follows from impact and urgency; clocks follow from the priority."
    )
    service = choice("Service", [], required=False, empty="none")
    category = forms.CharField(label="Category", max_length=120, required=False)
    configuration_item = forms.CharField(label="Item", max_length=120, required=False)

    def __init__(self, *args: Any, services: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("service", [("", "none"), *services])


class HolderForm(Form):
    """Whom a ticket goes to: a person, a team, or a person in a team."""

    to_user = choice("Person", [], required=False, empty="anybody in the team")
    to_team = choice("Team", [], required=False, empty="as it is")

    def __init__(self, *args: Any, people: Choices, teams: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("to_user", [("", "anybody in the team"), *people])
        self.offer("to_team", [("", "as it is"), *teams])


class HandOverForm(HolderForm):
    brief = area(
        "Brief", rows=10,
        help_text="What happened, what was tried, what is known, what is wanted, what was promised. The customer must not tell it again.",
    )  # fmt: skip


class AnswerForm(Form):
    """A word with an answer."""

    answer = area("Why", required=False)


class LinkForm(Form):
    to = forms.CharField(label="Ticket", max_length=20, widget=forms.TextInput(attrs={"placeholder": "T-1042"}))
    kind = choice("This ticket is", [(k.value, k.label) for k in LinkKind])


class EscalateForm(Form):
    """Three interactions at most: everything is prefilled, the brief comes from the ticket."""

    policy = choice("Ladder", [])
    reason = choice("Reason", Reason.choices, initial=Reason.COMPLEXITY)
    type = choice("Type", EscalationType.choices)
    direction = choice(
        "Direction",
        Direction.choices,
        help_text="Functional: to those who know more. Hierarchical: to those who may decide more.",
    )
    happened = area("What happened", required=False)
    tried = area("What was tried", required=False)
    known = area("What is known", rows=2, required=False)
    impact = area("Impact", rows=2, required=False)
    wanted = area("What is wanted", rows=2, required=False)
    reason_text = forms.CharField(label="In your own words", max_length=500, required=False)
    decision = choice("For a decision?", [], required=False, help_text="Which one you cannot, or do not want to, take.")
    amount = forms.DecimalField(
        label="How much", max_digits=14, required=False,
        widget=forms.NumberInput(attrs={"step": "any", "min": "0", "inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, policies: Choices, decisions: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("policy", list(policies))
        self.offer("decision", [("", "no"), *decisions])


class CompleteForm(Form):
    tried = area("What was tried", required=False)
    impact = area("Impact", rows=2, required=False)
    wanted = area("What is wanted", rows=2, required=False)


class EndForm(Form):
    how = choice("It", [("resolve", "is done: the need was met"), ("cancel", "is called off: it was not needed")])
    outcome = area("What was done, or why it is called off")


class GiveBackForm(Form):
    acceptor = choice("Who takes it back", [])
    reason = area("Why it can go back")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("acceptor", list(people))


class ReasonForm(Form):
    reason = area("Why")


class MacroForm(Form):
    """A text to be used again."""

    name = forms.CharField(label="Name", max_length=120)
    kind = choice("It is a", [("reply", "reply to the customer"), ("note", "note")])
    body = area(
        "Text", rows=8, help_text="Variables: {{ requester_first }}, {{ reference }}, {{ next_update|today }} ..."
    )
    status = choice("The ticket becomes", [], required=False, empty="what it is")
    scope = choice("Who can use it", [("mine", "only I")])

    def __init__(self, *args: Any, teams: Sequence[Team], may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("status", [("", "what it is"), *((s.value, s.label) for s in Status if s.value in STATUSES)])
        shared = [("everybody", "everybody"), *((str(team.pk), f"team {team.name}") for team in teams)]
        self.offer("scope", [("mine", "only I"), *(shared if may_share else [])])
