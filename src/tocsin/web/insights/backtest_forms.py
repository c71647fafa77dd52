"""The forms of back-tests, of the threshold advisor and of shadows."""

from typing import Any

from django import forms

from tocsin.domain.insights.models.backtest import Answers, Whose
from tocsin.web.fields import Choices, Form, area, choice

_CODE = {"class": "code", "spellcheck": "false", "autocapitalize": "off", "wrap": "off"}
DRAFT = "draft"


class _Period(Form):
    """Over which tickets, and who is taken to answer."""

    days = forms.IntegerField(
        label="Tickets opened in the last days", min_value=1, max_value=3650, initial=90,
        help_text="90 days show most of what a rota goes through.",
    )  # fmt: skip
    whose = choice("Which tickets", Whose.choices, initial=Whose.OWN)
    answers = choice(
        "Who answers", Answers.choices, initial=Answers.WORK,
        help_text="Nobody can know who would have answered another page. Choose what is assumed; it holds for both.",
    )  # fmt: skip


class CompareForm(_Period):
    """Compare two versions, or a draft with a version."""

    before = choice("Compare", [])
    after = choice("With", [])
    text = area("The draft, as YAML", rows=20, required=False, attrs=_CODE)
    field_order = ("before", "after", "text", "days", "whose", "answers")

    def __init__(self, *args: Any, versions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(versions)
        self.offer("before", known)
        self.offer("after", [(DRAFT, "the draft below"), *known])


class SweepForm(_Period):
    """Try the values of one threshold."""

    trigger = choice("Threshold of", [])
    field_order = ("trigger", "days", "whose", "answers")

    def __init__(self, *args: Any, triggers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("trigger", triggers)


class ShadowForm(Form):
    """The draft that runs in the shadow."""

    text = area("The draft, as YAML", rows=24, attrs=_CODE)
