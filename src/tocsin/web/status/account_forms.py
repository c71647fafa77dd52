"""The forms of account escalations."""

from collections.abc import Sequence
from typing import Any

from django import forms

from tocsin.domain.status.enums import Outcome
from tocsin.domain.tickets.models import Ticket
from tocsin.web.fields import Choices, Form, area, choice
from tocsin.web.oncall.fields import Moment, say_zone


class _Words(Form):
    title = forms.CharField(label="Title", max_length=160, help_text="The customer's people read it in their briefing.")
    concern = area("What the customer holds against us", rows=3, help_text="In their words.")
    plan = area("Plan", rows=4, required=False, help_text="One step a line. It stays among us.")
    target_at = Moment(label="To be put right by")
    update_hours = forms.IntegerField(
        label="Hours between words to the customer", min_value=1, max_value=336, initial=24,
        help_text="When a word is overdue, owner and account manager are told.",
    )  # fmt: skip


class AccountForm(_Words):
    """Take tickets together."""

    to = choice("Owner", [], required=False, empty="me", help_text="Is asked, and owns it once it is accepted.")
    tickets = forms.MultipleChoiceField(label="Tickets", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Choices, tickets: Sequence[Ticket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("to", [("", "me"), *people])
        self.offer("tickets", [(str(one.number), f"{one.reference} {one.subject}") for one in tickets])
        say_zone(self)


class ChangeForm(_Words):
    """Change words, plan, date or cadence."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_zone(self)


class OfferForm(Form):
    """Offer it to somebody."""

    to = choice("To", [])

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("to", people)


class AnswerForm(Form):
    """Accept or decline."""

    verb = choice("Answer", [("accept", "Accept: I own it from now on"), ("decline", "Decline")])
    reason = area("Why not", rows=2, required=False, help_text="Needed to decline.")


class UpdateForm(Form):
    """The next word to the customer's side."""

    body = area("Update", rows=5, help_text="In words for the customer: their stakeholders read it as it is.")


class AddForm(Form):
    """Take another ticket in."""

    ticket = choice("Ticket", [])

    def __init__(self, *args: Any, tickets: Sequence[Ticket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("ticket", [(str(one.number), f"{one.reference} {one.subject}") for one in tickets])


class EndForm(Form):
    """End it."""

    outcome = choice("How it ended", Outcome.choices, help_text="In the customer's eyes.")
    outcome_text = area("What was done, and what the customer said", rows=4)
