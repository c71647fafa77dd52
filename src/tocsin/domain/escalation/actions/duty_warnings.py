"""A week ahead: gaps, overlaps, double bookings and people who cannot be reached, told to who can mend them.

It stands here because it needs schedules, contact methods and the catch-all. One look a day, and soon after a change;
each finding is told once while it lasts (oncall/actions/lookout.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from tocsin.domain.escalation.models import Setting
from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import queries as notify_queries
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.oncall import actions as oncall
from tocsin.domain.oncall import queries as oncall_queries
from tocsin.domain.oncall.logic.findings import Finding, FindingKind
from tocsin.domain.oncall.logic.schedule import Person
from tocsin.domain.oncall.logic.words import finding_in_words
from tocsin.domain.people.models import User

AHEAD = timedelta(days=7)
LISTED = 40  # findings of one schedule that a message names; the rest it counts

next_warning_due = oncall_queries.next_lookout


@transaction.atomic
def warn_ahead(*, now: datetime, limit: int = 1) -> int:
    """Look a week ahead if that is due; tell each lead what is new in their schedules. Return 1 if it looked."""
    if limit < 1 or not oncall.take_lookout(now=now):
        return 0
    found = oncall_queries.findings_ahead(now, now + AHEAD, _unreachable)
    new = oncall.note_findings(found=found, now=now)
    if new:
        _tell(new, now)
    return 1


def _unreachable(people: Collection[UUID]) -> set[UUID]:
    return set(people) - notify_queries.reachable(people)


def _tell(new: Sequence[Finding], now: datetime) -> None:
    by_schedule: dict[str, list[Finding]] = defaultdict(list)
    for one in new:
        for slug in one.schedules:
            by_schedule[slug].append(one)
    told = _readers(by_schedule)
    readers = User.objects.in_bulk({pk for pk in told.values() if pk} | _double_booked(new))
    titles = {row.slug: row.name for row in oncall_queries.schedules()}
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=_people(new)).values_list("pk", "name")}
    own: dict[UUID, dict[str, list[Finding]]] = defaultdict(dict)
    for slug, found in by_schedule.items():
        if reader := told[slug]:
            own[reader][slug] = found
    for one in new:
        if one.kind is FindingKind.DOUBLE_BOOKED:
            for slug in one.schedules:
                mine = own[UUID(one.people[0])].setdefault(slug, [])
                mine += [] if one in mine else [one]
    pages = [_page(readers[pk], found, titles, names) for pk, found in own.items() if pk in readers]
    notify.enqueue(pages=pages, now=now)
    record_many([_fact(slug, found, told[slug], now) for slug, found in by_schedule.items()])


def _readers(slugs: Iterable[str]) -> dict[str, UUID | None]:
    """Return whom to tell about each schedule: the lead, the escalation manager, the catch-all; the first reachable."""
    catch_all = Setting.objects.filter(pk=1).values_list("catch_all_id", flat=True).first()
    wanted = {
        slug: (*people, *([catch_all] if catch_all else []))
        for slug, people in oncall_queries.answerable_for(slugs).items()
    }
    reachable = notify_queries.reachable({pk for people in wanted.values() for pk in people})
    return {slug: next((pk for pk in wanted.get(slug, ()) if pk in reachable), None) for slug in slugs}


def _double_booked(new: Sequence[Finding]) -> set[UUID]:
    return {UUID(person) for one in new if one.kind is FindingKind.DOUBLE_BOOKED for person in one.people}


def _people(new: Sequence[Finding]) -> set[UUID]:
    return {UUID(person) for one in new for person in one.people}


def _page(
    reader: User, found: Mapping[str, Sequence[Finding]], titles: Mapping[str, str], names: Mapping[Person, str]
) -> PageRequest:
    zone = ZoneInfo(reader.zone)
    parts = []
    for slug, own in found.items():
        lines = [f"- {finding_in_words(one, names, titles, zone)}" for one in own[:LISTED]]
        lines += [f"- and {len(own) - LISTED} more"] if len(own) > LISTED else []
        parts.append("\n".join([titles.get(slug, slug), *lines, f"{settings.BASE_URL}/schedules/{slug}"]))
    count = len({one for own in found.values() for one in own})
    where = titles.get(next(iter(found)), "") if len(found) == 1 else f"{len(found)} schedules"
    subject = f"On call next week: {count} thing{'s' if count > 1 else ''} to mend in {where}"
    body = "\n\n".join(["This lies ahead in the next seven days:", *parts, "Each is told once while it lasts."])
    return PageRequest(user_id=reader.pk, purpose="notice", urgency=Urgency.NORMAL, subject=subject, body=body)


def _fact(slug: str, found: Sequence[Finding], reader: UUID | None, now: datetime) -> Fact:
    """Journal what was told of a schedule, and to whom; also where there was nobody to tell."""
    data = {
        "told": str(reader) if reader else "",
        "findings": [
            {
                "kind": one.kind.value, "starts_at": one.start.isoformat(), "ends_at": one.end.isoformat(),
                "people": list(one.people),
            }
            for one in found
        ],
    }  # fmt: skip
    return Fact(stream=f"schedule:{slug}", kind="schedule.warned", at=now, actor="engine", data=data)
