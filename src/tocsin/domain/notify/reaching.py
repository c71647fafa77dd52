"""Who cannot be reached, and why: the one answer for a person's own page, for leads and for schedules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from tocsin.domain.notify.enums import NEEDS_NO_PROVIDER, Channel, Urgency
from tocsin.domain.notify.logic.reachability import FAILED_IN_A_ROW, Address, Judgement, Situation, judge
from tocsin.domain.notify.logic.sequence import Method, Rule, steps
from tocsin.domain.notify.models import OPEN, ContactRule, Delivery, QuietHours
from tocsin.domain.notify.one_time import TEST, VERIFICATION
from tocsin.domain.notify.providers import ENVIRONMENT, healths, providers
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound

GONE = ("404", "410")  # what a push service says of a browser that has unsubscribed
LOOKED_BACK = timedelta(days=30)
SHOWN = timedelta(hours=1)  # how long the outcome of a test stays on the page
WATCHED = timedelta(minutes=2)  # how long the page keeps looking for it

# For each method: the failures since something last got through, newest first. Both looks step into an index.
_METHODS = """
SELECT m.id, m.user_id, m.channel, m.address, m.verified_at IS NOT NULL, m.stopped_at IS NOT NULL, f.n, f.error
FROM notify_contactmethod m
LEFT JOIN LATERAL (
  SELECT d.sent_at FROM notify_delivery d WHERE d.channel = m.channel AND d.address = m.address
    AND d.sent_at IS NOT NULL AND d.state <> 'failed' ORDER BY d.sent_at DESC LIMIT 1
) ok ON true
LEFT JOIN LATERAL (
  SELECT count(*) AS n, (array_agg(x.error ORDER BY x.id DESC))[1] AS error FROM (
    SELECT d.id, d.error FROM notify_delivery d JOIN notify_page p ON p.id = d.page_id
    WHERE d.user_id = m.user_id AND d.channel = m.channel AND d.address = m.address AND d.state = 'failed'
      AND p.created_at > greatest(coalesce(ok.sent_at, %(since)s), %(since)s) ORDER BY d.id DESC LIMIT %(most)s
  ) x
) f ON true
WHERE m.user_id = ANY(%(users)s::uuid[]) ORDER BY m.user_id, m.id
"""


def unreachable_reasons(user_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[str]]:
    """Return, for those of `user_ids` whom no urgent page would reach, the reasons in plain words."""
    return {user: list(found.cannot) for user, found in judgements(user_ids, now).items() if found.cannot}


def judgements(user_ids: Iterable[UUID], now: datetime) -> dict[UUID, Judgement]:
    """Return how each of `user_ids` can be reached; four statements, however many they are."""
    wanted = list(set(user_ids))
    if not wanted:
        return {}
    known = set(User.objects.filter(pk__in=wanted, is_active=True).values_list("pk", flat=True))
    rows, idle = _methods(wanted, now), idle_channels(now)
    rules: dict[UUID, list[tuple[UUID, str, int, timedelta]]] = defaultdict(list)
    for rule in ContactRule.objects.filter(user_id__in=wanted):
        delay = timedelta(seconds=rule.delay_seconds)
        rules[rule.user_id].append((rule.method_id, rule.urgency, rule.position, delay))
    quiet = {one.user_id: (one.starts, one.ends) for one in QuietHours.objects.filter(user_id__in=wanted)}
    return {user: judge(_situation(user in known, rows[user], rules[user], quiet.get(user), idle)) for user in wanted}


def idle_channels(now: datetime) -> dict[str, str]:
    """Return {channel: why nothing goes out by it at the moment} for the channels of which that is so."""
    doing = healths()
    found: dict[str, list[str]] = defaultdict(list)
    enabled: dict[str, list[str]] = defaultdict(list)
    for one in providers():
        found[one.channel].append(str(one.pk))
        if one.enabled:
            enabled[one.channel].append(str(one.pk))
    idle = {}
    for channel in Channel.values:
        names = enabled[channel] + _of_environment(channel, set_up=bool(found[channel]))
        conditions = [doing[name] for name in names if name in doing]
        if not names:
            idle[channel] = "an administrator has set up no provider for it"
        elif len(conditions) == len(names) and all(one.condition.rests_at(now) for one in conditions):
            latest = max(conditions, key=lambda one: (one.last_error_at is not None, one.last_error_at))
            idle[channel] = f"its provider fails ({latest.last_error[:120]})"
    return idle


def _of_environment(channel: str, *, set_up: bool) -> list[str]:
    """Return the names of the ways out that need no provider: channels/ways.py builds the same."""
    name = f"{ENVIRONMENT}{channel}"
    if channel == Channel.EMAIL:
        return [name] if settings.SMTP_HOST else []
    if channel in (Channel.WEBHOOK, Channel.CONSOLE) or (channel in NEEDS_NO_PROVIDER and not set_up):
        return [name]
    return []


def _methods(users: list[UUID], now: datetime) -> dict[UUID, list[Any]]:
    values: Mapping[str, Any] = {"users": users, "since": now - LOOKED_BACK, "most": 10 * FAILED_IN_A_ROW}
    found: dict[UUID, list[Any]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_METHODS, dict(values))
        for row in cursor.fetchall():
            found[row[1]].append(row)
    return found


def _situation(
    active: bool, rows: list[Any], rules: list[tuple[UUID, str, int, timedelta]], quiet: Any, idle: Mapping[str, str]
) -> Situation:
    labels = dict(Channel.choices)
    addresses = tuple(
        Address(
            name=f"{labels.get(channel, channel)} {address}", verified=verified, stopped=stopped,
            carrier=idle.get(channel, ""), failed=failed or 0, error=(error or "")[:160].rstrip("."),
            ended=channel == Channel.WEB_PUSH and (error or "").startswith(GONE),
        )
        for _, _, channel, address, verified, stopped, failed, error in rows
    )  # fmt: skip
    methods = {row[0]: Method(row[2], row[3]) for row in rows if row[4]}
    places = {Method(row[2], row[3]): place for place, row in enumerate(rows)}
    own = [Rule(urgency, position, delay, methods[m]) for m, urgency, position, delay in rules if m in methods]
    used = {
        urgency: tuple(places[step.method] for step in steps(list(methods.values()), own, urgency))
        for urgency in Urgency.values
    }
    return Situation(
        active=active, addresses=addresses, urgent=used[Urgency.HIGH], other=used[Urgency.NORMAL], quiet=quiet
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a test or a code that somebody had sent to an address of theirs."""

    delivery: UUID
    channel: str
    address: str
    is_code: bool
    state: str
    attempts: int
    asked_at: datetime
    due_at: datetime | None
    answer: str  # of the provider, to the newest try

    def over(self, now: datetime) -> bool:
        """Say whether nothing new is to be expected within the next seconds."""
        return self.state not in OPEN or now - self.asked_at > WATCHED


def trials(user_id: UUID, now: datetime) -> dict[tuple[str, str], Trial]:
    """Return the newest trial of each of a person's addresses within the last hour, by (channel, address)."""
    rows = _trials(user_id).filter(page__created_at__gt=now - SHOWN).order_by("page__created_at", "pk")
    return {(one.channel, one.address): one for one in map(_trial, rows)}


def trial(user_id: UUID, delivery_id: UUID) -> Trial:
    """Return one trial of a person's own. Raises NotFound."""
    found = _trials(user_id).filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("delivery_not_found", "There is no such test.")
    return _trial(found)


def _trials(user_id: UUID) -> QuerySet[Delivery]:
    about = Q(page__data__has_key=TEST) | Q(page__data__has_key=VERIFICATION)
    own = Delivery.objects.filter(about, user_id=user_id, page__user_id=user_id, page__run=None)
    return own.select_related("page").prefetch_related("tries")


def _trial(row: Delivery) -> Trial:
    answers = [one.answer for one in sorted(row.tries.all(), key=lambda one: one.pk)]
    return Trial(
        delivery=row.pk, channel=row.channel, address=row.address, is_code=VERIFICATION in row.page.data, state=row.state,
        attempts=row.attempts, asked_at=row.page.created_at, due_at=row.due_at, answer=(answers or [row.error])[-1],
    )  # fmt: skip
