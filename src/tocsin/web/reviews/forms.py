"""The forms of closings, reviews and corrective actions."""

import re
from typing import Any

from django import forms

from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.problems.enums import MeasureKind
from tocsin.domain.reviews.enums import ActionKind, AvoidableBy, Bone, Effort
from tocsin.domain.reviews.logic.redaction import PARTS, USUAL
from tocsin.web.fields import Choices, Form, area, choice

_REFERENCE = re.compile(r"(?:T-)?(\d{1,15})", re.IGNORECASE)


class Offering(Form):
    """A form whose selects are filled with what there is."""

    def __init__(self, *args: Any, offers: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in offers.items():
            self.offer(name, choices)


def _moment(label: str, *, required: bool = True, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=required, widget=widget, help_text=help_text)


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text=help_text
    )


class ClosingForm(Offering):
    """Close an escalation in under a minute."""

    done = area("What was done", rows=4)
    category = choice("What it came from", [], empty="choose")
    avoidable_by = choice("What would have made it unnecessary", AvoidableBy.choices, empty="choose")
    decision_missing = forms.CharField(
        label="Decision that was missing",
        max_length=300,
        required=False,
        help_text="What nobody at hand was allowed to decide.",
    )
    article = choice("Article that was used", [], required=False, empty="none")
    article_missing = forms.CharField(
        label="Article that was missing", max_length=300, required=False, help_text="What one would have looked for."
    )


class NewReviewForm(Offering):
    """Start a review by hand."""

    tickets = forms.CharField(
        label="Tickets",
        max_length=1000,
        help_text="Escalated ones, such as T-101, T-102. Several are reviewed together.",
    )
    title = forms.CharField(label="Title", max_length=200, required=False, help_text="Empty: the ticket's subject.")
    facilitator = choice("Facilitator", [], required=False, empty="whoever runs escalations of that team")

    def clean_tickets(self) -> list[int]:
        """Return the numbers. Raises ValidationError naming what is no number."""
        found = []
        for word in filter(None, re.split(r"[\s,;]+", self.cleaned_data["tickets"].strip())):
            match = _REFERENCE.fullmatch(word)
            if match is None:
                raise forms.ValidationError(f"{word[:40]} is no ticket. Write numbers such as T-101, T-102.")
            found.append(int(match[1]))
        return list(dict.fromkeys(found))


class ReviewForm(Offering):
    """What people write on a review."""

    title = forms.CharField(label="Title", max_length=200)
    summary = area(
        "Summary",
        rows=5,
        required=False,
        help_text="What happened and what it meant, in a few sentences. Markdown works.",
    )
    went_well = area("What went well", rows=3, required=False)
    facilitator = choice("Facilitator", [], required=False, empty="nobody yet")
    participants = forms.MultipleChoiceField(
        label="Participants", required=False, widget=forms.SelectMultiple(attrs={"size": 6, "class": "rv-many"})
    )
    meeting_at = _moment("Meeting", required=False)
    agenda = area("Agenda", rows=5, required=False)
    mitigated_at = _moment(
        "Harm stopped", required=False, help_text="When customers could work again, even if the cause was not gone."
    )
    seen = forms.JSONField(required=False, widget=forms.HiddenInput)


class NotesForm(Form):
    """The notes of the meeting, where they cannot be saved as they are typed."""

    notes = area("Notes of the meeting", rows=12, required=False)
    before = forms.CharField(required=False, widget=forms.HiddenInput)


class MomentForm(Form):
    """A moment of the timeline."""

    at = _moment("When")
    words = area("What happened", rows=2)
    internal = forms.BooleanField(label="Internal", required=False, initial=True, help_text="Customers never get it.")


class WordedMomentForm(Form):
    """A moment of the journal: its words may be changed, its time may not."""

    words = area("What happened", rows=2)
    internal = forms.BooleanField(label="Internal", required=False, help_text="Customers never get it.")


class CauseForm(Form):
    """One answer to why."""

    words = area("Because", rows=2)
    bone = choice("Category", Bone.choices, required=False, empty="none")
    contributing = forms.BooleanField(
        label="A contributing cause",
        required=False,
        help_text="Something can be done about it, and it helped this to happen.",
    )
    evidence = area(
        "Where it is seen", rows=2, required=False,
        help_text="One a line: a word on it, then its web address.",
    )  # fmt: skip

    def clean_evidence(self) -> list[tuple[str, str]]:
        """Return [(label, address)]. Raises ValidationError for a line without an address."""
        found = []
        for line in filter(None, (one.strip() for one in self.cleaned_data["evidence"].splitlines())):
            label, _, url = line.rpartition(" ")
            if not url.startswith(("http://", "https://")):
                raise forms.ValidationError(
                    f"“{line[:60]}” ends with no web address. Write: the log https://logs.example/42"
                )
            found.append((label.strip(" :"), url))
        return found


class ActionForm(Offering):
    """A corrective action."""

    title = forms.CharField(label="What is done", max_length=200)
    kind = choice("Kind", ActionKind.choices)
    owner = choice("Owner", [], empty="choose")
    due_on = _day("Due", "Its owner is reminded before, and their lead is told after.")
    effort = choice("Effort", Effort.choices, initial=Effort.MEDIUM)
    cause = choice("Against", [], required=False, empty="no cause in particular")
    tracker_url = forms.CharField(
        label="In another tracker",
        max_length=500,
        required=False,
        help_text="Its web address, if the work is followed there.",
    )


class EvidenceForm(Form):
    evidence = area(
        "What shows that it is done", rows=3, help_text="A link, a figure, a test: what somebody else can look at."
    )


class DropForm(Form):
    why = area("Why it will not be done", rows=3)


class SignForm(Form):
    word = forms.CharField(label="A word with it", max_length=500, required=False)


class ActionMeasureForm(Offering):
    """Make an action a measure of a problem."""

    problem = choice("Problem", [], empty="choose")
    kind = choice("Kind", MeasureKind.choices, initial=MeasureKind.FIX)
    series = choice(
        "What it should lower", [], empty="choose", help_text="With how many there were in the last 26 weeks."
    )
    starts_on = _day("From", "The first day on which it can show.")
    expected = forms.IntegerField(label="Expected to lower it by, in per cent", min_value=1, max_value=100, initial=50)


class ShareForm(Form):
    """What a customer gets."""

    parts = forms.MultipleChoiceField(
        label="Parts", choices=list(PARTS.items()), initial=list(USUAL), widget=forms.CheckboxSelectMultiple
    )


class RuleForm(Form):
    """When a review starts by itself."""

    name = forms.CharField(label="Name", max_length=120)
    types = forms.MultipleChoiceField(
        label="Types",
        choices=EscalationType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: any.",
    )
    least_severity = choice(
        "Severity", [("1", "Sev1 only"), ("2", "Sev1 and Sev2"), ("3", "Sev1 to Sev3"), ("4", "any")], initial=4
    )
    share = forms.IntegerField(label="Share of them, in per cent", min_value=0, max_value=100, initial=100)
    rating_at_most = forms.IntegerField(
        label="Only when rated at most", min_value=1, max_value=5, required=False,
        help_text="Then it starts when the customer gives no more than this, not when the escalation ends.",
    )  # fmt: skip
    enabled = forms.BooleanField(label="In force", required=False, initial=True)


class CategoryForm(Offering):
    name = forms.CharField(label="Name", max_length=80)
    parent = choice("Under", [], required=False, empty="at the top")


class NameForm(Form):
    name = forms.CharField(label="Name", max_length=80)


class SettingForm(Offering):
    """How overdue actions climb."""

    remind_days = forms.IntegerField(label="Remind the owner, days before", min_value=1, max_value=90)
    lead_days = forms.IntegerField(label="Tell the lead, days after", min_value=1, max_value=90)
    manager_days = forms.IntegerField(label="Tell the escalation manager, days after", min_value=1, max_value=90)
    policy = choice(
        "Then escalate by", [], required=False, empty="nothing: notices only",
        help_text="A ticket is opened for the action and climbs this policy.",
    )  # fmt: skip
    link_days = forms.IntegerField(label="Links for customers work for days", min_value=1, max_value=365)
