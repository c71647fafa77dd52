"""The forms of swarms and commands. What is offered is passed in by the views."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from tocsin.domain.swarms.enums import Role
from tocsin.web.fields import Choices, Form, area, choice

ANSWER_WITHIN = [("10", "10 minutes"), ("30", "30 minutes"), ("60", "1 hour"), ("240", "4 hours"), ("1440", "24 hours")]
URGENCIES = [("high", "Urgent: also in quiet hours"), ("normal", "Not urgent: quiet hours hold")]
WITHIN = [
    ("10", "in 10 minutes"),
    ("15", "in 15 minutes"),
    ("30", "in 30 minutes"),
    ("60", "in 1 hour"),
    ("120", "in 2 hours"),
]


class GuestsForm(Form):
    """Whom to ask."""

    teams = forms.MultipleChoiceField(
        label="Teams", required=False, widget=forms.CheckboxSelectMultiple, help_text="Up to five; whoever is on call."
    )
    skill = choice("Everybody who knows", [], required=False, empty="no skill")
    people = forms.MultipleChoiceField(label="People", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, teams: Choices, skills: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("teams", teams)
        self.offer("skill", [("", "no skill"), *skills])
        self.offer("people", people)


class SwarmForm(GuestsForm):
    """A question, and whom to ask it."""

    question = forms.CharField(
        label="Question", max_length=500, help_text="What an expert can answer, in one line.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )  # fmt: skip
    context = area("What they must know", rows=5, required=False)
    urgency = choice("How urgent", URGENCIES, initial="high")
    answer_within = choice("Answer within", ANSWER_WITHIN, initial="30")

    field_order = ("question", "teams", "skill", "people", "urgency", "answer_within", "context")

    def within(self) -> timedelta:
        """Return the time they have to answer."""
        return timedelta(minutes=int(self.value("answer_within")))


class MoreForm(GuestsForm):
    """More people for a swarm that is open."""

    answer_within = choice("Answer within", ANSWER_WITHIN, initial="30")

    def within(self) -> timedelta:
        """Return the time they have to answer."""
        return timedelta(minutes=int(self.value("answer_within")))


class DeclineForm(Form):
    reason = forms.CharField(
        label="Why not?", max_length=300, widget=forms.TextInput(attrs={"list": "swarm-reasons", "autofocus": True})
    )


class SwarmAnswerForm(Form):
    body = area("Your answer", rows=6, help_text="A note on the ticket, credited to you.", attrs={"autofocus": True})


class EndSwarmForm(Form):
    """What came of it, and whose answer it was."""

    outcome = area("What came of it", rows=3, attrs={"autofocus": True})
    helped = forms.MultipleChoiceField(
        label="Which answers helped", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, answers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(answers)
        if offered:
            self.offer("helped", offered)
        else:
            del self.fields["helped"]


class TimeForm(Form):
    """A time to come: so many minutes from now, or at a time of the viewer's own zone, or none."""

    within = choice("When", WITHIN, required=False, empty="at the time below, or none")
    at = forms.DateTimeField(
        label="Or at", required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def when(self, now: datetime) -> datetime | None:
        """Return the chosen instant; None for none."""
        if minutes := self.value("within"):
            return now + timedelta(minutes=int(minutes))
        at: datetime | None = self.cleaned_data["at"]
        return at


class TaskForm(TimeForm):
    title = forms.CharField(
        label="What is to be done", max_length=200, widget=forms.TextInput(attrs={"autofocus": True})
    )
    owner = choice("By whom", [], required=False, empty="nobody yet")

    field_order = ("title", "owner", "within", "at")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("owner", [("", "nobody yet"), *people])


class RoleForm(Form):
    role = choice("Role", [(role.value, str(role.label)) for role in Role])
    person = choice("Who", [])

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", people)


class KnownForm(Form):
    known = forms.CharField(
        label="What is known now", max_length=500, required=False, widget=forms.TextInput(attrs={"autofocus": True}),
        help_text="One sentence: what whoever joins reads first.",
    )  # fmt: skip


class MeetingForm(Form):
    call_url = forms.CharField(
        label="Call", required=False, max_length=600, help_text="An address that begins with https://."
    )
    chat_url = forms.CharField(label="Chat", required=False, max_length=600)


class NoteForm(Form):
    """A fact or a decision with the time at which it happened."""

    kind = choice("Kind", [("fact", "Fact"), ("decision", "Decision")])
    text = area("What", rows=3, attrs={"autofocus": True})
    at = forms.DateTimeField(
        label="When", required=False, help_text="If it was earlier than now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
