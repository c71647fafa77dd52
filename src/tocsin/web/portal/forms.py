"""The forms of the portal, in the customer's words."""

from typing import Any

from django import forms

from tocsin.web.fields import Choices, Form, area, choice

URGENCIES = [
    ("3", "It can wait a little"),
    ("2", "It hinders me"),
    ("1", "I cannot work"),
]
REACHES = [("3", "Only me"), ("2", "Several of us"), ("1", "The whole company, or our customers")]
SCORES = [("5", "Very good"), ("4", "Good"), ("3", "So so"), ("2", "Poor"), ("1", "Very poor")]


class RequestForm(Form):
    """A new request."""

    subject = forms.CharField(
        label="In one line", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True})
    )
    category = choice("What is it about", [], required=False, empty="something else")
    description = area(
        "What happens, and since when", rows=6, help_text="What did you expect, and what did you see instead?"
    )
    impact = choice("Who is affected", REACHES, initial="3")
    urgency = choice("How urgent is it", URGENCIES, initial="2")

    def __init__(self, *args: Any, categories: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(categories)
        if offered:
            self.offer("category", [("", "something else"), *offered])
        else:
            del self.fields["category"]


class ReplyForm(Form):
    body = area("Your message", rows=4)


class AskForm(Form):
    """Why somebody who may decide is to look at it."""

    reason = area(
        "What is wrong",
        rows=5,
        help_text="What it costs you, and what you need by when. The people answerable read this.",
    )


class RateForm(Form):
    score = forms.ChoiceField(label="How was it", choices=SCORES, widget=forms.RadioSelect)
    comment = area("What should we know", rows=3, required=False)


class ReopenForm(Form):
    reason = area("What is still wrong", rows=4)
