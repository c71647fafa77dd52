"""What the first steps of an installation are, and which of them are done: by what is really there."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tocsin.domain.calendars import queries as calendars
from tocsin.domain.escalation import drills, policies
from tocsin.domain.escalation.enums import DrillKind
from tocsin.domain.escalation.models import Drill
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.enums import Channel
from tocsin.domain.people import queries as persons
from tocsin.domain.people.models import User

COOKIE = "set_up"  # "off": this browser has put them off


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is for, and whether what it makes is there."""

    key: str
    name: str
    lead: str
    is_done: Callable[[User], bool]


def mail_works(user: User) -> bool:
    methods = notify.methods_of(user.pk)
    return any(one.channel == Channel.EMAIL and one.verified_at for one in methods)


def answered(user: User) -> bool:
    own = [one for one in drills.recent() if is_own(one, user)]
    return any(row.get("seconds") is not None for one in own for row in drills.people_of(one))


def is_own(drill: Drill, user: User) -> bool:
    return drill.kind == DrillKind.PERSON and drill.started_by == f"person:{user.pk}"


STEPS = (
    Step(
        "organisation", "Your organisation", "Who you are, and by which clock your times are shown.",
        lambda user: user.organisation_id is not None,
    ),
    Step(
        "mail", "Mail", "Pages, invitations and replies leave by a mail server. A code to your own address shows that it works.",
        mail_works,
    ),
    Step(
        "team", "Your team", "Work lies in a team's queue, and pages go to its people.",
        lambda _user: bool(persons.teams()),
    ),
    Step(
        "calendar", "Working hours", "Promises run in business time: nights and holidays do not count.",
        lambda _user: bool(calendars.calendars()),
    ),
    Step(
        "policy", "Escalation", "Who is told, in which order and when, if nobody acts. Begin with one that works in any company.",
        lambda _user: bool(policies.live()),
    ),
    Step(
        "test", "Fire a test", "It takes the real way to you and says TEST. Acknowledge it from your phone.", answered
    ),
)  # fmt: skip
BY_KEY = {step.key: step for step in STEPS}


_through: set[UUID] = set()  # administrators who have done all of it: their every page would ask seven times else


def left(user: User) -> int:
    """Return how many steps are still to do; who has done them all is not asked again until a restart."""
    if user.pk in _through:
        return 0
    undone = sum(not step.is_done(user) for step in STEPS)
    if not undone:
        _through.add(user.pk)
    return undone
