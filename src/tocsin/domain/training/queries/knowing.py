"""Who knows something, by what evidence, and whether they can be had now."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Count, Q

from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.logic.quiet import quiet_until
from tocsin.domain.notify.models import ContactMethod
from tocsin.domain.notify.reaching import judgements
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people.models import Skill, Team, User
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.domain.training.logic.reachable import Knower, in_order
from tocsin.domain.training.models import Grant

ALIKE = 0.45
AHEAD = timedelta(days=14)
MOST = 100


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why somebody has a skill, in words; `until` None: for good."""

    skill: Skill
    word: str
    until: datetime | None
    by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Knows(Knower):
    """Somebody who knows it: evidence, duty, absence, and the ways in which they are reached."""

    person: User
    evidence: list[Evidence]
    duties: list[str]  # schedules in which they are on call now
    next_duty: datetime | None
    away_until: datetime | None
    ways: list[str]
    teams: list[Team]


def skills_like(text: str, limit: int = 12) -> list[Skill]:
    """Return skills whose name holds or resembles `text`, the likest first, with `many` active people."""
    wanted = text.replace("\x00", "").strip()[:80]
    rows = Skill.objects.annotate(many=Count("people", filter=Q(people__is_active=True)))
    if not wanted:
        return list(rows.order_by("name")[:500])
    found = rows.annotate(likeness=TrigramWordSimilarity(wanted, "name"))
    return list(found.filter(Q(likeness__gt=ALIKE) | Q(name__icontains=wanted)).order_by("-likeness", "name")[:limit])


def who_knows(skills: Collection[Skill], now: datetime) -> list[Knows]:
    """Return the active people with any of these skills, whoever can be had now first. A constant number of queries."""
    people = list(
        User.objects.filter(skills__in=skills, is_active=True).distinct().prefetch_related("teams").order_by("name")[:MOST]
    )  # fmt: skip
    ids = [one.pk for one in people]
    on: dict[UUID, list[str]] = defaultdict(list)
    for schedule in oncall.who_is_on_now(None, now).values():
        for pk, _ in schedule.people:
            on[pk].append(schedule.name)
    following = _next_duties(ids, now)
    away = oncall.away_at(now)
    quiet = {
        pk: quiet_until(starts=starts, ends=ends, zone=zone, now=now)
        for pk, (starts, ends, zone) in notify.quiet_hours(ids).items()
    }
    judged = judgements(ids, now)
    proven = ContactMethod.objects.filter(user__in=ids, verified_at__isnull=False, stopped_at=None)
    ways: dict[UUID, list[str]] = defaultdict(list)
    for one in proven.order_by("pk"):
        if one.get_channel_display() not in ways[one.user_id]:
            ways[one.user_id].append(one.get_channel_display())
    carried = Counter(
        dict(Ticket.objects.filter(owner__in=ids, status__in=OPEN_STATUSES).order_by().values_list("owner").annotate(Count("pk")))
    )  # fmt: skip
    evidence = _evidence(ids, skills)
    found = [
        Knows(
            name=one.name, on_call=bool(on[one.pk]), away=one.pk in away, reachable=not judged[one.pk].cannot,
            quiet_until=quiet.get(one.pk),
            tickets=carried[one.pk], person=one, evidence=evidence[one.pk], duties=on[one.pk],
            next_duty=following.get(one.pk), away_until=away.get(one.pk), ways=ways[one.pk], teams=list(one.teams.all()),
        )
        for one in people
    ]  # fmt: skip
    return in_order(found)


def _next_duties(ids: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    """Return when each of these people is next on call, within two weeks; one pass over each schedule."""
    wanted = {str(pk) for pk in ids}
    found: dict[UUID, datetime] = {}
    for slug in oncall.schedules_of() if wanted else ():
        for span in oncall.final_view(slug, now, now + AHEAD):
            for person in wanted.intersection(span.people) if span.start > now else ():
                found[UUID(person)] = min(found.get(UUID(person), span.start), span.start)
    return found


def _evidence(ids: Sequence[UUID], skills: Collection[Skill]) -> dict[UUID, list[Evidence]]:
    """Return why each has which of these skills; what nobody has granted stands in the register by hand."""
    rows = Grant.objects.filter(person__in=ids, skill__in=skills, ended_at=None)
    grants: dict[tuple[UUID, int], Grant] = {}
    for one in rows.select_related("completion__course", "by").order_by("completion__valid_until", "at"):
        grants[one.person_id, one.skill_id] = one
    found: dict[UUID, list[Evidence]] = defaultdict(list)
    through = Skill.people.through.objects.filter(user__in=ids, skill__in=skills)
    for person, skill_id in through.values_list("user", "skill").order_by("skill__name"):
        skill = next(one for one in skills if one.pk == skill_id)
        found[person].append(_said(skill, grants.get((person, skill_id))))
    return found


def _said(skill: Skill, grant: Grant | None) -> Evidence:
    if grant is None:
        return Evidence(skill, "entered by hand", None, by_hand=True)
    if grant.completion is not None:
        return Evidence(skill, f"passed {grant.completion.course.title}", grant.completion.valid_until, by_hand=False)
    word = f"{grant.by.name} says so" if grant.by else "a lead says so"
    return Evidence(skill, f"{word}: {grant.word}" if grant.word else word, None, by_hand=True)


def register(person: User) -> list[Evidence]:
    """Return one person's skills with their evidence, by name."""
    skills = list(Skill.objects.filter(people=person).order_by("name"))
    return _evidence([person.pk], skills)[person.pk]
