"""The forms of training."""

from typing import Any

from django import forms

from tocsin.domain.people.enums import Line
from tocsin.web.fields import Choices, Form, area, choice

QUESTIONS = (
    "? What does a red light mean\n* The gateway is down\n- It is being restarted\n> Green blinks while it restarts."
)
HELP = (
    'A question begins with "?", a right choice with "*", a wrong one with "-", the explanation with ">". '
    "Several right choices: all are wanted."
)


class CourseForm(Form):
    """Write a course, or its next version."""

    title = forms.CharField(label="Title", max_length=160, help_text="What one can do afterwards.")
    about = area("What it is for", rows=3, required=False, help_text="Markdown works.")
    articles = forms.MultipleChoiceField(
        label="Articles to read", required=False, widget=forms.CheckboxSelectMultiple, help_text="In the order of their numbers."
    )  # fmt: skip
    questions = area(
        "Questions", rows=12, required=False, help_text=HELP, attrs={"placeholder": QUESTIONS, "class": "code", "spellcheck": "true"}
    )  # fmt: skip
    pass_mark = forms.IntegerField(label="Passed with per cent", min_value=1, max_value=100, initial=80)
    valid_months = forms.IntegerField(
        label="Counts for months", min_value=0, max_value=120, initial=12, help_text="0: for good."
    )
    skills = forms.CharField(
        label="Skills it grants",
        max_length=500,
        required=False,
        help_text="Separated by commas; policies can page them.",
    )
    needs_sign_off = forms.BooleanField(label="A lead signs it off before it counts", required=False)
    owner = choice("Owner", [], required=False, empty="me")
    word = forms.CharField(label="What you changed", max_length=200, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, articles: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("articles", articles)
        self.offer("owner", [("", "me"), *people])


class RequirementForm(Form):
    """What a line must know."""

    line = choice("Line", [(line.value, line.label) for line in Line])
    service = choice("Service", [], required=False, empty="all its work")
    course = choice("Course", [])
    within_days = forms.IntegerField(
        label="Within days",
        min_value=1,
        max_value=365,
        initial=30,
        help_text="From today, or from when somebody joins.",
    )

    def __init__(self, *args: Any, services: Choices, courses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("service", [("", "all its work"), *services])
        self.offer("course", courses)


class SignForm(Form):
    """A lead's yes or no."""

    word = forms.CharField(label="A word", max_length=300, required=False, help_text="Needed where it is no yet.")


class VouchForm(Form):
    """A lead says what somebody knows."""

    person = choice("Who", [])
    skill = forms.CharField(label="Knows", max_length=80, widget=forms.TextInput(attrs={"list": "skill-names"}))
    word = forms.CharField(label="How you know", max_length=200, required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", people)


class AskForm(Form):
    """Ask people to take a course."""

    course = choice("Course", [])
    people = forms.MultipleChoiceField(label="Who", widget=forms.CheckboxSelectMultiple)
    word = area("A word", rows=2, required=False)

    def __init__(self, *args: Any, people: Choices, courses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("people", people)
        self.offer("course", courses)
