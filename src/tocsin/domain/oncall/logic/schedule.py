"""What an on-call schedule says, as frozen data. Instants are aware UTC; times of day are local to a zone.

Layers are asked in order: the first that has somebody on answers. A whole override replaces their answer,
a one-off shift adds to it; swaps and absences then replace single people (logic/roster.py has the rule).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

type Person = str  # a person's id as text


class RotationKind(StrEnum):
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    CUSTOM = "custom"  # turns of any length


@dataclass(frozen=True, slots=True)
class Restriction:
    """On these weekdays (0 is Monday) from `start` on. Ends at `end`, `days` later; an end not after the start
    on the same day is the next day's, so 18:00 to 08:00 is a night and 00:00 to 00:00 a whole day."""

    weekdays: frozenset[int]
    start: time
    end: time
    days: int = 0


@dataclass(frozen=True, slots=True)
class Rotation:
    """Crews that take turns. The first crew has the turn in which `starts` lies; turns change by the wall clock."""

    kind: RotationKind
    crews: tuple[tuple[Person, ...], ...]  # in order; a crew is one person or several at once
    starts: datetime  # in force from here on
    ends: datetime | None = None
    handover: time = time(9)
    weekday: int = 0  # of the hand-over, weekly only; 0 is Monday
    every: int = 1  # hours, days or weeks that a turn lasts
    length: timedelta = timedelta()  # of a turn, custom only; whole minutes
    restrictions: tuple[Restriction, ...] = ()  # none: around the clock

    @property
    def turn(self) -> timedelta:
        """How long a turn lasts on the wall clock."""
        match self.kind:
            case RotationKind.HOURLY:
                return timedelta(hours=self.every)
            case RotationKind.DAILY:
                return timedelta(days=self.every)
            case RotationKind.WEEKLY:
                return timedelta(weeks=self.every)
        return self.length


@dataclass(frozen=True, slots=True)
class Layer:
    """Rotations that are on together. Valid from and until: an edited layer stays true for its past."""

    name: str
    rotations: tuple[Rotation, ...]
    zone: str = ""  # IANA; empty: the schedule's. Follow-the-sun: one layer per zone, each with its daytime
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """`person` instead of everybody, of one layer's people (where it has any), or of one person (where they are on).

    Of several for the same, the one made last (the last in the schedule) counts. A swap is an override
    with `instead_of`.
    """

    start: datetime
    end: datetime
    person: Person
    layer: str = ""
    instead_of: Person = ""
    reason: str = ""
    by: Person = ""  # who made it


@dataclass(frozen=True, slots=True)
class Shift:
    """A one-off shift: `person` as well as whoever is on."""

    start: datetime
    end: datetime
    person: Person
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """`person` is away. Their duty goes to `cover` (somebody who has agreed), else to whoever else is on."""

    start: datetime
    end: datetime
    person: Person
    cover: Person = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule with all that changes it. `layers` in order of priority, the first being asked first."""

    zone: str
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()  # in order of making
    shifts: tuple[Shift, ...] = ()
    absences: tuple[Absence, ...] = ()
    slug: str = ""
    name: str = ""
