"""The forms of problems, proposals and measures."""

import re
from typing import Any

from django import forms

from tocsin.domain.knowledge.enums import Audience
from tocsin.domain.problems.enums import HypothesisState, MeasureKind
from tocsin.web.fields import Choices, Form, area, choice

_REFERENCE = re.compile(r"(?:T-)?(\d{1,15})", re.IGNORECASE)


class Offering(Form):
    """A form whose selects are filled with what there is."""

    def __init__(self, *args: Any, offers: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in offers.items():
            self.offer(name, choices)


class TicketsField(forms.CharField):
    """Numbers of tickets, as people write them: T-12, 14 T-16."""

    def clean(self, value: Any) -> Any:
        """Return the numbers in order. Raises ValidationError naming what is no number."""
        words = re.split(r"[\s,;]+", str(super().clean(value)).strip())
        found = []
        for word in filter(None, words):
            match = _REFERENCE.fullmatch(word)
            if match is None:
                raise forms.ValidationError(f"{word[:40]} is no ticket. Write numbers such as T-101, T-102.")
            found.append(int(match[1]))
        return list(dict.fromkeys(found))


def _tickets(*, required: bool) -> TicketsField:
    return TicketsField(
        label="Tickets", required=required, max_length=4000, help_text="Their numbers, such as T-101, T-102.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class ProblemForm(Offering):
    """Open a problem."""

    title = forms.CharField(label="Title", max_length=200, help_text="What goes wrong, in one line.")
    description = area("What happens", rows=4, required=False, help_text="Markdown works.")
    service = choice("Service", [], required=False, empty="none")
    category = forms.CharField(label="Category", max_length=120, required=False)
    configuration_item = forms.CharField(label="Configuration item", max_length=120, required=False)
    owner = choice("Owner", [], required=False, empty="nobody yet")
    tickets = _tickets(required=False)


class EditForm(Offering):
    """Write on a problem."""

    title = forms.CharField(label="Title", max_length=200)
    description = area("What happens", rows=4, required=False, help_text="Markdown works.")
    cause = area("Cause", rows=3, required=False)
    workaround = area(
        "Workaround", rows=4, required=False, help_text="Written for customers: it is what they are sent."
    )
    service = choice("Service", [], required=False, empty="none")
    category = forms.CharField(label="Category", max_length=120, required=False)
    configuration_item = forms.CharField(label="Configuration item", max_length=120, required=False)
    owner = choice("Owner", [], required=False, empty="nobody yet")
    change = forms.CharField(
        label="Change or release", max_length=120, required=False, help_text="That fixes it, such as CHG-1042 or 6.3."
    )
    change_url = forms.CharField(label="Its address", max_length=500, required=False)
    updated = forms.CharField(required=False, widget=forms.HiddenInput)


class WordForm(Form):
    """Say why."""

    word = area("Why", rows=2)


class LinkForm(Form):
    """Say which tickets a problem caused."""

    tickets = _tickets(required=True)


class WorkaroundForm(Form):
    """The workaround as customers get it."""

    body = area("What they are told", rows=6, help_text="{name} becomes the requester's name. Markdown works.")
    count = forms.IntegerField(required=False, widget=forms.HiddenInput)


class PublishForm(Form):
    """Publish the known error."""

    audience = choice(
        "Who reads it",
        [(Audience.INTERNAL, Audience.INTERNAL.label), (Audience.CUSTOMERS, Audience.CUSTOMERS.label)],
        initial=Audience.INTERNAL,
    )


class MergeForm(Offering):
    """Say that two are the same."""

    into = choice("The same as", [], empty="choose")


class HypothesisForm(Form):
    """Offer an explanation."""

    text = area("It might be that", rows=2, help_text="One explanation that a test can confirm or rule out.")


class JudgeForm(Form):
    """Say what a test showed."""

    state = choice(
        "Result",
        [(str(one.value), str(one.label)) for one in (HypothesisState.CONFIRMED, HypothesisState.REJECTED)],
        empty="choose",
    )
    test = area("How it was tested, and what was seen", rows=3)


class MeasureForm(Offering):
    """Take a measure."""

    title = forms.CharField(label="What is done", max_length=200)
    kind = choice("Kind", MeasureKind.choices, initial=MeasureKind.FIX)
    series = choice(
        "What it should lower", [], empty="choose", help_text="With how many there were in the last 26 weeks."
    )
    starts_on = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}), help_text="The first day on which it can show."
    )
    expected = forms.IntegerField(label="Expected to lower it by, in per cent", min_value=1, max_value=100, initial=50)
    horizon = forms.IntegerField(label="Judged after weeks", min_value=2, max_value=52, initial=8)
    owner = choice("Owner", [], required=False, empty="me")


class AcceptForm(Offering):
    """Open a problem from a proposal."""

    title = forms.CharField(label="Title", max_length=200)
    owner = choice("Owner", [], required=False, empty="me")


class RejectForm(Form):
    """Turn a proposal down."""

    reason = area("Why it is no problem", rows=2)
    factor = forms.FloatField(
        label="Propose it again when it has grown to times", min_value=1.1, max_value=100, initial=1.5,
        help_text="1.5: when there are half as many again as now.",
    )  # fmt: skip


class OnTicketForm(Offering):
    """Put a ticket to a problem, or open one for it."""

    problem = choice("Problem", [], required=False, empty="a new one")
    title = forms.CharField(label="Title of the new one", max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Demand one of the two."""
        given = super().clean() or {}
        if not given.get("problem") and not given.get("title"):
            self.add_error("title", "Choose a problem, or give a new one a title.")
        return given
