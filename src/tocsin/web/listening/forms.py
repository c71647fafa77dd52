"""The forms of listening."""

from typing import Any

from django import forms

from tocsin.domain.listening.enums import Feeling, Judged
from tocsin.domain.listening.logic.advice import KINDS
from tocsin.web.fields import Choices, Form, area, choice

LANGUAGES = [("en", "English"), ("de", "German")]
KIND_NAMES = {
    "blame": "Blame", "brush_off": "Brush-off", "vague": "Vague", "next_step": "Says what happens next", "by_when": "Says by when",
}  # fmt: skip
AGREED = [("yes", "Yes, that is it"), ("no", "Not quite"), ("", "Not asked")]
FEELINGS = [(str(value), label) for value, label in Feeling.choices]


class RecordForm(Form):
    """What was understood."""

    concerns = area(
        "What matters to them", rows=4, required=False,
        help_text="One a line, in their own words. Tick sentences of theirs below to quote them.",
    )  # fmt: skip
    impact = area("What it does to their business", rows=2, required=False)
    wanted = area("What they want", rows=2, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AnswerForm(Form):
    """The customer's answer, by themselves."""

    words = area(
        "What is missing or wrong?",
        rows=4,
        required=False,
        help_text="A sentence is enough. It goes to the service desk.",
    )


class ConfirmForm(Form):
    """The customer's answer, noted by somebody who heard or read it."""

    answer = choice("What did they say", [("yes", "That is it"), ("no", "Not quite")], widget=forms.RadioSelect)
    message = choice("In which message", [], required=False, empty="on the phone")
    words = area(
        "Their words", rows=3, required=False, help_text="Needed when it is not quite it, and not in a message."
    )

    def __init__(self, *args: Any, messages: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("message", [("", "on the phone"), *messages])


class AnsweredForm(Form):
    """Which reply answered a concern."""

    message = choice("Answered by", [], required=False, empty="not answered yet")

    def __init__(self, *args: Any, messages: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("message", [("", "not answered yet"), *messages])


class CallNotesForm(Form):
    """A call in the order in which a good one goes."""

    told = area("What they told you", rows=4, attrs={"autofocus": True})
    concerns = area("What matters to them", rows=3, required=False, help_text="One a line, in their own words.")
    impact = area("What it does to their business", rows=2, required=False)
    wanted = area("What they want", rows=2, required=False)
    feeling = choice("How they sound", FEELINGS, required=False, empty="not noted")
    restated = area("How you restated it", rows=3, required=False, help_text="“If I understand you rightly, ...”")
    agreed = forms.ChoiceField(
        label="Did they say that is it", choices=AGREED, required=False, widget=forms.RadioSelect, initial=""
    )
    missing = area("What is not quite it", rows=2, required=False)
    next_step = area("The next step you agreed on", rows=2, required=False, help_text="What happens, and who does it.")
    next_by = forms.DateTimeField(
        label="They hear from you by", required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


class RuleForm(Form):
    """A rule of the house."""

    pattern = forms.CharField(
        label="Phrase", max_length=160,
        help_text="Words in a row. delay* is any word that begins so, a|b either word, * any word, # a number, ... up to three words.",
    )  # fmt: skip
    language = choice("Language", LANGUAGES, initial="en")
    kind = choice("Kind", [(kind, KIND_NAMES[kind]) for kind in KINDS])
    why = area("Why it is better not said", rows=2, required=False)
    better = area("How to say it better", rows=2, required=False)


class VerdictForm(Form):
    """What a signal is."""

    verdict = choice("This signal is", Judged.choices, widget=forms.RadioSelect)


class AssistantForm(Form):
    """The operator's own language model."""

    enabled = forms.BooleanField(label="Drafts can be asked for", required=False)
    url = forms.CharField(
        label="Address", max_length=500, widget=forms.TextInput(attrs={"placeholder": "https://model.example.org/v1"}),
        help_text="Up to and including /v1. A private network must be in TOCSIN_WEBHOOK_ALLOW.",
    )  # fmt: skip
    model = forms.CharField(label="Model", max_length=120)
    key = forms.CharField(
        label="Key", max_length=1000, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted. Empty keeps the one there is, if the address stays the same.",
    )  # fmt: skip
    drop_key = forms.BooleanField(label="Forget the key", required=False)
    timeout = forms.IntegerField(label="Seconds to wait", min_value=2, max_value=120, initial=30)
