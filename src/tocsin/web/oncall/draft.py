"""A layer while it is being edited: what was typed as nested text, its forms, and the layer that comes of it.

Adding, removing and moving lines are ordinary posts of the whole form, so that everything works without script
and nothing that was typed is lost. Fields are named by place: r0-kind, r0-p1-person, r0-w0-start.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from tocsin.domain.oncall.logic.definition import MOST_CREWS, MOST_RESTRICTIONS, MOST_ROTATIONS
from tocsin.domain.oncall.logic.schedule import Layer, Restriction, Rotation, RotationKind
from tocsin.kernel.errors import InvalidInput
from tocsin.web.fields import Choices, Form, choice
from tocsin.web.oncall.fields import LOCAL, Moment, say_zone
from tocsin.web.oncall.forms import zones
from tocsin.web.oncall.words import DAYS, SHORT

type Lines = dict[str, Any]  # field: what was typed; lists for weekdays

KINDS = [
    (RotationKind.WEEKLY, "weekly"),
    (RotationKind.DAILY, "daily"),
    (RotationKind.HOURLY, "hourly"),
    (RotationKind.CUSTOM, "after another length of time"),
]
ROTATION = ("kind", "every", "hours", "handover", "weekday", "starts", "ends")
ACT = re.compile(r"(add-rotation|drop-rotation|add-person|drop-person|up|down|add-window|drop-window)(?::(\d+))?(?::(\d+))?")  # fmt: skip
NEW_WINDOW: Lines = {"weekdays": ["0", "1", "2", "3", "4"], "start": "08:00", "end": "18:00", "days": "0"}


class LayerForm(Form):
    name = forms.CharField(label="Name of the layer", max_length=80)
    zone = choice("Time zone", [], required=False, empty="the schedule's")

    def __init__(self, *args: Any, of_schedule: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("zone", [("", f"the schedule's ({of_schedule})"), *zones()])


class RotationForm(Form):
    kind = choice("Turns change", KINDS)
    every = forms.IntegerField(
        label="Every how many weeks, days or hours", min_value=1, max_value=8_784, required=False
    )
    hours = forms.FloatField(label="Length of a turn in hours", min_value=1, max_value=8_784, required=False)
    handover = forms.TimeField(
        label="Hand-over at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip
    weekday = choice("Hand-over on", [(str(number), name) for number, name in enumerate(DAYS)], required=False)
    starts = Moment(label="In force from", help_text="The first line below has the turn that runs then.")
    ends = Moment(label="Until", required=False, at_end=True, help_text="Empty: for good.")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_zone(self, zone)


class PersonForm(Form):
    person = choice("Person", [], required=False, empty="nobody")
    together = forms.BooleanField(label="together with the line above", required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", [("", "nobody"), *people])


class WindowForm(Form):
    weekdays = forms.MultipleChoiceField(
        label="On", choices=[(str(number), name) for number, name in enumerate(SHORT)],
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose at least one day."},
    )  # fmt: skip
    start = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    end = forms.TimeField(label="To", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    days = choice(
        "Ends", [("0", "the same day or overnight"), *((str(n), f"{n} days later" if n > 1 else "the next day") for n in range(1, 7))],
    )  # fmt: skip


@dataclass(slots=True)
class RotationDraft:
    """One rotation's lines as typed."""

    lines: Lines
    people: list[Lines]
    windows: list[Lines]


@dataclass(slots=True)
class Draft:
    """A whole layer as typed."""

    name: str = ""
    zone: str = ""
    rotations: list[RotationDraft] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RotationForms:
    """One rotation's forms, as the template walks through them."""

    head: RotationForm
    people: list[PersonForm]
    windows: list[WindowForm]


def new_rotation(at: datetime, zone: ZoneInfo) -> RotationDraft:
    """Return what a new rotation begins with: weeks from Monday 09:00, in force from today on."""
    today = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = {"kind": "weekly", "every": "1", "hours": "", "handover": "09:00", "weekday": "0", "ends": ""}
    return RotationDraft(lines | {"starts": f"{today:{LOCAL}}"}, [{"person": "", "together": ""} for _ in range(2)], [])


def draft_of(layer: Layer, zone: ZoneInfo) -> Draft:
    """Return a stored layer as it would have been typed."""
    return Draft(layer.name, layer.zone, [_rotation_draft(rotation, zone) for rotation in layer.rotations])


def _rotation_draft(rotation: Rotation, zone: ZoneInfo) -> RotationDraft:
    lines = {
        "kind": rotation.kind.value, "every": str(rotation.every), "weekday": str(rotation.weekday),
        "hours": f"{rotation.length / timedelta(hours=1):g}" if rotation.length else "",
        "handover": f"{rotation.handover:%H:%M}", "starts": f"{rotation.starts.astimezone(zone):{LOCAL}}",
        "ends": f"{rotation.ends.astimezone(zone):{LOCAL}}" if rotation.ends else "",
    }  # fmt: skip
    people = [
        {"person": person, "together": "on" if place else ""}
        for crew in rotation.crews
        for place, person in enumerate(crew)
    ]
    windows = [
        {
            "weekdays": [str(day) for day in sorted(one.weekdays)], "start": f"{one.start:%H:%M}",
            "end": f"{one.end:%H:%M}", "days": str(one.days),
        }
        for one in rotation.restrictions
    ]  # fmt: skip
    return RotationDraft(lines, people, windows)


def typed(post: QueryDict) -> Draft:
    """Return what was typed, however incomplete. Places count up from 0; the first that is missing ends a list."""
    draft = Draft(post.get("name", ""), post.get("zone", ""))
    for r in range(MOST_ROTATIONS):
        if f"r{r}-kind" not in post:
            break
        lines: Lines = {name: post.get(f"r{r}-{name}", "") for name in ROTATION}
        draft.rotations.append(RotationDraft(lines, list(_people(post, r)), list(_windows(post, r))))
    return draft


def _people(post: QueryDict, r: int) -> Iterator[Lines]:
    for p in range(MOST_CREWS):
        if f"r{r}-p{p}-person" not in post:
            return
        yield {name: post.get(f"r{r}-p{p}-{name}", "") for name in ("person", "together")}


def _windows(post: QueryDict, r: int) -> Iterator[Lines]:
    for w in range(MOST_RESTRICTIONS):
        if f"r{r}-w{w}-start" not in post:
            return
        found: Lines = {name: post.get(f"r{r}-w{w}-{name}", "") for name in ("start", "end", "days")}
        yield found | {"weekdays": post.getlist(f"r{r}-w{w}-weekdays")}


def restructure(draft: Draft, act: str, fresh: RotationDraft) -> bool:
    """Add, drop or move a line as `act` ("up:0:2") says; tell whether it was such an act."""
    found = ACT.fullmatch(act)
    if found is None:
        return False
    what, r, n = found[1], int(found[2] or 0), int(found[3] or 0)
    if what == "add-rotation":
        if len(draft.rotations) < MOST_ROTATIONS:
            draft.rotations.append(fresh)
        return True
    if r >= len(draft.rotations):
        return True
    rotation = draft.rotations[r]
    if what == "drop-rotation":
        del draft.rotations[r]
    elif what == "add-person" and len(rotation.people) < MOST_CREWS:
        rotation.people.append({"person": "", "together": ""})
    elif what == "add-window" and len(rotation.windows) < MOST_RESTRICTIONS:
        rotation.windows.append(dict(NEW_WINDOW))
    elif what == "drop-window" and n < len(rotation.windows):
        del rotation.windows[n]
    else:
        _move(rotation.people, what, n)
    return True


def _move(people: list[Lines], what: str, n: int) -> None:
    if n >= len(people):
        return
    if what == "drop-person":
        del people[n]
    elif what == "up" and n > 0:
        people[n - 1], people[n] = people[n], people[n - 1]
    elif what == "down" and n + 1 < len(people):
        people[n + 1], people[n] = people[n], people[n + 1]


class LayerForms:
    """Every form of a draft. `bound`: judge what was typed; else only show it."""

    def __init__(self, draft: Draft, *, people: Choices, zone: str, bound: bool) -> None:
        self.draft = draft
        chosen = list(people)
        self.zone = _known_zone(draft.zone) or ZoneInfo(zone)
        self.head = LayerForm(of_schedule=zone, **_given({"name": draft.name, "zone": draft.zone}, "", bound=bound))
        self.rotations = [
            RotationForms(
                RotationForm(zone=self.zone, **_given(one.lines, f"r{r}", bound=bound)),
                [
                    PersonForm(people=chosen, **_given(line, f"r{r}-p{p}", bound=bound))
                    for p, line in enumerate(one.people)
                ],
                [WindowForm(**_given(line, f"r{r}-w{w}", bound=bound)) for w, line in enumerate(one.windows)],
            )
            for r, one in enumerate(draft.rotations)
        ]

    def is_valid(self) -> bool:
        """Judge every form, so that everything wrong shows at once."""
        judged = [form.is_valid() for form in self._all()]
        return all(judged)

    def layer(self) -> Layer:
        """Return the layer that the forms (valid ones) describe. The domain judges it as a whole."""
        rotations = tuple(_rotation(forms) for forms in self.rotations)
        return Layer(self.head.value("name").strip(), rotations, self.head.value("zone"))

    def refuse(self, error: InvalidInput | Any) -> None:
        """Show what the domain refuses: in the rotation that its path names, else above everything."""
        path, problem = next(iter(error.fields.items()), ("", error.message))
        found = re.search(r"rotations\[(\d+)\]", path)
        place = int(found[1]) if found else -1
        target: Form = self.rotations[place].head if 0 <= place < len(self.rotations) else self.head
        last = path.rpartition(".")[2]
        target.add_error(last if last in target.fields else None, problem)

    def _all(self) -> Iterator[Form]:
        yield self.head
        for rotation in self.rotations:
            yield rotation.head
            yield from rotation.people
            yield from rotation.windows


def _given(lines: Mapping[str, Any], prefix: str, *, bound: bool) -> dict[str, Any]:
    """Return what a form is made with: data where it is to be judged, initial values where it is only shown."""
    if not bound:
        return {"initial": dict(lines), "prefix": prefix or None}
    data = QueryDict(mutable=True)
    for name, value in lines.items():
        data.setlist(f"{prefix}-{name}" if prefix else name, value if isinstance(value, list) else [value])
    return {"data": data, "prefix": prefix or None}


def _rotation(made: RotationForms) -> Rotation:
    given = made.head.cleaned_data
    crews: list[list[str]] = []
    for line in made.people:
        person = line.value("person")
        if person and line.cleaned_data["together"] and crews:
            crews[-1].append(person)
        elif person:
            crews.append([person])
    kind = RotationKind(given["kind"])
    custom = kind is RotationKind.CUSTOM
    handover: time = given["handover"]
    return Rotation(
        kind=kind,
        crews=tuple(tuple(crew) for crew in crews),
        starts=given["starts"],
        ends=given["ends"],
        handover=handover.replace(second=0, microsecond=0),
        weekday=int(given["weekday"] or 0),
        every=1 if custom else given["every"] or 1,
        length=timedelta(minutes=round((given["hours"] or 0) * 60)) if custom else timedelta(),
        restrictions=tuple(
            Restriction(
                frozenset(int(day) for day in one.cleaned_data["weekdays"]), one.cleaned_data["start"],
                one.cleaned_data["end"], int(one.cleaned_data["days"]),
            )
            for one in made.windows
        ),
    )  # fmt: skip


def _known_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
