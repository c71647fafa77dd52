"""Named reads of schedules: who is on call now and in a span, findings, load, feeds."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.enums import CoverState, SwapState
from tocsin.domain.oncall.logic import definition, feed, findings, roster
from tocsin.domain.oncall.logic import load as loads
from tocsin.domain.oncall.logic import quality as qualities
from tocsin.domain.oncall.logic import schedule as pure
from tocsin.domain.oncall.logic.findings import Finding
from tocsin.domain.oncall.logic.load import Load
from tocsin.domain.oncall.logic.quality import Quality
from tocsin.domain.oncall.logic.roster import Span
from tocsin.domain.oncall.logic.schedule import Person
from tocsin.domain.oncall.logic.words import in_words
from tocsin.domain.oncall.models import Absence, FeedToken, Layer, Override, Schedule, Shift, Swap
from tocsin.domain.oncall.rules import may_see_schedules
from tocsin.domain.people.models import User
from tocsin.kernel.errors import InvalidInput, NotFound

LONGEST_SPAN = timedelta(days=400)  # of one final view: a year, and a month on both sides of a page
FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(days=180)
KEPT = 512  # schedules in the cache

# {schedule: (its stamp when read, what it says)}. A stamp is never used twice, so a rolled-back change cannot be served.
_read: dict[UUID, tuple[UUID, pure.Schedule]] = {}


@dataclass(frozen=True, slots=True)
class OnCallNow:
    """Who is on call in a schedule, in order, each with the evidence in words."""

    slug: str
    name: str
    people: tuple[tuple[UUID, str], ...]


def schedules() -> list[Schedule]:
    """Return every schedule by name, with its team."""
    return list(Schedule.objects.select_related("team").order_by("name"))


def access_schedule(user: User, slug: str) -> Schedule:
    """Return a schedule with its team as far as `user` may see schedules. Raises NotFound."""
    found = Schedule.objects.select_related("team").filter(slug=slug).first()
    if found is None or not may_see_schedules.test(user):
        raise NotFound("schedule_not_found", f"There is no schedule {slug!r}, or you may not see it.")
    return found


def schedule_of(slug: str) -> pure.Schedule:
    """Return what a schedule says, with its overrides, shifts and absences. Raises NotFound."""
    found = schedules_of([slug]).get(slug)
    if found is None:
        message = f"There is no schedule {slug!r}. Check its short name in the list of schedules."
        raise NotFound("schedule_not_found", message)
    return found


def schedules_of(slugs: Iterable[str] | None = None) -> dict[str, pure.Schedule]:
    """Return {slug: what the schedule says} of those that exist; None: of all. One query if nothing has changed."""
    rows = Schedule.objects.order_by("slug")
    rows = rows if slugs is None else rows.filter(slug__in=list(slugs))
    found = list(rows)
    stale = [row for row in found if _read.get(row.pk, (None,))[0] != row.stamp]
    fresh = {row.pk: (row.stamp, said) for row, said in _load(stale)}
    answer = {row.slug: (fresh.get(row.pk) or _read[row.pk])[1] for row in found}
    _read.update(fresh)
    while len(_read) > KEPT:
        _read.pop(next(iter(_read)), None)
    return answer


def who_is_on_now(slugs: Iterable[str], at: datetime) -> dict[str, OnCallNow]:
    """Return who is on call at `at` in each schedule that exists; a schedule with nobody on has no people."""
    said = schedules_of(slugs)
    on = {slug: roster.who_is_on(schedule, at) for slug, schedule in said.items()}
    names = names_in(evidence for found in on.values() for evidence in found.evidence)
    return {
        slug: OnCallNow(
            slug,
            said[slug].name,
            tuple((UUID(evidence.person), in_words(evidence, said[slug], names)) for evidence in found.evidence),
        )
        for slug, found in on.items()
    }


def names_in(evidence: Iterable[roster.Evidence]) -> dict[Person, str]:
    """Return {person: name} of everybody whom evidence mentions; one query, none if nobody is."""
    people: set[Person] = set()
    for one in evidence:
        people |= {one.person, *(reason.other for reason in one.reasons if reason.other)}
    rows = User.objects.filter(pk__in=people).values_list("pk", "name") if people else []
    return {str(pk): name for pk, name in rows}


def final_view(slug: str, start: datetime, end: datetime) -> list[Span]:
    """Return who is on call from `start` until before `end`, without holes between the spans.

    Raises NotFound, and InvalidInput for a span that is not one or longer than LONGEST_SPAN.
    """
    return roster.final_view(schedule_of(slug), *_span(start, end))


def load(slug: str, start: datetime, end: datetime) -> dict[UUID, Load]:
    """Return each person's hours, nights and weekends in the span, in the schedule's zone."""
    schedule = schedule_of(slug)
    found = loads.load(roster.final_view(schedule, *_span(start, end)), ZoneInfo(schedule.zone))
    return {UUID(person): carried for person, carried in found.items()}


def findings_of(slug: str, start: datetime, end: datetime, unreachable: Collection[UUID] = ()) -> list[Finding]:
    """Return the problems of one schedule in the span; double bookings with any other schedule among them."""
    return [one for one in findings_ahead(start, end, unreachable) if slug in one.schedules]


def findings_ahead(start: datetime, end: datetime, unreachable: Collection[UUID] = ()) -> list[Finding]:
    """Return the problems of all schedules in the span, by start. Who is unreachable, the caller knows."""
    start, end = _span(start, end)
    said = schedules_of()
    views = {slug: roster.final_view(schedule, start, end) for slug, schedule in said.items()}
    missing = {str(pk) for pk in unreachable}
    found = findings.double_bookings(views)
    for slug, view in views.items():
        found += findings.findings_in(said[slug], view, missing)
    return sorted(found, key=lambda one: (one.start, one.kind, one.schedules, one.people))


def quality(slug: str, start: datetime, end: datetime, unreachable: Collection[UUID] = ()) -> Quality:
    """Return the score of a schedule over the span, and what it lost points for."""
    schedule = schedule_of(slug)
    view = roster.final_view(schedule, *_span(start, end))
    return qualities.quality(schedule, view, {str(pk) for pk in unreachable})


def shifts_of(user_id: UUID, start: datetime, end: datetime) -> list[tuple[str, loads.Stretch]]:
    """Return (slug, stretch) of a person's duty in the span, over all schedules, by start."""
    start, end = _span(start, end)
    found = [
        (slug, stretch)
        for slug, schedule in schedules_of().items()
        for stretch in loads.stretches(roster.final_view(schedule, start, end)).get(str(user_id), ())
    ]
    return sorted(found, key=lambda one: (one[1].start, one[0]))


def is_on_between(slug: str, user_id: UUID, start: datetime, end: datetime) -> bool:
    """Tell whether a person is on call in the schedule at any time from `start` until before `end`."""
    return any(str(user_id) in span.people for span in final_view(slug, start, end))


def people_in(spans: Sequence[Span]) -> dict[UUID, User]:
    """Return the people who are on call in spans, by id; one query."""
    return User.objects.in_bulk([UUID(person) for person in {person for span in spans for person in span.people}])


def swaps_for(user: User) -> list[Swap]:
    """Return the swaps that wait for this person's answer, by start."""
    rows = Swap.objects.filter(offered_to=user, state=SwapState.OFFERED)
    return list(rows.select_related("schedule", "offered_by").order_by("starts_at", "id"))


def covers_for(user: User, now: datetime) -> list[Absence]:
    """Return the absences that this person is asked to cover and that have not ended, by start."""
    rows = Absence.objects.filter(cover=user, cover_state=CoverState.PROPOSED, ends_at__gt=now)
    return list(rows.select_related("person").order_by("starts_at", "id"))


def feed_tokens(user: User) -> list[FeedToken]:
    """Return the calendar feeds of a person that have not been revoked, the oldest first."""
    return list(FeedToken.objects.filter(owner=user, revoked_at=None).select_related("schedule").order_by("made_at"))


def digest_of(token: str) -> str:
    """Return the form in which a token is kept. It has 256 random bits, so a plain digest cannot be searched."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def feed_text(token: str, now: datetime) -> str:
    """Return the calendar (RFC 5545) behind a secret token: 30 days back, 180 ahead.

    Raises NotFound, always with the same words, for a token that never was, is revoked, or whose owner
    is deactivated or may no longer see schedules.
    """
    row = FeedToken.objects.filter(digest=digest_of(token), revoked_at=None).select_related("owner", "schedule").first()
    if row is None or not may_see_schedules.test(row.owner):
        raise NotFound("feed_not_found", "There is no such calendar. Make a new address in your settings.")
    start, end = now - FEED_BACK, now + FEED_AHEAD
    said = schedules_of([row.schedule.slug] if row.schedule else None)
    views = {slug: roster.final_view(schedule, start, end) for slug, schedule in said.items()}
    names = {str(pk): user.name for pk, user in people_in([s for view in views.values() for s in view]).items()}
    only = None if row.schedule else str(row.owner_id)
    entries = feed.entries(said, views, names, only)
    title = f"On call: {row.schedule.name if row.schedule else row.owner.name}"
    return feed.text(title, entries, now)


def _span(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    if not timedelta() < end - start <= LONGEST_SPAN:
        problem = f"The end must be after the start and at most {LONGEST_SPAN.days} days later."
        raise InvalidInput("bad_span", problem, {"end": problem})
    return start, end


def _load(rows: Sequence[Schedule]) -> Iterable[tuple[Schedule, pure.Schedule]]:
    """Read schedules with four queries, however many there are."""
    if not rows:
        return
    layers = _by_schedule(Layer.objects.filter(schedule__in=rows).order_by("position", "id"))
    overrides = _by_schedule(Override.objects.filter(schedule__in=rows).order_by("made_at", "id"))
    shifts = _by_schedule(Shift.objects.filter(schedule__in=rows).order_by("starts_at", "id"))
    absences = tuple(_absence(row) for row in Absence.objects.order_by("reported_at", "id"))
    for row in rows:
        yield (
            row,
            pure.Schedule(
                zone=row.zone,
                layers=tuple(layer_from(layer) for layer in layers.get(row.pk, ())),
                overrides=tuple(_override(override) for override in overrides.get(row.pk, ())),
                shifts=tuple(_shift(shift) for shift in shifts.get(row.pk, ())),
                absences=absences,
                slug=row.slug,
                name=row.name,
            ),
        )


def _by_schedule[Row: (Layer, Override, Shift)](rows: Iterable[Row]) -> Mapping[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row.schedule_id, []).append(row)
    return found


def layer_from(row: Layer) -> pure.Layer:
    """Return what a stored layer says."""
    rotations = tuple(definition.rotation_from_json(rotation) for rotation in row.rotations)
    return pure.Layer(row.name, rotations, row.zone, row.valid_from, row.valid_until)


def _override(row: Override) -> pure.Override:
    instead_of, by = row.instead_of_id, row.made_by_id
    return pure.Override(
        row.starts_at, row.ends_at, str(row.person_id), row.layer, str(instead_of or ""), row.reason, str(by or "")
    )


def _shift(row: Shift) -> pure.Shift:
    return pure.Shift(row.starts_at, row.ends_at, str(row.person_id), row.reason)


def _absence(row: Absence) -> pure.Absence:
    agreed = row.cover_state == CoverState.ACCEPTED
    return pure.Absence(row.starts_at, row.ends_at, str(row.person_id), str(row.cover_id) if agreed else "", row.reason)
