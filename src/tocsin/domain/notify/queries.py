"""Named reads of contacts, pages, deliveries and the engine's health."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q

from tocsin.domain.notify.addresses import opened
from tocsin.domain.notify.enums import (
    DRILL,
    LETTER,
    MAILING_LANE,
    TELLING,
    AttemptOutcome,
    Channel,
    DeliveryState,
    PageState,
    Urgency,
)
from tocsin.domain.notify.logic.sequence import Method, Rule
from tocsin.domain.notify.models import (
    OPEN,
    Attempt,
    CaughtMail,
    ContactMethod,
    ContactRule,
    Delivery,
    Heartbeat,
    Page,
    QuietHours,
)
from tocsin.domain.notify.one_time import worded
from tocsin.kernel.errors import NotFound

CONFIRMS = "confirms"  # in a letter's data: the delivery whose answer it confirms
SILENT_AFTER = timedelta(minutes=2)  # without a beat a loop counts as stopped; rows due longer count as overdue


@dataclass(frozen=True, slots=True)
class Contacts:
    """One person's verified methods in order of their making, and the rules that use them."""

    methods: tuple[Method, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One delivery as the ticket page and the person's own page list it."""

    id: UUID
    page_id: UUID
    user_id: UUID
    user_name: str
    purpose: str
    channel: str
    address: str
    state: str
    attempts: int
    due_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page that still waits for its person."""

    id: UUID
    run: UUID | None
    cycle: int
    level: int
    ticket: UUID | None
    purpose: str
    urgency: str
    subject: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """`overdue_seconds`: how long the oldest due delivery has waited (0: none is due). Duplicates are suspected where
    a sender fell silent during a lease and the delivery was sent (perhaps again) later."""

    pending: int
    overdue_seconds: float
    expired_leases: int
    suspected_duplicates: int


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """`state`: ok, late (something is overdue) or stopped (no auditor or no loop has been heard of for two minutes)."""

    state: str
    auditor_age_seconds: float | None
    overdue: dict[str, float] = field(default_factory=dict)  # source -> seconds
    silent: tuple[str, ...] = ()  # kinds of loops that nobody runs: ticker, sender


def reachable(user_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of `user_ids` who are active and have a verified contact method."""
    found = ContactMethod.objects.filter(user_id__in=set(user_ids), user__is_active=True, verified_at__isnull=False)
    return set(found.values_list("user_id", flat=True))


def contacts(user_ids: Iterable[UUID]) -> dict[UUID, Contacts]:
    """Return the contacts of all active persons among `user_ids` who have a verified method; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.user_id, m.id, m.channel, m.address, r.urgency, r.position, r.delay_seconds "
            "FROM notify_contactmethod m JOIN people_user u ON u.id = m.user_id AND u.is_active "
            "LEFT JOIN notify_contactrule r ON r.method_id = m.id AND r.user_id = m.user_id "
            "WHERE m.user_id = ANY(%s::uuid[]) AND m.verified_at IS NOT NULL ORDER BY m.user_id, m.id",
            [list(set(user_ids))],
        )
        rows = cursor.fetchall()
    methods: dict[UUID, dict[UUID, Method]] = defaultdict(dict)
    rules: dict[UUID, list[Rule]] = defaultdict(list)
    for user, method_id, channel, address, urgency, position, delay in rows:
        method = methods[user].setdefault(method_id, Method(channel, address))
        if urgency is not None:
            rules[user].append(Rule(urgency, position, timedelta(seconds=delay), method))
    return {user: Contacts(tuple(own.values()), tuple(rules[user])) for user, own in methods.items()}


def quiet_hours(user_ids: Iterable[UUID]) -> dict[UUID, tuple[time, time, str]]:
    """Return (starts, ends, zone) of those persons who have quiet hours."""
    rows = QuietHours.objects.filter(user_id__in=set(user_ids)).values_list("user_id", "starts", "ends", "user__zone")
    return {user: (starts, ends, zone) for user, starts, ends, zone in rows}


def next_due(channels: Sequence[str] | None = None) -> datetime | None:
    """Return when the next delivery is to be sent, or its lease ends; None if the outbox is empty."""
    found = [_next_due_of(channel) for channel in channels or Channel.values]
    return min((at for at in found if at is not None), default=None)


def _next_due_of(channel: str) -> datetime | None:
    # One channel at a time: each is one step into the (channel, due_at) index, however long the outbox is.
    due = Delivery.objects.filter(channel=channel, state__in=OPEN, withdrawn_at=None)
    return due.order_by("due_at").values_list("due_at", flat=True).first()


def others_reachable(*, run: UUID, cycle: int, level: int, besides: UUID) -> bool:
    """Say whether somebody else paged on this level has been, or may yet be, reached."""
    others = Page.objects.filter(run=run, cycle=cycle, level=level).exclude(pk=besides)
    return others.filter(state__in=[PageState.ACTIVE, PageState.DONE]).exists()


def deliveries_of_ticket(ticket: UUID) -> list[DeliveryLine]:
    """Return every delivery about a ticket, newest page first."""
    return _lines(Q(page__ticket=ticket))


def deliveries_of_user(user_id: UUID, limit: int = 100) -> list[DeliveryLine]:
    """Return a person's delivery log, newest page first. Of mailings kept under this person only what failed."""
    told = ~Q(lane__startswith=MAILING_LANE) | Q(state=DeliveryState.FAILED)
    return _lines(Q(user_id=user_id) & told)[:limit]


def _lines(condition: Q) -> list[DeliveryLine]:
    rows = Delivery.objects.filter(condition).select_related("user", "page")
    return [
        DeliveryLine(
            d.pk, d.page_id, d.user_id, d.user.name, d.page.purpose, d.channel, d.address, d.state, d.attempts,
            d.due_at, d.sent_at, d.delivered_at, d.error,
        )
        for d in rows.order_by("-page__created_at", "page_id", "position")[:1000]
    ]  # fmt: skip


def open_pages(user_id: UUID) -> list[OpenPage]:
    """Return what waits for this person's answer, newest first: runs' pages that were not taken back."""
    live = Page.objects.filter(user_id=user_id, run__isnull=False, state__in=[PageState.ACTIVE, PageState.DONE])
    asking = live.exclude(purpose__in=["warning", "notice"]).order_by("-created_at")[:500]
    return [
        OpenPage(p.pk, p.run, p.cycle, p.level, p.ticket, p.purpose, p.urgency, p.subject, p.created_at) for p in asking
    ]


def outbox_health(now: datetime) -> OutboxHealth:
    """Return how the outbox stands."""
    waiting = Delivery.objects.filter(state__in=OPEN, withdrawn_at=None)
    oldest = waiting.aggregate(at=Min("due_at"))["at"]
    doubtful = Attempt.objects.filter(outcome=AttemptOutcome.LEASE_LOST, at__gt=now - timedelta(days=1))
    sent = [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.BUNDLED]
    return OutboxHealth(
        pending=waiting.filter(state=DeliveryState.PENDING).count(),
        overdue_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        expired_leases=waiting.filter(state=DeliveryState.LEASED, due_at__lt=now).count(),
        suspected_duplicates=doubtful.filter(delivery__state__in=sent).values("delivery").distinct().count(),
    )


def engine_health(now: datetime) -> EngineHealth:
    """Return what the health light and `/engine` show, from the loops' last beats."""
    beats = {beat.name: beat for beat in Heartbeat.objects.all()}
    live = {name.partition(":")[0] for name, beat in beats.items() if now - beat.at <= SILENT_AFTER}
    silent = tuple(kind for kind in ("ticker", "sender") if kind not in live)
    auditor = beats.get("auditor")
    age = (now - auditor.at).total_seconds() if auditor else None
    overdue = dict(auditor.data.get("overdue", {})) if auditor else {}
    stopped = auditor is None or silent or now - auditor.at > SILENT_AFTER
    state = "stopped" if stopped else "late" if overdue else "ok"
    return EngineHealth(state, age, overdue, silent)


def caught_mails(limit: int = 200) -> list[CaughtMail]:
    """Return the demo's mails, newest first."""
    return list(CaughtMail.objects.defer("raw").order_by("-at", "-pk")[:limit])


def caught_mail(pk: int) -> CaughtMail | None:
    return CaughtMail.objects.filter(pk=pk).first()


def pages_of_run(run: UUID) -> list[Page]:
    """Return every page of a run with its person, deliveries and their attempts, oldest first: the proof."""
    rows = Page.objects.filter(run=run).select_related("user").prefetch_related("deliveries__tries")
    return list(rows.order_by("created_at", "pk"))


def pages_between(start: datetime, end: datetime) -> dict[UUID, int]:
    """Return how often each person was paged from `start` until before `end`: what asks for an answer, no notices."""
    rows = Page.objects.filter(created_at__gte=start, created_at__lt=end).exclude(purpose__in=[*TELLING, DRILL])
    return dict(rows.values_list("user").annotate(count=Count("pk")).values_list("user", "count"))


def methods_of(user_id: UUID) -> list[ContactMethod]:
    """Return every contact method of a person, verified or not, in order of their making."""
    return list(ContactMethod.objects.filter(user=user_id).order_by("pk"))


def rules_of(user_id: UUID) -> dict[str, list[ContactRule]]:
    """Return a person's own sequence for each urgency, in order; an empty one means every method at once."""
    found: dict[str, list[ContactRule]] = {urgency: [] for urgency in Urgency.values}
    for rule in ContactRule.objects.filter(user=user_id).select_related("method").order_by("position"):
        found[rule.urgency].append(rule)
    return found


def method_of(method_id: UUID) -> ContactMethod:
    """Return one contact method with its person. Raises NotFound."""
    found = ContactMethod.objects.select_related("user").filter(pk=method_id).first()
    if found is None:
        raise NotFound("method_not_found", "There is no such contact method.")
    return found


def answers_confirmed(user_id: UUID, *, since: datetime) -> int:
    """Return how many of a person's answers by mail were confirmed by a letter since then."""
    return Page.objects.filter(user=user_id, purpose=LETTER, data__has_key=CONFIRMS, created_at__gte=since).count()


@dataclass(frozen=True, slots=True)
class Told:
    """What one delivery tells its person: for whoever asks back what to say, or where a short link leads."""

    delivery: UUID
    channel: str
    address: str
    user_id: UUID
    name: str
    language: str
    run: UUID | None
    cycle: int
    level: int
    purpose: str
    subject: str
    body: str
    made_at: datetime
    together: int  # deliveries of the message that it leads; 1: it goes alone
    waits: bool  # neither taken back nor failed


def told(delivery_id: UUID) -> Told:
    """Return what a delivery tells. Raises NotFound."""
    found = Delivery.objects.select_related("page", "user").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("delivery_not_found", "There is no such message. Open the newest one, or sign in.")
    page, user = found.page, found.user
    together = Delivery.objects.filter(bundle=found.bundle).count() if found.bundle else 1
    over = [DeliveryState.WITHDRAWN, DeliveryState.FAILED]
    withdrawn = page.state == PageState.WITHDRAWN or found.state in over or found.withdrawn_at is not None
    spoken = found.channel == Channel.VOICE
    return Told(
        delivery=found.pk, channel=found.channel, address=found.address, user_id=user.pk, name=user.name,
        language=user.language, run=page.run, cycle=page.cycle, level=page.level, purpose=page.purpose,
        subject=worded(page.subject, page.data, spoken=spoken), body=worded(page.body, page.data, spoken=spoken),
        made_at=page.created_at, together=together, waits=not withdrawn,
    )  # fmt: skip


def own_address(user_id: UUID, channel: str) -> str:
    """Return a person's verified address on a channel, the oldest of several; "" without one."""
    verified = ContactMethod.objects.filter(user=user_id, channel=channel, verified_at__isnull=False)
    found = verified.order_by("pk").first()
    return (opened(found.address, found.sealed) if found else None) or ""


def is_known(channel: str, address: str) -> bool:
    """Say whether an active person has verified this address."""
    verified = ContactMethod.objects.filter(channel=channel, address__iexact=address.strip(), user__is_active=True)
    return verified.filter(verified_at__isnull=False).exists()


def beat_age(name: str, now: datetime) -> float | None:
    """Return the seconds since `name` was last heard of, None if it never was."""
    found = Heartbeat.objects.filter(name=name).first()
    return round((now - found.at).total_seconds(), 3) if found else None
