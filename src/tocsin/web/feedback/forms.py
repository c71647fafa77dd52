"""The forms of feedback."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.feedback.logic.questions import LONGEST, LONGEST_ANSWER, MOST, SCALE, TEXT, Question
from tocsin.domain.feedback.models import Setting
from tocsin.web.fields import Choices, Form, area, choice, dress

SCORES = [
    ("1", "Very dissatisfied"), ("2", "Dissatisfied"), ("3", "Neither satisfied nor dissatisfied"), ("4", "Satisfied"),
    ("5", "Very satisfied"),
]  # fmt: skip
DEGREES = [("1", "Not at all"), ("2", "Rather not"), ("3", "Partly"), ("4", "Mostly"), ("5", "Fully")]
PRIORITIES = [("1", "Only Sev1"), ("2", "Down to Sev2"), ("3", "Down to Sev3"), ("4", "Every severity")]


class RatingForm(Form):
    """How a resolution was."""

    score = forms.ChoiceField(label="How satisfied are you with it?", choices=SCORES, widget=forms.RadioSelect)
    comment = area("What should we know?", rows=4, required=False)


class PartyForm(Form):
    """The questions of one party; their keys are the names of the fields."""

    def __init__(self, *args: Any, questions: Sequence[Question], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in questions:
            said = one.said(language)
            if one.kind == SCALE:
                self.fields[one.key] = forms.ChoiceField(label=said, choices=list(DEGREES), widget=forms.RadioSelect)
            else:
                self.fields[one.key] = forms.CharField(
                    label=said, required=False, max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 4})
                )
        dress(self)

    def given(self) -> Mapping[str, str]:
        """Return what was answered by key."""
        return {name: self.value(name) for name in self.fields}


class SettingForm(Form):
    """When and whom we ask."""

    asks_ratings = forms.BooleanField(label="Ask customers by mail to rate a resolution", required=False)
    delay_minutes = forms.IntegerField(
        label="Minutes from the end to the question", help_text="Not asked at all if it is opened again before."
    )
    share = forms.IntegerField(label="Percent of resolutions that are asked about")
    quiet_days = forms.IntegerField(label="Days for which nobody is asked twice", help_text="0: no such pause.")
    remind_hours = forms.IntegerField(label="Hours until the one reminder", help_text="0: no reminder.")
    expire_days = forms.IntegerField(label="Days for which a link works")
    low_score = forms.IntegerField(label="A rating at or below this opens a recovery", help_text="Of 5.")
    callback_minutes = forms.IntegerField(
        label="Minutes until the customer is called", help_text="Of the business hours promised to the customer."
    )
    asks_parties = forms.BooleanField(
        label="Ask all parties after an escalation",
        required=False,
        help_text="Customer, front line, expert and manager, each with a short form of their own.",
    )
    least_severity = choice("Ask about escalations", PRIORITIES)
    share_technical = forms.IntegerField(label="Percent of technical escalations")
    share_customer = forms.IntegerField(label="Percent of customer escalations")
    share_internal = forms.IntegerField(label="Percent of internal escalations")

    @staticmethod
    def of(setting: Setting) -> dict[str, Any]:
        """Return what is set now, as the form holds it."""
        found = {
            name: getattr(setting, name, None) for name in SettingForm.base_fields if not name.startswith("share_")
        }
        return found | {f"share_{kind}": setting.party_shares.get(kind, 100) for kind in EscalationType.values}

    def values(self) -> dict[str, Any]:
        """Return what is to be set."""
        found = {name: self.cleaned_data[name] for name in self.fields if not name.startswith("share_")}
        found["least_severity"] = int(found["least_severity"])
        shares = {kind: self.cleaned_data[f"share_{kind}"] for kind in EscalationType.values}
        return {**found, "party_shares": shares}


class QuestionsForm(Form):
    """The form of one party: up to six questions, in English and German."""

    def __init__(self, *args: Any, questions: Sequence[Question] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(1, MOST + 1):
            known = questions[place - 1] if place <= len(questions) else None
            self._line(place, known)
        dress(self)

    def _line(self, place: int, known: Question | None) -> None:
        self.fields[f"en_{place}"] = forms.CharField(
            label=f"Question {place} in English", max_length=LONGEST, required=False, initial=known.en if known else "",
        )  # fmt: skip
        self.fields[f"de_{place}"] = forms.CharField(
            label=f"Question {place} in German", max_length=LONGEST, required=False, initial=known.de if known else "",
        )  # fmt: skip
        self.fields[f"kind_{place}"] = choice(
            f"Question {place} is answered by",
            [(SCALE, "1 to 5"), (TEXT, "words")],
            initial=known.kind if known else TEXT,
        )
        self.fields[f"key_{place}"] = forms.CharField(
            label=f"Question {place} is about", max_length=30, required=False, initial=known.key if known else "",
            help_text="One word. Questions about the same word are compared between the parties.",
        )  # fmt: skip

    def questions(self) -> list[Question]:
        """Return the lines that were filled in."""
        return [
            Question(
                self.value(f"key_{n}").strip(), self.value(f"kind_{n}"), self.value(f"en_{n}").strip(),
                self.value(f"de_{n}").strip(),
            )
            for n in range(1, MOST + 1)
            if self.value(f"en_{n}").strip() or self.value(f"de_{n}").strip()
        ]  # fmt: skip


class OutcomeForm(Form):
    """What came of the call."""

    reached = choice("Did you reach the customer?", [("yes", "Yes"), ("no", "No, and we stop trying")])
    agreed = area("What was agreed", rows=4, required=False, help_text="Whoever talks to the customer next reads this.")
    regained = choice("Is the customer content again?", [("yes", "Yes"), ("no", "No")])


class GiveForm(Form):
    """Who calls instead."""

    owner = choice("Who calls", [])

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("owner", people)
