"""The forms of articles."""

from typing import Any

from django import forms

from tocsin.domain.knowledge.enums import Audience, Kind
from tocsin.web.fields import Choices, Form, area, choice

LANGUAGES = [("en", "English"), ("de", "German")]


class ArticleForm(Form):
    """Write or change an article."""

    title = forms.CharField(label="Title", max_length=200, help_text="As the person who has the trouble would say it.")
    kind = choice("Kind", Kind.choices, initial=Kind.ARTICLE)
    body = area("Text", rows=12, required=False, help_text="Markdown works.")
    steps = area(
        "Steps of a runbook",
        rows=5,
        required=False,
        help_text="One a line. Whoever follows it ticks them off on the ticket.",
    )
    service = choice("Service", [], required=False, empty="any")
    category = choice("Category", [], required=False, empty="none")
    audience = choice("Who reads it", Audience.choices, initial=Audience.INTERNAL)
    organisation = choice("Customer", [], required=False, empty="none", help_text="For an article of one customer.")
    language = choice("Language", LANGUAGES, initial="en")
    owner = choice("Owner", [], required=False, empty="me", help_text="Is asked to verify it when its time is over.")
    verify_days = forms.IntegerField(
        label="A verification holds for days", min_value=7, max_value=1095, initial=180, required=False
    )
    word = forms.CharField(label="What you changed", max_length=200, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offers: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in offers.items():
            self.offer(name, [("", {"owner": "me", "service": "any"}.get(name, "none")), *choices])


class OpinionForm(Form):
    """Was it helpful."""

    helpful = choice("Was this helpful", [("yes", "Yes"), ("no", "No")])
    comment = area("What is missing, or wrong", rows=2, required=False)


class CategoryForm(Form):
    """A shelf."""

    name = forms.CharField(label="Name", max_length=80)
