"""How customers' messages sound over weeks: by customer and by service. Counted in the database."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count

from tocsin.domain.listening.models import Signal
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets

WEEKS = 12


@dataclass(slots=True)
class Course:
    """One customer's or service's messages: how many, how many of them displeased, by week (oldest first)."""

    id: str
    name: str
    weeks: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)] * WEEKS)  # (messages, displeased)

    @property
    def messages(self) -> int:
        """Messages in all weeks."""
        return sum(count for count, _ in self.weeks)

    @property
    def displeased(self) -> int:
        """How many of them sound displeased, mildly or more."""
        return sum(count for _, count in self.weeks)

    @property
    def share(self) -> float:
        """Share of displeased messages, 0 to 1."""
        return self.displeased / self.messages if self.messages else 0.0

    @property
    def shares(self) -> list[float | None]:
        """The share of each week, None where nobody wrote."""
        return [bad / count if count else None for count, bad in self.weeks]

    @property
    def change(self) -> float | None:
        """Share of the last four weeks less that of the eight before, None where one of them has no message."""
        late, early = self.weeks[-4:], self.weeks[:-4]
        counts = [sum(count for count, _ in part) for part in (early, late)]
        if not all(counts):
            return None
        bad = [sum(count for _, count in part) for part in (early, late)]
        return bad[1] / counts[1] - bad[0] / counts[0]


def by_customer(user: User, now: datetime) -> list[Course]:
    """Return the customers by the share of displeased messages within twelve weeks, worst first."""
    return _courses(user, now, "organisation_id", "people_organisation")


def by_service(user: User, now: datetime) -> list[Course]:
    """Return the same by service."""
    return _courses(user, now, "service_id", "people_service")


def _courses(user: User, now: datetime, column: str, table: str) -> list[Course]:
    begin = now - timedelta(weeks=WEEKS)
    seen, parameters = tickets.visible_to(user).order_by().values("pk").query.sql_with_params()
    # Names of columns and tables are ours; everything else is a parameter.
    sql = (
        f"SELECT o.id::text, o.name, floor(extract(epoch FROM s.at - %s) / 604800)::int AS week, "  # noqa: S608 - above
        f"count(*), count(*) FILTER (WHERE s.degree > 0) FROM listening_signal s JOIN tickets_ticket t ON t.id = s.ticket_id "
        f"JOIN {table} o ON o.id = t.{column} WHERE s.at >= %s AND s.at <= %s AND t.id IN ({seen}) GROUP BY 1, 2, 3"
    )
    found: dict[str, Course] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [begin, begin, now, *parameters])
        rows = cursor.fetchall()
    counts: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for pk, name, week, count, bad in rows:
        found.setdefault(pk, Course(pk, name))
        index = min(week, WEEKS - 1)
        before = counts[pk].get(index, (0, 0))
        counts[pk][index] = (before[0] + count, before[1] + bad)
    for pk, weeks in counts.items():
        found[pk].weeks = [weeks.get(n, (0, 0)) for n in range(WEEKS)]
    return sorted(found.values(), key=lambda c: (-c.share, -c.messages, c.name))[:100]


def strong_by_customer(customer_ids: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Return {customer: messages of the last 90 days that sound strongly displeased or worse}."""
    strong = Signal.objects.filter(
        ticket__organisation__in=list(customer_ids), degree__gte=2, at__gte=now - timedelta(days=90)
    )
    counted = strong.order_by().values_list("ticket__organisation").annotate(n=Count("pk"))
    return {customer: n for customer, n in counted if customer is not None}


def course_of(user: User, organisation_id: UUID, now: datetime) -> Course | None:
    """Return how one customer's messages sound over twelve weeks, as far as `user` may see; None: they wrote nothing."""
    return next((one for one in by_customer(user, now) if one.id == str(organisation_id)), None)
