"""Following, snoozing, time spent, and saved views."""

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import transaction

from tocsin.domain.desk.actions.working import journal, worked_on
from tocsin.domain.desk.enums import Density
from tocsin.domain.desk.models import Follower, SavedView, Snooze, TimeSpent
from tocsin.domain.desk.rules import may_change_view, may_share_views
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

LONGEST_SNOOZE = timedelta(days=30)
COLUMNS = ("clock", "sev", "subject", "status", "owner", "last", "customer", "service", "opened", "tags", "risk")


@transaction.atomic
def follow(*, ticket_id: UUID, by: User, now: datetime) -> None:
    """Be told of what happens on the ticket. Following twice is following."""
    ticket = worked_on(ticket_id, by)
    _, made = Follower.objects.get_or_create(ticket=ticket, user=by, defaults={"since": now})
    if made:
        journal(ticket, "ticket.followed", by, now)


@transaction.atomic
def unfollow(*, ticket_id: UUID, by: User, now: datetime) -> None:
    """Be told no more."""
    ticket = worked_on(ticket_id, by)
    gone, _ = Follower.objects.filter(ticket=ticket, user=by).delete()
    if gone:
        journal(ticket, "ticket.unfollowed", by, now)


@transaction.atomic
def snooze(*, ticket_id: UUID, until: datetime, by: User, now: datetime, reason: str = "") -> Snooze:
    """Let the ticket sleep until `until` (at most 30 days). Its clocks go on, and ladders climb all the same."""
    ticket = worked_on(ticket_id, by)
    if not now < until <= now + LONGEST_SNOOZE:
        problem = "Choose a time within the next 30 days."
        raise InvalidInput("until", problem, {"until": problem})
    kept = {"by": by, "reason": reason.strip()[:200], "since": now, "due_at": until}
    made, _ = Snooze.objects.update_or_create(ticket=ticket, defaults=kept)
    journal(ticket, "ticket.snoozed", by, now, until=until.isoformat(), reason=made.reason)
    return made


@transaction.atomic
def wake(*, ticket_id: UUID, by: User | None, now: datetime, why: str = "") -> bool:
    """End a snooze; return whether there was one."""
    asleep = Snooze.objects.select_related("ticket").filter(ticket=ticket_id).first()
    if asleep is None:
        return False
    journal(asleep.ticket, "ticket.woken", by, now, why=why)
    asleep.delete()
    return True


def next_wake_due() -> datetime | None:
    """Return when the next ticket wakes (UTC)."""
    return Snooze.objects.order_by("due_at").values_list("due_at", flat=True).first()


def wake_due(*, now: datetime, limit: int = 200) -> int:
    """Wake what has slept long enough, and tell who put it to sleep; return how many."""
    woken = 0
    for ticket_id in Snooze.objects.filter(due_at__lte=now).order_by("due_at").values_list("ticket", flat=True)[:limit]:
        with transaction.atomic():
            ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
            asleep = Snooze.objects.select_for_update(skip_locked=True).filter(ticket=ticket, due_at__lte=now).first()
            if asleep is None:
                continue
            sleeper, reason = asleep.by_id, asleep.reason
            wake(ticket_id=ticket.pk, by=None, now=now, why="the time has come")
            body = f"You had let it sleep{f': {reason}' if reason else '.'}"
            subject = f"{ticket.reference} is awake: {ticket.subject}"[:300]
            page = PageRequest(
                user_id=sleeper, subject=subject, body=body, urgency="normal", purpose="notice", ticket=ticket.pk,
                data={"reference": ticket.reference},
            )  # fmt: skip
            notify.enqueue(pages=[page], now=now)
            woken += 1
    return woken


@transaction.atomic
def log_time(
    *, ticket_id: UUID, minutes: int, by: User, now: datetime, what: str = "", at: datetime | None = None
) -> TimeSpent:
    """Note `minutes` (1 to 1,440) of work on the ticket."""
    ticket = worked_on(ticket_id, by)
    if not 1 <= minutes <= 1440:
        problem = "Write minutes between 1 and 1,440."
        raise InvalidInput("minutes", problem, {"minutes": problem})
    if at is not None and at > now:
        raise InvalidInput("at", "Work that is still to come cannot be noted.", {"at": "in the future"})
    made = TimeSpent.objects.create(ticket=ticket, user=by, minutes=minutes, what=what.strip()[:200], at=at or now)
    journal(ticket, "ticket.time_spent", by, now, minutes=minutes, what=made.what)
    return made


@transaction.atomic
def save_view(
    *, name: str, query: str, by: User, team: Team | None = None, shared: bool = False, columns: list[str] | None = None,
    density: str = Density.COMFORTABLE, view_id: UUID | None = None,
) -> SavedView:  # fmt: skip
    """Keep a view of the queue: one's own, a team's, or (`shared`) everybody's. `query` is the address's filters."""
    if (team is not None or shared) and not may_share_views.test(by):
        raise NotAllowed("not_allowed", "Views for others are made by leads and administrators. Ask one of them.")
    kept = urlencode([(key, value) for key, value in parse_qsl(query.lstrip("?")) if key not in {"page", "known"}])
    problems: dict[str, str] = {}
    if not name.strip() or len(name.strip()) > 60:
        problems["name"] = "Give it a name of at most 60 characters."
    if len(kept) > 600:
        problems["query"] = "These filters are too long to keep."
    if unknown := [column for column in columns or [] if column not in COLUMNS]:
        problems["columns"] = f"There is no column {unknown[0]}. Known are: {', '.join(COLUMNS)}."
    if density not in Density.values:
        problems["density"] = "Choose compact or comfortable."
    if problems:
        raise InvalidInput("bad_view", " ".join(problems.values()), problems)
    values = {
        "name": name.strip(), "query": kept, "columns": columns or [], "density": density, "team": team,
        "owner": None if shared or team is not None else by,
    }  # fmt: skip
    if view_id is None:
        return SavedView.objects.create(**values)
    view = _own_view(view_id, by)
    for field, value in values.items():
        setattr(view, field, value)
    view.save()
    return view


@transaction.atomic
def delete_view(*, view_id: UUID, by: User) -> None:
    """Forget a view."""
    _own_view(view_id, by).delete()


def _own_view(view_id: UUID, by: User) -> SavedView:
    view = SavedView.objects.filter(pk=view_id).first()
    if view is None or not may_change_view.test(by, view):
        raise NotFound("view_not_found", "There is no such view, or it belongs to others.")
    return view
