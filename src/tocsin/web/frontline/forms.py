"""The forms of the front line."""

from typing import Any

from django import forms

from tocsin.web.fields import Choices, Form, area, choice

HOURS = [("1", "1 hour"), ("2", "2 hours"), ("4", "4 hours"), ("12", "12 hours")]


class OfferForm(Form):
    """Offer all that is ticked to the next one."""

    to_user = choice("To", [])
    hours = choice("The offer stands for", HOURS, initial="2")
    note = area("A word on the shift", rows=3, required=False, help_text="What the next one should know of the whole.")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("to_user", list(people))


class AnswerForm(Form):
    """Take all of it, or what is ticked."""

    word = forms.CharField(label="A word to the giver", max_length=500, required=False)
