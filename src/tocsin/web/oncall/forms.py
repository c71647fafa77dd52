"""Forms of schedules and what changes them."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms

from tocsin.web.fields import Choices, Form, choice
from tocsin.web.oncall.fields import Moment, say_zone


def zones() -> list[tuple[str, str]]:
    """Return the zones that this machine knows, as Area/City, and UTC."""
    return [(name, name) for name in ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone)]]


class TimedForm(Form):
    """A form with moments, which says in which zone they are read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_zone(self)


class ScheduleForm(Form):
    name = forms.CharField(label="Name", max_length=120)
    slug = forms.CharField(
        label="Short name", max_length=80, help_text="Policies name the schedule by it, so it never changes."
    )
    zone = choice("Time zone", [], help_text="In which hand-overs and restrictions are meant.")
    team = choice(
        "Team",
        [],
        required=False,
        empty="no team",
        help_text="Its lead may change the schedule and is warned of gaps.",
    )

    def __init__(self, *args: Any, teams: Choices, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("zone", zones())
        self.offer("team", [("", "no team"), *teams])
        if not is_new:
            del self.fields["slug"]


class OverrideForm(TimedForm):
    person = choice("Who takes over", [])
    starts_at = Moment(label="From")
    ends_at = Moment(label="Until", at_end=True)
    place = choice("Instead of", [("", "everybody")], required=False)
    reason = forms.CharField(label="Reason", max_length=200, required=False)

    def __init__(self, *args: Any, people: Choices, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", people)
        self.offer("place", [("", "everybody who is on then"), *places])


class ShiftForm(TimedForm):
    person = choice("Who", [])
    starts_at = Moment(label="From")
    ends_at = Moment(label="Until", at_end=True)
    reason = forms.CharField(label="Reason", max_length=200, required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", people)


class SwapForm(TimedForm):
    offered_by = choice("Whose duty", [])
    starts_at = Moment(label="From")
    ends_at = Moment(label="Until", at_end=True)
    offered_to = choice("Who is asked to take it", [])
    return_starts_at = Moment(label="In return, their duty from", required=False)
    return_ends_at = Moment(label="Until", required=False, at_end=True)
    reason = forms.CharField(label="Reason", max_length=200, required=False)

    def __init__(self, *args: Any, givers: Choices, takers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("offered_by", givers)
        self.offer("offered_to", takers)

    def clean(self) -> None:
        """Refuse half a time in return."""
        ends = [self.cleaned_data.get(name) for name in ("return_starts_at", "return_ends_at")]
        if (ends[0] is None) != (ends[1] is None):
            self.add_error("return_ends_at", "Give both times of the duty in return, or neither.")


class AbsenceForm(TimedForm):
    person = choice("Who is away", [])
    starts_at = Moment(label="From")
    ends_at = Moment(label="Until", at_end=True)
    cover = choice("Who is asked to cover", [], required=False, empty="nobody yet")
    reason = forms.CharField(label="Reason", max_length=200, required=False)

    def __init__(self, *args: Any, people: Choices, covers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", people)
        self.offer("cover", [("", "nobody yet"), *covers])


class CoverForm(Form):
    cover = choice("Who is asked to cover", [])

    def __init__(self, *args: Any, covers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("cover", covers)


class UploadForm(Form):
    """A calendar file, chosen or (after the preview) carried along as text."""

    file = forms.FileField(
        label="Calendar file (.ics)", required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,text/calendar"}),
    )  # fmt: skip
    source = forms.CharField(
        label="Name of the source", max_length=30, initial="calendar",
        help_text="A newer file of the same source replaces what has not begun.",
    )  # fmt: skip
    text = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2_000_000, strip=False)


def without(choices: Sequence[tuple[str, str]], *gone: object) -> list[tuple[str, str]]:
    """Return a select's lines without some of them."""
    left_out = {str(one) for one in gone}
    return [line for line in choices if line[0] not in left_out]
