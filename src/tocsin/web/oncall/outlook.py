"""What lies ahead of schedules: who is on now, who comes next, quality, findings. One view of each serves all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.reaching import unreachable_reasons
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic import findings
from tocsin.domain.oncall.logic.findings import Finding, FindingKind
from tocsin.domain.oncall.logic.quality import Quality, quality
from tocsin.domain.oncall.logic.roster import Span, final_view
from tocsin.domain.oncall.logic.schedule import Person
from tocsin.domain.oncall.logic.schedule import Schedule as Content
from tocsin.domain.oncall.logic.words import FINDINGS, why
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people.models import User
from tocsin.web.oncall.picture import between, merged

JUDGED = timedelta(days=28)  # over which quality is judged
WARNED = timedelta(days=14)  # how far ahead the pages look for gaps
POOR, FAIR = 60, 80


@dataclass(frozen=True, slots=True)
class OnNow:
    """One person on call now, and why."""

    person: User | None
    name: str
    why: str
    reachable: bool
    cannot: tuple[str, ...] = ()  # why no urgent page reaches them at this moment, for leads


@dataclass(frozen=True, slots=True)
class FoundWords:
    """A finding as a page shows it."""

    kind: str
    words: str
    when: str
    who: str
    start: datetime
    css: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """One schedule's next weeks. `until`: when other people come on; None: not within four weeks."""

    schedule: Schedule
    on: list[OnNow]
    until: datetime | None
    next_people: str
    quality: Quality
    quality_css: str
    found: list[FoundWords]

    @property
    def gaps(self) -> int:
        return sum(one.kind == FindingKind.GAP for one in self.found)


def outlooks(rows: Sequence[Schedule], now: datetime, zone: ZoneInfo) -> list[Outlook]:
    """Return the outlook of each of these schedules. A constant number of queries, however many there are."""
    said = oncall.schedules_of()
    views = {slug: final_view(content, now, now + JUDGED) for slug, content in said.items()}
    people = oncall.people_in([span for view in views.values() for span in view])
    mute = unreachable(people)
    on_now = {UUID(one.person) for view in views.values() if view for one in view[0].evidence}
    cannot = unreachable_reasons(on_now, now)
    titles = {slug: content.name for slug, content in said.items()}
    double = findings.double_bookings({slug: _until(view, now + WARNED) for slug, view in views.items()})
    return [
        _outlook(row, said[row.slug], views[row.slug], people, mute, double, titles, now, zone, cannot)
        for row in rows
        if row.slug in said
    ]


def unreachable(people: Iterable[UUID]) -> set[Person]:
    """Return who of these cannot be told anything, by id as text."""
    known = set(people)
    return {str(pk) for pk in known - notify.reachable(known)}


def found_words(
    found: Sequence[Finding], names: Mapping[Person, str], titles: Mapping[str, str], zone: ZoneInfo, own: str
) -> list[FoundWords]:
    """Return findings in words. `own` is the schedule whose page shows them; the other of a double booking is named."""
    return [
        FoundWords(
            one.kind,
            FINDINGS[one.kind],
            between(one.start, one.end, zone),
            ", ".join(
                [
                    *(names.get(person, "somebody") for person in one.people),
                    *(titles.get(slug, slug) for slug in one.schedules if slug != own),
                ]
            ),
            one.start,
            "is-risk" if one.kind in (FindingKind.OVERLAP, FindingKind.DOUBLE_BOOKED) else "is-breached",
        )
        for one in found
    ]


def _outlook(
    row: Schedule, content: Content, view: Sequence[Span], people: Mapping[UUID, User], mute: set[Person],
    double: Sequence[Finding], titles: Mapping[str, str], now: datetime, zone: ZoneInfo,
    cannot: Mapping[UUID, Sequence[str]],
) -> Outlook:  # fmt: skip
    names = {str(pk): user.name for pk, user in people.items()}
    spans = merged(view)
    judged = quality(content, view, mute)
    ahead = findings.findings_in(content, _until(view, now + WARNED), mute)
    ahead += [one for one in double if row.slug in one.schedules]
    ahead.sort(key=lambda one: one.start)
    return Outlook(
        row,
        [
            OnNow(
                people.get(UUID(one.person)), names.get(one.person, "somebody"),
                why(one, content, names, zone), one.person not in mute, tuple(cannot.get(UUID(one.person), ())),
            )
            for one in (view[0].evidence if view else ())
        ],
        spans[0].end if len(spans) > 1 else None,
        ", ".join(names.get(p, "somebody") for p in spans[1].people) or "nobody" if len(spans) > 1 else "",
        judged,
        "is-breached" if judged.score < POOR else "is-risk" if judged.score < FAIR else "",
        found_words(ahead, names, titles, zone, row.slug),
    )  # fmt: skip


def _until(view: Sequence[Span], end: datetime) -> list[Span]:
    """Return the part of a view before `end`."""
    return [
        span if span.end <= end else Span(span.start, end, span.people, span.evidence)
        for span in view
        if span.start < end
    ]
