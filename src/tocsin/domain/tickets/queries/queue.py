"""The queue: which tickets, in which order, and how many stand behind each view."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tocsin.domain.people.models import Membership, User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.enums import HandoverState, Status
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.domain.tickets.queries.access import SHOWN, visible_to
from tocsin.domain.tickets.queries.counting import count_together

LARGEST_PAGE = 200
SORTS = {
    "priority": ("priority", "opened_at", "number"),
    "newest": ("-opened_at", "-number"),
    "oldest": ("opened_at", "number"),
    "updated": ("-updated_at", "-number"),
    "number": ("number",),
}
_REFERENCE = re.compile(r"^\s*(?:[Tt]-?|#)?(\d{1,18})\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilters:
    """What a view of the queue shows. Every field can stand in the address of the page."""

    status: str = "open"  # "open" (all that are not resolved or closed), "waiting", "all", or a Status value
    team: str = ""  # slug, or "mine" for the teams of the viewer, or "none"
    owner: str = ""  # "me", "none", or an e-mail address
    priority: tuple[int, ...] = ()  # 1 to 4; empty for all
    service: str = ""  # slug
    organisation: UUID | None = None
    text: str = ""  # a reference such as T-1001, or words to be found in subject, description or configuration item
    sort: str = "priority"  # a key of SORTS
    page: int = 1
    size: int = 50  # rows a page, at most LARGEST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One page of the queue."""

    tickets: list[Ticket]
    total: int
    page: int
    pages: int
    filters: QueueFilters


def filtered(user: User, filters: QueueFilters) -> QuerySet[Ticket]:
    """Return the tickets of a view that this person may see, unsorted, for those who add their own columns."""
    tickets = visible_to(user).filter(_status(filters.status))
    if filters.team:
        tickets = tickets.filter(_team(filters.team, user))
    if filters.owner:
        tickets = tickets.filter(_owner(filters.owner, user))
    if filters.priority:
        tickets = tickets.filter(priority__in=filters.priority)
    if filters.service:
        tickets = tickets.filter(service__slug=filters.service)
    if filters.organisation is not None:
        tickets = tickets.filter(organisation=filters.organisation)
    if filters.text.strip():
        tickets = tickets.filter(_text(filters.text, internal=bool(rules.may_see_internals.test(user))))
    return tickets


def queue(user: User, filters: QueueFilters) -> QueuePage:
    """Return one page of a view with everything its rows show: two queries, however many rows.

    An unknown sort means by priority; a page beyond the last means the last.
    """
    size = min(max(filters.size, 1), LARGEST_PAGE)
    tickets = filtered(user, filters)
    total = tickets.count()
    pages = max(-(-total // size), 1)
    page = min(max(filters.page, 1), pages)
    order = SORTS.get(filters.sort, SORTS["priority"])
    rows = tickets.select_related(*SHOWN).order_by(*order)[(page - 1) * size : page * size]
    return QueuePage(tickets=list(rows), total=total, page=page, pages=pages, filters=filters)


def counts(user: User, now: datetime, *, asleep: QuerySet[Any, UUID] | None = None) -> dict[str, int]:
    """Return how many tickets stand behind each standing view: {view: count}, MANY meaning that many or more.

    open, mine, my_teams (open in my teams), unassigned (of my teams), critical, waiting, and
    handovers (offers that wait for my answer). Those of `asleep` are not counted. One statement.
    """
    return count_together(standing_views(user, now, asleep=asleep))


def standing_views(
    user: User, now: datetime, *, asleep: QuerySet[Any, UUID] | None = None
) -> dict[str, QuerySet[Any, Any]]:
    """Return what stands behind each standing view (see `counts`), to be counted together with other things."""
    seen = visible_to(user) if asleep is None else visible_to(user).exclude(pk__in=asleep)
    open_now = seen.filter(_status("open"))
    of_my_teams = open_now.filter(_team("mine", user))
    return {
        "open": open_now,
        "mine": open_now.filter(owner=user),
        "my_teams": of_my_teams,
        "unassigned": of_my_teams.filter(owner=None),
        "critical": open_now.filter(priority=1),
        "waiting": seen.filter(_status("waiting")),
        "handovers": _waiting_for(user, now),
    }


def handovers_waiting_for(user: User, now: datetime) -> list[Handover]:
    """Return the offers that this person may accept at `now`, oldest first, with ticket and sender."""
    offers = _waiting_for(user, now).select_related("ticket", "from_user", "from_team", "to_user", "to_team")
    return list(offers.order_by("offered_at"))


def open_handover(ticket_id: UUID) -> Handover | None:
    """Return the offer that stands on a ticket, with sender and addressee; it may have run out unswept."""
    offers = Handover.objects.select_related("from_user", "from_team", "to_user", "to_team")
    return offers.filter(ticket=ticket_id, state=HandoverState.OFFERED).first()


def next_handover_due() -> datetime | None:
    """Return when the next offer runs out (UTC), None if none stands."""
    offers = Handover.objects.filter(state=HandoverState.OFFERED).order_by("expires_at")
    return offers.values_list("expires_at", flat=True).first()


def _waiting_for(user: User, now: datetime) -> QuerySet[Handover]:
    mine = Q(to_user=user) | Q(to_user=None, to_team__in=_teams_of(user))
    return Handover.objects.filter(mine, state=HandoverState.OFFERED, expires_at__gt=now)


def _teams_of(user: User) -> QuerySet[Membership, UUID]:
    return Membership.objects.filter(user=user).values_list("team", flat=True)


def _status(wanted: str) -> Q:
    if wanted == "all":
        return Q()
    if wanted == "waiting":
        return Q(status__in=sorted(lifecycle.WAITING))
    if wanted != "open" and wanted in Status.values:
        return Q(status=wanted)
    # Written as the partial index tickets_open has it, so that the index serves it.
    return ~Q(status__in=["resolved", "closed"])


def _team(wanted: str, user: User) -> Q:
    if wanted == "mine":
        return Q(team__in=_teams_of(user))
    return Q(team=None) if wanted == "none" else Q(team__slug=wanted)


def _owner(wanted: str, user: User) -> Q:
    if wanted == "me":
        return Q(owner=user)
    return Q(owner=None) if wanted == "none" else Q(owner__email__iexact=wanted)


def _text(wanted: str, *, internal: bool) -> Q:
    """Return the condition for words; customers find nothing by what they do not see (the configuration item)."""
    reference = _REFERENCE.match(wanted)
    if reference:
        return Q(number=int(reference.group(1)))
    # A NUL would be refused by PostgreSQL; nothing stored can contain it.
    words = wanted.replace("\x00", "").split()
    found = Q()
    for word in words[:8]:
        shown = Q(subject__icontains=word) | Q(description__icontains=word)
        found &= shown | Q(configuration_item__icontains=word) if internal else shown
    return found
