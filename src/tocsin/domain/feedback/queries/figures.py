"""CSAT as a read model: the same figures by page, API and CSV (SEMANTICS 9)."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from tocsin.domain.feedback.enums import AskState, Kind
from tocsin.domain.feedback.logic.satisfaction import Satisfaction, satisfaction
from tocsin.domain.feedback.logic.themes import Comment, Theme, themes
from tocsin.domain.feedback.models import Ask
from tocsin.domain.tickets.models import Rating

MOST_COMMENTS = 5_000  # that themes are found in, the newest
GROUPS = {
    "team": ("ticket__team__name", "ticket__team__slug"),
    "service": ("ticket__service__name", "ticket__service__slug"),
    "customer": ("ticket__organisation__name", "ticket__organisation__pk"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which ratings: given from `start` until before `end` (UTC), of tickets as they stand now."""

    start: datetime
    end: datetime
    team: str = ""  # slug
    service: str = ""  # slug
    customer: UUID | None = None

    def before(self) -> "Selection":
        """Return the period of the same length before."""
        return replace(self, start=self.start - (self.end - self.start), end=self.start)


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a table: a team, a service, a customer or a month."""

    name: str
    key: str
    figures: Satisfaction


def _of(where: Selection) -> Q:
    found = Q(ticket__is_drill=False)
    if where.team:
        found &= Q(ticket__team__slug=where.team)
    if where.service:
        found &= Q(ticket__service__slug=where.service)
    if where.customer:
        found &= Q(ticket__organisation=where.customer)
    return found


def ratings(where: Selection) -> QuerySet[Rating]:
    """Return the ratings of a selection, the latest first, with their tickets."""
    rows = Rating.objects.filter(_of(where), given_at__gte=where.start, given_at__lt=where.end)
    return rows.select_related("ticket__organisation", "ticket__team", "ticket__service", "by").order_by(
        "-given_at", "-pk"
    )


def asks(where: Selection) -> QuerySet[Ask]:
    """Return who was asked by mail in the period to rate a resolution, whether answered or not (withdrawn ones not)."""
    rows = Ask.objects.filter(_of(where), kind=Kind.CSAT, asked_at__gte=where.start, asked_at__lt=where.end)
    return rows.exclude(state__in=[AskState.WITHDRAWN, AskState.SKIPPED])


def figures(where: Selection) -> Satisfaction:
    """Return CSAT of a selection with response rate and n."""
    scores = dict(ratings(where).order_by().values_list("score").annotate(Count("pk")))
    asked = asks(where).aggregate(asked=Count("pk"), answered=Count("pk", filter=Q(state=AskState.ANSWERED)))
    return satisfaction(scores, asked=asked["asked"], answered=asked["answered"])


def by_group(where: Selection, group: str) -> list[Group]:
    """Return CSAT by team, service or customer: the most rated first. What belongs to none is named "none"."""
    name, key = GROUPS[group]
    return _grouped(where, {"name": F(name), "key": F(key)}, newest_last=False)


def by_month(where: Selection) -> list[Group]:
    """Return CSAT by calendar month (UTC), in order of time."""
    return _grouped(where, None, newest_last=True)


def _grouped(where: Selection, names: dict[str, Any] | None, *, newest_last: bool) -> list[Group]:
    given = names or {"name": TruncMonth("given_at"), "key": TruncMonth("given_at")}
    asking = names or {"name": TruncMonth("asked_at"), "key": TruncMonth("asked_at")}
    scores: dict[tuple[Any, Any], dict[int, int]] = defaultdict(dict)
    for row in ratings(where).order_by().values("score", group=given["name"], of=given["key"]).annotate(n=Count("pk")):
        scores[row["group"], row["of"]][row["score"]] = row["n"]
    asked: dict[tuple[Any, Any], tuple[int, int]] = {}
    answered = Count("pk", filter=Q(state=AskState.ANSWERED))
    for put in asks(where).values(group=asking["name"], of=asking["key"]).annotate(n=Count("pk"), done=answered):
        asked[put["group"], put["of"]] = (put["n"], put["done"])
    found = []
    for name, key in {**dict.fromkeys(scores), **dict.fromkeys(asked)}:
        n, done = asked.get((name, key), (0, 0))
        made = satisfaction(scores.get((name, key), {}), asked=n, answered=done)
        shown = f"{name:%Y-%m}" if isinstance(name, datetime) else str(name or "")
        found.append(Group(shown, str(key or "") if not newest_last else shown, made))
    if newest_last:
        return sorted(found, key=lambda one: one.name)
    return sorted(found, key=lambda one: (-one.figures.n, -one.figures.asked, one.name))


def themes_of(where: Selection) -> tuple[list[Theme], dict[str, Rating], int]:
    """Return what comments are about, {id of a comment: its rating} for the examples, and how many were read."""
    rows = list(ratings(where).exclude(comment="")[:MOST_COMMENTS])
    found = themes(Comment(str(row.pk), row.score, row.comment) for row in rows)
    wanted = {pk for theme in found for pk in theme.examples}
    return found, {str(row.pk): row for row in rows if str(row.pk) in wanted}, len(rows)


def bad(where: Selection, low: int) -> QuerySet[Rating]:
    """Return the ratings at or below `low`, the latest first, with their recovery."""
    return ratings(where).filter(score__lte=low).select_related("recovery__owner")


def commented(where: Selection, words: str) -> QuerySet[Rating]:
    """Return the ratings whose comment holds these words, the latest first."""
    return ratings(where).exclude(comment="").filter(comment__icontains=words)
