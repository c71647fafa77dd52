"""Opening a ticket."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from tocsin.domain.journal.actions import gathered
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets.actions.attaching import keep_files
from tocsin.domain.tickets.actions.recording import Recording, actor_of, finish, text
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.events import TicketOpened
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.logic.priority import priority_of
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import priority_cells
from tocsin.kernel.errors import InvalidInput, NotAllowed
from tocsin.kernel.ids import new_id


@transaction.atomic
def open_ticket(
    *,
    subject: str,
    description: str = "",
    requester: User | None,
    by: User | None,
    now: datetime,
    organisation: Organisation | None = None,
    service: Service | None = None,
    team: Team | None = None,
    owner: User | None = None,
    impact: int = 2,
    urgency: int = 2,
    category: str = "",
    configuration_item: str = "",
    channel: str = "web",
    opened_at: datetime | None = None,
    is_demo: bool = False,
    actor: str | None = None,
    files: Sequence[Upload] = (),
    lenient: bool = False,
) -> Ticket:
    """Open a ticket for `requester` and return it; its priority comes from impact x urgency (1 to 3 each).

    What a machine opens may have no requester: nobody is written to then, and nobody else sees it. Without
    `organisation` it is the requester's, without `team` the one that owns the service.
    `opened_at` (UTC, not after `now`) starts the clocks earlier, e.g. for a call written down
    later. A requester opens tickets for themselves only. A ticket that has an owner from the start
    is open, not new. `files` and `lenient` as in add_message.
    """
    if by is not None and not is_staff.test(by) and (requester is None or by.pk != requester.pk):
        message = "You can open tickets for yourself only. Ask the service desk to open this one."
        raise NotAllowed("not_allowed", message)
    check_scales(impact, urgency)
    started = opened_at or now
    if started > now:
        problem = "The ticket cannot have begun in the future."
        raise InvalidInput("opened_in_future", f"{problem} Give an earlier time.", {"opened_at": problem})
    if owner is not None:
        check_owner(owner)
    team = team or (service.team if service else None)
    ticket = Ticket(
        id=new_id(),
        number=_next_number(),
        subject=text("subject", subject, limit=300, required=True),
        description=text("description", description, limit=200_000),
        organisation=organisation or (requester.organisation if requester else None),
        requester=requester,
        service=service,
        team=team,
        owner=owner,
        status=Status.OPEN if owner else Status.NEW,
        impact=impact,
        urgency=urgency,
        priority=priority_of(impact, urgency, priority_cells()),
        category=text("category", category, limit=120),
        configuration_item=text("configuration item", configuration_item, limit=120),
        channel=text("channel", channel, limit=20, required=True),
        opened_at=started,
        updated_at=now,
        unassigned_since=None if owner else started,
        team_since=started if team else None,
        is_demo=is_demo,
    )
    recording = Recording(ticket=ticket, now=now, actor=actor_of(by, actor), by=by)
    recording.owner_acts()
    ticket.save(force_insert=True)
    keep_files(ticket=ticket, message=None, files=files, by=by or requester, now=now, lenient=lenient)
    _keep_first_state(recording)
    with gathered():
        return finish(recording)


def check_scales(impact: int, urgency: int) -> None:
    """Raise InvalidInput unless both are 1, 2 or 3."""
    given = {"impact": impact, "urgency": urgency}
    wrong = {name: "Choose 1 (high), 2 or 3 (low)." for name, value in given.items() if value not in (1, 2, 3)}
    if wrong:
        raise InvalidInput("bad_scale", f"Correct {' and '.join(wrong)}: choose 1 (high), 2 or 3 (low).", wrong)


def check_owner(owner: User) -> None:
    """Raise InvalidInput unless this person works here and is active."""
    if not is_staff.test(owner):
        reason = "is not active any more" if not owner.is_active else "does not work on tickets"
        problem = f"{owner.name} {reason}."
        raise InvalidInput("bad_owner", f"{problem} Choose somebody else.", {"owner": problem})


def _keep_first_state(recording: Recording) -> None:
    """Keep what the ticket began with as changes from nothing, so that folds need its history only."""
    ticket = recording.ticket
    first: dict[str, object] = {
        "status": ticket.status,
        "impact": int(ticket.impact),
        "urgency": int(ticket.urgency),
        "priority": int(ticket.priority),
        "service": ticket.service_id,
        "team": ticket.team_id,
        "line": ticket.team.line if ticket.team else None,
        "owner": ticket.owner_id,
    }
    for name, value in first.items():
        if value is not None:
            recording.change(name, None, value)
    for change in recording.changes:
        change.at = ticket.opened_at
    recording.fact(
        "ticket.opened",
        number=ticket.number,
        requester=ticket.requester_id,
        organisation=ticket.organisation_id,
        opened_at=ticket.opened_at,
        channel=ticket.channel,
        **first,
    )
    recording.event(TicketOpened, row=ticket)


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number')")
        (number,) = cursor.fetchone()
    return int(number)
