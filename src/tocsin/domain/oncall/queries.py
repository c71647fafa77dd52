"""Named reads of schedules: who is on call now and in a span, findings, load, feeds."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from tocsin.domain.oncall.enums import CoverState, SwapState
from tocsin.domain.oncall.logic import definition, feed, findings, roster
from tocsin.domain.oncall.logic import load as loads
from tocsin.domain.oncall.logic import participants as taking_turns
from tocsin.domain.oncall.logic import quality as qualities
from tocsin.domain.oncall.logic import schedule as pure
from tocsin.domain.oncall.logic.findings import Finding
from tocsin.domain.oncall.logic.load import Load
from tocsin.domain.oncall.logic.quality import Quality
from tocsin.domain.oncall.logic.roster import Span
from tocsin.domain.oncall.logic.schedule import Person
from tocsin.domain.oncall.logic.words import in_words
from tocsin.domain.oncall.models import Absence, FeedToken, Layer, Lookout, Override, Schedule, Shift, Swap
from tocsin.domain.oncall.rules import may_answer_for, may_see_schedules
from tocsin.domain.people.models import User
from tocsin.kernel.clock import database_now
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
    names: tuple[str, ...] = ()  # of these people, in the same order


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


def who_is_on_now(slugs: Iterable[str] | None, at: datetime) -> dict[str, OnCallNow]:
    """Return who is on call at `at` in each schedule that exists (None: in all); one with nobody on has no people."""
    said = schedules_of(slugs)
    on = {slug: roster.who_is_on(schedule, at) for slug, schedule in said.items()}
    names = names_in(evidence for found in on.values() for evidence in found.evidence)
    return {
        slug: OnCallNow(
            slug,
            said[slug].name,
            tuple((UUID(evidence.person), in_words(evidence, said[slug], names)) for evidence in found.evidence),
            tuple(names.get(evidence.person, "somebody") for evidence in found.evidence),
        )
        for slug, found in on.items()
    }


def uncovered(at: datetime) -> list[str]:
    """Return the slugs of the schedules in which nobody is on call at `at`. One query if nothing has changed."""
    return [slug for slug, schedule in schedules_of().items() if not roster.who_is_on(schedule, at).people]


def participants(slug: str, at: datetime) -> tuple[str, tuple[UUID, ...]] | None:
    """Return (name, who takes turns in the schedule at `at`, in order); None if there is no such schedule."""
    said = schedules_of([slug]).get(slug)
    return None if said is None else (said.name, tuple(UUID(person) for person in taking_turns.participants(said, at)))


def away_at(at: datetime) -> dict[UUID, datetime]:
    """Return who is absent at `at`, with when the longest of their absences ends."""
    rows = Absence.objects.filter(starts_at__lte=at, ends_at__gt=at).order_by("ends_at")
    return dict(rows.values_list("person", "ends_at"))


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


def findings_ahead(
    start: datetime, end: datetime, unreachable: Collection[UUID] | Callable[[Collection[UUID]], Collection[UUID]] = ()
) -> list[Finding]:
    """Return the problems of all schedules in the span, by start. Who is unreachable, the caller knows: it gives them,
    or a function that is asked once about everybody who is on call in the span.
    """
    start, end = _span(start, end)
    said = schedules_of()
    views = {slug: roster.final_view(schedule, start, end) for slug, schedule in said.items()}
    if callable(unreachable):
        unreachable = unreachable({UUID(p) for view in views.values() for span in view for p in span.people})
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


def swaps_for(user: User, now: datetime) -> list[Swap]:
    """Return the swaps that wait for this person's answer and whose time is not over, by start."""
    return list(_swaps_for(user, now).select_related("schedule", "offered_by").order_by("starts_at", "id"))


def covers_for(user: User, now: datetime) -> list[Absence]:
    """Return the absences that this person is asked to cover and that have not ended, by start."""
    return list(_covers_for(user, now).select_related("person").order_by("starts_at", "id"))


def asked_of(user: User, now: datetime) -> tuple[QuerySet[Swap], QuerySet[Absence]]:
    """Return the swaps and covers that wait for this person's answer, to be counted."""
    return _swaps_for(user, now), _covers_for(user, now)


def _swaps_for(user: User, now: datetime) -> QuerySet[Swap]:
    return Swap.objects.filter(offered_to=user, state=SwapState.OFFERED, ends_at__gt=now)


def _covers_for(user: User, now: datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(cover=user, cover_state=CoverState.PROPOSED, ends_at__gt=now)


def next_lookout() -> datetime | None:
    """Return when schedules are next to be looked at for what lies ahead; at once where they never were."""
    due: datetime | None = Lookout.objects.values_list("due_at", flat=True).first()
    if due is None and Schedule.objects.exists():
        return database_now(connection)
    return due


def answerable_for(slugs: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
    """Return {slug: whom to tell about a schedule}: its team's lead, then its escalation manager."""
    rows = Schedule.objects.filter(slug__in=list(slugs)).select_related("team")
    return {
        row.slug: tuple(pk for pk in ((row.team.lead_id, row.team.escalation_manager_id) if row.team else ()) if pk)
        for row in rows
    }


def swaps_by(user: User, now: datetime) -> list[Swap]:
    """Return the swaps that this person has offered and whose time is not over, by start."""
    rows = Swap.objects.filter(offered_by=user, ends_at__gt=now).exclude(state=SwapState.WITHDRAWN)
    return list(rows.select_related("schedule", "offered_to").order_by("starts_at", "id"))


def open_swaps(schedule: Schedule, now: datetime) -> list[Swap]:
    """Return the swaps of a schedule that nobody has answered yet and whose time is not over, by start."""
    rows = schedule.swaps.filter(state=SwapState.OFFERED, ends_at__gt=now)
    return list(rows.select_related("offered_by", "offered_to").order_by("starts_at", "id"))


def access_swap(user: User, swap_id: UUID) -> Swap:
    """Return a swap of which `user` is a part, or may answer for one. Raises NotFound."""
    row = Swap.objects.select_related("schedule", "offered_by", "offered_to").filter(pk=swap_id).first()
    if row is None or not any(may_answer_for.test(user, person) for person in (row.offered_by, row.offered_to)):
        raise NotFound("swap_not_found", "There is no such swap, or it is not yours.")
    return row


def absences_of(user: User, now: datetime) -> list[Absence]:
    """Return a person's absences that are not over, by start."""
    rows = Absence.objects.filter(person=user, ends_at__gt=now)
    return list(rows.select_related("person", "cover").order_by("starts_at", "id"))


def absences_among(people: Collection[Person], now: datetime) -> list[Absence]:
    """Return the absences of these people that are not over, by start."""
    rows = Absence.objects.filter(person__in=[UUID(person) for person in people], ends_at__gt=now)
    return list(rows.select_related("person", "cover").order_by("starts_at", "id"))


def access_absence(user: User, absence_id: UUID) -> Absence:
    """Return an absence that `user` may see: staff may see all, since it says who is not there. Raises NotFound."""
    row = Absence.objects.select_related("person", "cover").filter(pk=absence_id).first()
    if row is None or not may_see_schedules.test(user):
        raise NotFound("absence_not_found", "There is no such absence.")
    return row


def overrides_after(schedule: Schedule, now: datetime) -> list[Override]:
    """Return the overrides of a schedule that are not over, by start."""
    rows = schedule.overrides.filter(ends_at__gt=now).select_related("person", "instead_of", "made_by")
    return list(rows.order_by("starts_at", "id"))


def shifts_after(schedule: Schedule, now: datetime, limit: int = 200) -> list[Shift]:
    """Return the one-off shifts of a schedule that are not over, by start."""
    rows = schedule.shifts.filter(ends_at__gt=now).select_related("person", "made_by")
    return list(rows.order_by("starts_at", "id")[:limit])


def layers_now(schedule: Schedule) -> list[Layer]:
    """Return the layers as they are valid now and from now on, the first being asked first."""
    return list(schedule.layers.filter(valid_until=None).order_by("position", "id"))


def layer_now(schedule: Schedule, layer_id: int) -> Layer:
    """Return one of them. Raises NotFound for one that has been changed meanwhile: a changed layer is another."""
    row = schedule.layers.filter(valid_until=None, pk=layer_id).first()
    if row is None:
        problem = "Somebody has changed this layer meanwhile. Go back to the schedule and open it again."
        raise NotFound("layer_not_found", problem)
    return row


def schedules_of_teams(teams: Iterable[UUID]) -> list[Schedule]:
    """Return the schedules of these teams, by name."""
    return list(Schedule.objects.filter(team__in=list(teams)).order_by("name"))


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
