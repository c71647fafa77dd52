"""Customers as a whole: how each fares, and everything of one. A constant number of queries, however many there are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.sla.enums import TargetKind
from tocsin.domain.sla.models import Agreement, Clock, Target
from tocsin.domain.sla.queries import ClockFace, next_breaches
from tocsin.domain.status import rules
from tocsin.domain.status.enums import AccountState, Held
from tocsin.domain.status.logic.health import Health, Signs, health
from tocsin.domain.status.models import AccountEscalation, AccountTicket, AccountUpdate
from tocsin.domain.tickets.models import OPEN_STATUSES, Rating, Ticket
from tocsin.kernel.errors import NotFound

PERIOD = timedelta(days=90)
PATIENCE = timedelta(hours=4)
SHOWN = 50
GOOD = 4

# Counts that other rooms know: {customer: {a field of Signs: how many}}.
type More = Mapping[UUID, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One customer in the list."""

    organisation: Organisation
    signs: Signs
    health: Health
    escalation: AccountEscalation | None


@dataclass(frozen=True, slots=True)
class Csat:
    """What its people have said of resolutions in the period."""

    good: int
    n: int
    resolved: int
    latest: list[Rating]

    @property
    def percent(self) -> int | None:
        """Share of 4 and 5, None while nobody has said."""
        return round(100 * self.good / self.n) if self.n else None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """An open ticket and the clock that matters most, if it has one."""

    ticket: Ticket
    clock: ClockFace | None
    grouped: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Everything of one customer."""

    row: AccountRow
    tickets: list[OpenTicket]
    more_tickets: int
    escalations: list[Escalation]
    repeats: list[tuple[str, int]]  # services that were escalated more than once
    csat: Csat
    agreements: list[Agreement]
    contacts: list[User]
    owners: list[tuple[User, int]]  # ours, and how many of its open tickets each has
    past: list[AccountEscalation]


def accounts(now: datetime, more: More | None = None) -> list[AccountRow]:
    """Return every customer that ever had a ticket or has an account manager, those who fare worst first."""
    asked = Exists(Ticket.objects.filter(organisation=OuterRef("pk"), is_drill=False))
    found = Organisation.objects.select_related("account_manager").filter(asked | Q(account_manager__isnull=False))
    return _rows(list(found.order_by("name")), now, more or {})


def account(organisation_id: UUID, now: datetime, more: More | None = None) -> AccountPage:
    """Return everything of one customer. Raises NotFound."""
    found = Organisation.objects.select_related("account_manager").filter(pk=organisation_id).first()
    if found is None:
        raise NotFound("account_not_found", "There is no such customer, or you may not see it.")
    (row,) = _rows([found], now, more or {})
    of_it = Ticket.objects.filter(organisation=found, is_drill=False)
    open_now = of_it.filter(status__in=OPEN_STATUSES)
    shown = list(open_now.select_related("owner", "service", "requester").order_by("priority", "opened_at")[:SHOWN])
    faces = next_breaches([one.pk for one in shown], now)
    grouped = set(
        AccountTicket.objects.filter(
            escalation__organisation=found, escalation__state=AccountState.OPEN, state=Held.IN
        ).values_list("ticket_id", flat=True)
    )
    begun = Escalation.objects.filter(ticket__in=of_it, parent__isnull=True, opened_at__gte=now - PERIOD)
    escalations = list(begun.select_related("ticket__service", "policy", "owner").order_by("-opened_at")[:SHOWN])
    return AccountPage(
        row=row,
        tickets=[OpenTicket(one, faces.get(one.pk), one.pk in grouped) for one in shown],
        more_tickets=max(0, row.signs.open_tickets - len(shown)),
        escalations=escalations,
        repeats=_repeated(begun),
        csat=_csat(of_it, now),
        agreements=_agreements(found),
        contacts=list(User.objects.filter(organisation=found, is_active=True).order_by("name")[:SHOWN]),
        owners=_owners(open_now),
        past=list(
            AccountEscalation.objects.filter(organisation=found, state=AccountState.ENDED).order_by("-ended_at")[:20]
        ),
    )


def access_account_escalation(user: User, number: int) -> AccountEscalation:
    """Return one with its people. Raises NotFound if it is absent or not for this person."""
    found = (
        AccountEscalation.objects.select_related("organisation__account_manager", "owner", "offered_to", "opened_by")
        .filter(number=number)
        .first()
    )
    if found is None or not rules.may_see_accounts.test(user):
        raise NotFound("account_escalation_not_found", "There is no such account escalation, or you may not see it.")
    return found


def account_escalations(user: User) -> QuerySet[AccountEscalation]:
    """Return those that a person may be told of, open first: a customer's stakeholder those of the own company."""
    found = AccountEscalation.objects.select_related(
        "organisation__account_manager", "owner", "offered_to", "opened_by"
    )
    if not rules.may_see_accounts.test(user):
        own = user.organisation_id if user.is_active and user.role == "stakeholder" else None
        found = found.filter(organisation=own) if own else found.none()
    return found.order_by("state", "-opened_at")


def open_account_of(organisation_id: UUID | None) -> AccountEscalation | None:
    """Return the open account escalation of a customer."""
    return AccountEscalation.objects.filter(organisation=organisation_id, state=AccountState.OPEN).first()


def accounts_of_tickets(ticket_ids: Collection[UUID]) -> dict[UUID, AccountEscalation]:
    """Return the open account escalation that each of the tickets is in, where it is in one; one query."""
    held = AccountTicket.objects.filter(ticket__in=ticket_ids, state=Held.IN, escalation__state=AccountState.OPEN)
    return {row.ticket_id: row.escalation for row in held.select_related("escalation")}


def account_of_ticket(ticket_id: UUID) -> AccountEscalation | None:
    """Return the open account escalation that a ticket is in."""
    held = AccountTicket.objects.filter(ticket=ticket_id, state=Held.IN, escalation__state=AccountState.OPEN)
    row = held.select_related("escalation__owner", "escalation__organisation").first()
    return row.escalation if row else None


def held(found: AccountEscalation) -> list[AccountTicket]:
    """Return the tickets of an account escalation, those still in it first, the gravest first."""
    rows = found.held.select_related("ticket__owner", "ticket__service", "added_by")
    return sorted(rows, key=lambda row: (row.state != Held.IN, row.ticket.priority, row.added_at))


def account_updates(found: AccountEscalation) -> list[AccountUpdate]:
    """Return what the customer's side was told, newest first."""
    return list(found.updates.select_related("by").order_by("-at"))


def open_tickets_of(organisation_id: UUID) -> list[Ticket]:
    """Return the open tickets of a customer, the gravest first: for pickers."""
    open_now = Ticket.objects.filter(organisation=organisation_id, status__in=OPEN_STATUSES, is_drill=False)
    return list(open_now.order_by("priority", "opened_at")[:200])


def next_account_due() -> datetime | None:
    """Return when the clock of an account escalation is to be looked at next."""
    due = AccountEscalation.objects.filter(due_at__isnull=False).order_by("due_at")
    return due.values_list("due_at", flat=True).first()


def _rows(organisations: list[Organisation], now: datetime, more: More) -> list[AccountRow]:
    ids = [one.pk for one in organisations]
    tickets = _ticket_counts(ids, now)
    escalated, begun, repeats = _escalation_counts(ids, now)
    ratings = {
        pk: (good, n)
        for pk, good, n in Rating.objects.filter(ticket__organisation__in=ids, given_at__gte=now - PERIOD)
        .values_list("ticket__organisation")
        .annotate(good=Count("pk", filter=Q(score__gte=GOOD)), n=Count("pk"))
    }
    open_now = {
        one.organisation_id: one
        for one in AccountEscalation.objects.filter(organisation__in=ids, state=AccountState.OPEN).select_related(
            "owner"
        )
    }
    rows = []
    for one in organisations:
        good, n = ratings.get(one.pk, (0, 0))
        grouped = open_now.get(one.pk)
        overdue = grouped is not None and (grouped.target_at <= now or grouped.next_update_at <= now)
        signs = Signs(
            **tickets.get(one.pk, {}), escalated=escalated[one.pk], escalations=begun[one.pk], repeats=repeats[one.pk],
            good=good, ratings=n, account_escalation=grouped is not None, overdue_account=overdue, **more.get(one.pk, {}),
        )  # fmt: skip
        rows.append(AccountRow(one, signs, health(signs), grouped))
    return sorted(rows, key=lambda row: (row.health.points, -row.signs.open_tickets, row.organisation.name.casefold()))


_COUNTED = ("open_tickets", "grave", "breached", "waiting", "reopened")


def _ticket_counts(ids: list[UUID], now: datetime) -> dict[UUID, dict[str, int]]:
    broken = Clock.objects.filter(ticket=OuterRef("pk"), breached_at__isnull=False, stopped_at__isnull=True)
    unanswered = Q(last_customer_message_at__lt=now - PATIENCE) & (
        Q(last_public_reply_at__isnull=True) | Q(last_public_reply_at__lt=F("last_customer_message_at"))
    )
    rows = (
        Ticket.objects.filter(organisation__in=ids, status__in=OPEN_STATUSES, is_drill=False)
        .annotate(is_broken=Exists(broken.exclude(kind=TargetKind.INTERNAL)))
        .values("organisation")
        .annotate(
            open_tickets=Count("pk"), grave=Count("pk", filter=Q(priority__lte=2)),
            breached=Count("pk", filter=Q(is_broken=True)), waiting=Count("pk", filter=unanswered),
            reopened=Count("pk", filter=Q(reopens__gt=0)),
        )
    )  # fmt: skip
    return {row["organisation"]: {name: row[name] for name in _COUNTED} for row in rows}  # type: ignore[literal-required]  # they stand in the query


def _escalation_counts(ids: list[UUID], now: datetime) -> tuple[Counter[UUID], Counter[UUID], Counter[UUID]]:
    """Return by customer: open now, begun in the period, and those of them that came again on a service."""
    open_now: Counter[UUID] = Counter()
    begun: Counter[UUID] = Counter()
    by_service: Counter[tuple[UUID, UUID | None]] = Counter()
    of_them = Escalation.objects.filter(ticket__organisation__in=ids, ticket__is_drill=False, parent__isnull=True)
    wanted = of_them.filter(Q(state=EscalationState.OPEN) | Q(opened_at__gte=now - PERIOD))
    rows = wanted.values_list("ticket__organisation", "ticket__service", "state", "opened_at", "ticket")
    seen: set[UUID] = set()
    for organisation, service, state, opened_at, ticket in rows:
        open_now[organisation] += state == EscalationState.OPEN
        begun[organisation] += opened_at >= now - PERIOD
        if ticket not in seen:  # two ladders on one ticket are one trouble
            seen.add(ticket)
            by_service[organisation, service] += service is not None
    repeats: Counter[UUID] = Counter()
    for (organisation, _), count in by_service.items():
        repeats[organisation] += max(0, count - 1)
    return open_now, begun, repeats


def _repeated(begun: QuerySet[Escalation]) -> list[tuple[str, int]]:
    rows = begun.exclude(ticket__service=None).values_list("ticket__service__name")
    counted = rows.annotate(n=Count("ticket", distinct=True)).filter(n__gt=1).order_by("-n")
    return [(name, n) for name, n in counted]


def _csat(of_it: QuerySet[Ticket], now: datetime) -> Csat:
    given = Rating.objects.filter(ticket__in=of_it, given_at__gte=now - PERIOD)
    counted = given.aggregate(good=Count("pk", filter=Q(score__gte=GOOD)), n=Count("pk"))
    resolved = of_it.filter(resolved_at__gte=now - PERIOD).count()
    latest = list(given.select_related("ticket", "by").order_by("-given_at")[:5])
    return Csat(counted["good"], counted["n"], resolved, latest)


def _agreements(organisation: Organisation) -> list[Agreement]:
    """Return the customer's own agreements; without any, the one that holds for everybody."""
    promised = Target.objects.exclude(kind=TargetKind.INTERNAL).order_by("kind", "priority")
    rows = (
        Agreement.objects.select_related("calendar", "service")
        .prefetch_related(Prefetch("targets", promised))
        .order_by("name")
    )
    own = list(rows.filter(organisation=organisation))
    return own or list(rows.filter(organisation=None, service=None))


def _owners(open_now: QuerySet[Ticket]) -> list[tuple[User, int]]:
    counted: dict[UUID, int] = defaultdict(int)
    for pk in open_now.exclude(owner=None).values_list("owner", flat=True):
        counted[pk] += 1
    people = User.objects.in_bulk(list(counted))
    return sorted(((people[pk], n) for pk, n in counted.items()), key=lambda one: (-one[1], one[0].name))
