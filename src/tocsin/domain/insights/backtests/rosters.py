"""Who would have been paged at an instant of the past: the role resolution of production, its clock turned back.

On call, overrides, swaps, absences and deputies count as they were at the instant. Who leads a team, who
belongs to it and who has a verified contact method is not kept over time: there it is as it is today.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.domain.escalation.logic.actions import Notify
from tocsin.domain.escalation.logic.events import LevelEmpty, LevelReached, LevelSkipped
from tocsin.domain.escalation.logic.policy import ROUND_ROBINS, Policy, Target, TargetKind
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.escalation.targets import Directory, Resolved
from tocsin.domain.oncall.logic import roster
from tocsin.domain.oncall.logic.roster import Span
from tocsin.domain.oncall.queries import schedules_of
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Deputy, Organisation, Service, Team, User
from tocsin.domain.tickets.models import Ticket

_AFTER = timedelta(days=1)  # what falls due at the very end is still asked for
_CATCH_ALL = (Target(TargetKind.CATCH_ALL),)
_NOTHING = TicketView()


@dataclass(slots=True)
class _Views:
    """Everything that is on call in one schedule between two instants."""

    starts: list[datetime]
    spans: list[Span]


class PastDirectory(Directory):
    """A Directory whose instant moves. `start` and `end`: between which instants it will be asked."""

    def __init__(self, start: datetime, end: datetime) -> None:
        super().__init__([], end)
        self._start, self._end = start, end
        self._schedules = schedules_of()
        self._views: dict[str, _Views] = {}
        staff = User.objects.exclude(role=Role.REQUESTER)
        self._load_users(staff.values_list("pk", flat=True))
        self._staff = list(self._users)
        self._boundaries = _boundaries(start, end)
        self._epochs: dict[int, dict[UUID, tuple[User | None, tuple[str, ...]]]] = {}
        self._tickets: dict[tuple[str, str, str, str], Ticket] = {}
        self.owners = {user.email: user for user in self._users.values()}
        self.services = {one.name: one for one in Service.objects.select_related("team")}
        self.customers = {one.name: one for one in Organisation.objects.all()}
        self.teams = {one.slug: one for one in Team.objects.all()}
        self.move(start)

    def move(self, at: datetime) -> None:
        """Turn the clock to `at`."""
        self.at = at
        self._away = None
        self.epoch = bisect_right(self._boundaries, at)
        known = self._epochs.get(self.epoch)
        if known is None:
            known = self._epochs[self.epoch] = {}
            self._answerable = known
            self._load_answerable(self._staff)
        self._answerable = known

    def _on_duty(self, slug: str) -> list[tuple[UUID | None, str]]:
        """Who was on call in a schedule: its final view is worked out once for the whole period."""
        schedule = self._schedules.get(slug)
        if schedule is None:
            return [(None, f"on call in {slug}, which is no schedule")]
        span = self.shift(slug)
        people: Sequence[str] = self._views[slug].spans[span].people if span >= 0 else ()
        words = f"on call in {schedule.name}"
        return [(UUID(person), words) for person in people] or [(None, f"{words} at this time")]

    def shift(self, slug: str) -> int:
        """Return which span of a schedule the clock stands in; -1 before the first, or if there is no such schedule."""
        schedule = self._schedules.get(slug)
        if schedule is None:
            return -1
        view = self._views.get(slug)
        if view is None:
            spans = roster.final_view(schedule, self._start, self._end + _AFTER)
            view = self._views[slug] = _Views([span.start for span in spans], spans)
        return bisect_right(view.starts, self.at) - 1

    def ticket(self, view: TicketView) -> Ticket:
        """Return a ticket as roles look at it, from what was known of it at the time."""
        key = (view.owner, view.team, view.service, view.organisation)
        known = self._tickets.get(key)
        if known is None:
            known = self._tickets[key] = Ticket(
                owner=self.owners.get(view.owner), team=self.teams.get(view.team),
                service=self.services.get(view.service), organisation=self.customers.get(view.organisation),
            )  # fmt: skip
        return known

    def zones(self) -> dict[str, ZoneInfo]:
        """Return {person: the zone in which their nights are}."""
        return {str(pk): ZoneInfo(user.zone) for pk, user in self._users.items()}


class Rosters:
    """Resolves the levels of simulated runs. `owners`: {slug of a policy: who is warned of its empty levels}."""

    def __init__(self, directory: PastDirectory, owners: dict[str, UUID | None]) -> None:
        self.directory = directory
        self.owners = owners
        self._known: dict[tuple[Any, ...], Resolved] = {}

    def move(self, at: datetime) -> None:
        """Be told the instant before levels are resolved."""
        self.directory.move(at)

    def resolve(self, policy: Policy, ask: Notify, view: TicketView) -> LevelReached | LevelEmpty | LevelSkipped:
        """Say whom a level reached at the instant that the walk has come to."""
        found = self._resolved(ask.targets, view, self.owners.get(policy.slug), ask.without)
        if not found.people:
            return LevelEmpty(ask.level, found.reason)
        return LevelReached(ask.level, tuple(str(person.id) for person in found.people))

    def catch_all(self, at: datetime) -> list[str]:
        """Return who the organisation's catch-all was."""
        self.directory.move(at)
        return [str(person.id) for person in self._resolved(_CATCH_ALL, _NOTHING, None, ()).people]

    def _resolved(
        self, targets: Sequence[Target], view: TicketView, owner: UUID | None, declined: Sequence[str]
    ) -> Resolved:
        """Resolve once for each shift and deputy: between two of their ends nothing that roles look at changes.

        A round robin looks at who is away, whose ends are no such instants: it is asked each time.
        """
        if any(target.kind in ROUND_ROBINS for target in targets):
            return self.directory.resolve(targets, self.directory.ticket(view), owner, declined)
        shifts = tuple(self.directory.shift(one.ref) for one in targets if one.kind is TargetKind.ON_CALL)
        key = (
            tuple(targets), tuple(declined), owner, self.directory.epoch, shifts, view.owner, view.team, view.service,
            view.organisation,
        )  # fmt: skip
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.directory.resolve(targets, self.directory.ticket(view), owner, declined)
        return known


def _boundaries(start: datetime, end: datetime) -> list[datetime]:
    """Return the instants at which a deputy begins or ends to stand in for somebody."""
    rows = Deputy.objects.filter(starts_at__lt=end).values_list("starts_at", "ends_at")
    return sorted({at for row in rows for at in row if at is not None and start < at <= end})


def zones_of(people: Iterable[str]) -> dict[str, ZoneInfo]:
    """Return {person: the zone in which their nights are} of these people."""
    rows = User.objects.filter(pk__in=[UUID(one) for one in people]).values_list("pk", "zone")
    return {str(pk): ZoneInfo(zone) for pk, zone in rows}


def names_of(people: Iterable[str]) -> dict[str, str]:
    """Return {person: name} of these people."""
    return {
        str(pk): name for pk, name in User.objects.filter(pk__in=[UUID(p) for p in people]).values_list("pk", "name")
    }
