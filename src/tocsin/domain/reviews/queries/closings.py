"""Closings: those still to be filled in, their taxonomy, and what they count up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.reviews.enums import AvoidableBy
from tocsin.domain.reviews.models import CauseCategory, Closing
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.kernel.errors import NotFound

PAGE = 200


def categories() -> list[CauseCategory]:
    """Return the whole taxonomy, each parent before its children, by name."""
    rows = list(CauseCategory.objects.order_by("name"))
    below: dict[UUID | None, list[CauseCategory]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    found: list[CauseCategory] = []

    def walk(parent: UUID | None) -> None:
        for row in below.get(parent, []):
            found.append(row)
            walk(row.pk)

    walk(None)
    return found


def category_names() -> dict[UUID, str]:
    """Return {category: "Parent: Child"}, in the order of the tree."""
    names: dict[UUID, str] = {}
    for row in categories():
        names[row.pk] = f"{names[row.parent_id]}: {row.name}" if row.parent_id else row.name
    return names


def category_choices() -> list[tuple[str, str]]:
    """Return what closings offer: those in use whose parents are in use."""
    retired: set[UUID | None] = set()
    names = category_names()
    found = []
    for row in categories():
        if row.retired or row.parent_id in retired:
            retired.add(row.pk)
        else:
            found.append((str(row.pk), names[row.pk]))
    return found


def closing_of(user: User, escalation_id: UUID) -> Closing:
    """Return the closing of an escalation on a ticket this person may see. Raises NotFound."""
    rows = Closing.objects.select_related(
        "escalation__ticket", "escalation__policy", "category", "article", "filled_by"
    )
    found = rows.filter(pk=escalation_id, escalation__ticket__in=visible_to(user)).first()
    if found is None or not is_staff.test(user):
        raise NotFound("closing_not_found", "This escalation is still at work, or you may not see it.")
    return found


def to_close(user: User) -> list[Closing]:
    """Return what nobody has filled in yet, the latest first."""
    return list(
        _waiting(user).select_related("escalation__ticket__owner", "escalation__policy").order_by("-ended_at")[:PAGE]
    )


def to_close_count(user: User) -> int:
    return _waiting(user).count()


def _waiting(user: User) -> QuerySet[Closing]:
    return Closing.objects.filter(filled_at__isnull=True, escalation__ticket__in=visible_to(user))


@dataclass(frozen=True, slots=True)
class Counted:
    """How many escalations that ended in a period have this answer. `key`: the category's id or an AvoidableBy."""

    key: str
    name: str
    count: int


def counts_by_cause(
    *, start: datetime, end: datetime, escalations: QuerySet[Escalation] | None = None
) -> list[Counted]:
    """Count filled closings of escalations that ended in [start, end) by category of cause, the most frequent first."""
    names = category_names()
    rows = _filled(start, end, escalations).values_list("category").annotate(n=Count("pk")).order_by("-n")
    return [Counted(str(pk), names.get(pk, ""), n) for pk, n in rows if pk is not None]


def counts_by_avoidable(
    *, start: datetime, end: datetime, escalations: QuerySet[Escalation] | None = None
) -> list[Counted]:
    """Count filled closings of escalations that ended in [start, end) by what would have made them unnecessary."""
    rows = _filled(start, end, escalations).values_list("avoidable_by").annotate(n=Count("pk")).order_by("-n")
    return [Counted(word, AvoidableBy(word).label, n) for word, n in rows]


def missing_words(*, start: datetime, end: datetime, field: str = "decision_missing") -> Sequence[str]:
    """Return what people said was missing: "decision_missing" or "article_missing", the latest first."""
    if field not in ("decision_missing", "article_missing"):
        raise ValueError(f"closings have no {field}")
    rows = _filled(start, end, None).exclude(**{field: ""}).order_by("-ended_at")
    return list(rows.values_list(field, flat=True)[:PAGE])


def _filled(start: datetime, end: datetime, escalations: QuerySet[Escalation] | None) -> QuerySet[Closing]:
    found = Closing.objects.filter(filled_at__isnull=False, ended_at__gte=start, ended_at__lt=end)
    found = found.filter(escalation__ticket__is_drill=False)
    return (found if escalations is None else found.filter(escalation__in=escalations)).order_by()


def closings_of_ticket(ticket_id: UUID) -> list[Closing]:
    """Return the closings of a ticket's escalations, those to be filled in first."""
    rows = Closing.objects.filter(escalation__ticket=ticket_id).select_related("escalation__policy", "category")
    return sorted(rows, key=lambda one: (one.filled_at is not None, -one.ended_at.timestamp()))


def reviewable(ticket: Ticket) -> list[UUID]:
    """Return a ticket's escalations that a review can be about: all that nobody else's policy called."""
    rows = Escalation.objects.filter(ticket=ticket, parent__isnull=True).order_by("opened_at")
    return list(rows.values_list("pk", flat=True))


def article_choices(closing: Closing) -> list[tuple[str, str]]:
    """Return articles that may have been used: those of the ticket and its service first, then the latest published."""
    ticket = closing.escalation.ticket
    used = Article.objects.filter(used__ticket=ticket)
    live = Article.objects.filter(state="published")
    rows = [*used.distinct()[:20], *live.filter(service=ticket.service_id)[:40], *live.order_by("-updated_at")[:100]]
    if closing.article is not None:
        rows.insert(0, closing.article)
    return [(str(pk), name) for pk, name in {one.pk: f"{one.reference} {one.title}"[:120] for one in rows}.items()]


def article_of(user: User, article_id: UUID) -> Article:
    """Return an article that was chosen in a closing. Raises NotFound."""
    found = Article.objects.filter(pk=article_id).first()
    if found is None or not is_staff.test(user):
        raise NotFound("article_not_found", "There is no such article.")
    return found


def category_tree() -> list[tuple[CauseCategory, int, int]]:
    """Return (category, depth from 0, how many closings it has), each parent before its children."""
    counted = dict(
        Closing.objects.filter(category__isnull=False).order_by().values_list("category").annotate(n=Count("pk"))
    )
    depths: dict[UUID, int] = {}
    found = []
    for row in categories():
        depths[row.pk] = depths[row.parent_id] + 1 if row.parent_id else 0
        found.append((row, depths[row.pk], counted.get(row.pk, 0)))
    return found
