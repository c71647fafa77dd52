"""What the command page shows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.swarms.enums import NoteKind, Role, TaskState
from tocsin.domain.swarms.models import Command, Holding, Note, Task
from tocsin.domain.swarms.rules import may_see_command
from tocsin.domain.tickets.queries import TimelineItem, timeline
from tocsin.domain.tickets.rules import may_see_ticket
from tocsin.kernel.errors import NotFound

SINGLE = (Role.OWNER, Role.COMMUNICATOR, Role.SCRIBE)
LATEST = 400  # events of the ticket that are looked at for pinning


@dataclass(frozen=True, slots=True)
class Seat:
    """One role that has one holder."""

    role: str
    label: str
    holding: Holding | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the curated timeline. A pinned event carries the event itself."""

    note: Note
    event: TimelineItem | None


@dataclass(frozen=True, slots=True)
class Board:
    """Everything of a command."""

    command: Command
    seats: list[Seat]
    experts: list[Holding]
    open_tasks: list[Task]
    ended_tasks: list[Task]
    lines: list[Line]  # newest first
    decisions: list[Note]  # newest first
    latest: list[TimelineItem]  # events of the ticket that are not pinned, newest first


def _rows() -> QuerySet[Command]:
    holdings = Holding.objects.filter(until=None).select_related("person").order_by("since", "pk")
    tasks = Task.objects.select_related("owner", "ended_by").order_by("due_at", "made_at")
    notes = Note.objects.filter(taken_off_at=None).select_related("by").order_by("-at", "-pk")
    rows = Command.objects.select_related(
        "escalation__ticket__owner", "escalation__ticket__organisation", "escalation__ticket__service",
        "escalation__policy", "escalation__owner", "opened_by",
    )  # fmt: skip
    return rows.prefetch_related(Prefetch("holdings", holdings), Prefetch("tasks", tasks), Prefetch("notes", notes))


def command_of(escalation_id: UUID) -> Command | None:
    """Return the command of an escalation; None where nobody has opened one."""
    return _rows().filter(escalation=escalation_id).first()


def commands_of(escalation_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these escalations that have a command; one query."""
    return set(Command.objects.filter(escalation__in=escalation_ids).values_list("escalation", flat=True))


def access_command(user: User, escalation: Escalation) -> Command:
    """Return the command of an escalation, if this person may see it. Raises NotFound."""
    found = command_of(escalation.pk)
    if found is None or not (may_see_ticket & may_see_command).test(user, found.escalation.ticket):
        raise NotFound("command_not_found", "Nobody has opened the command of this escalation yet.")
    return found


def _visible(user: User, command: Command) -> bool:
    return bool((may_see_ticket & may_see_command).test(user, command.escalation.ticket))


def access_task(user: User, task_id: UUID) -> Task:
    """Return a task with its command, if this person may see it. Raises NotFound."""
    found = Task.objects.select_related("command__escalation__ticket", "owner").filter(pk=task_id).first()
    if found is None or not _visible(user, found.command):
        raise NotFound("task_not_found", "There is no such task, or you may not see it.")
    return found


def access_note(user: User, note_id: UUID) -> Note:
    """Return a line of a command's timeline, if this person may see it. Raises NotFound."""
    found = Note.objects.select_related("command__escalation__ticket").filter(pk=note_id).first()
    if found is None or not _visible(user, found.command):
        raise NotFound("note_not_found", "There is no such line, or you may not see it.")
    return found


def board_of(command: Command) -> Board:
    """Return what the page shows of a command that came from these queries."""
    events = {item.position: item for item in timeline(command.escalation.ticket_id)}
    holdings, notes, tasks = list(command.holdings.all()), list(command.notes.all()), list(command.tasks.all())
    held = {one.role: one for one in holdings if one.role in SINGLE}
    pinned = {one.position for one in notes if one.kind == NoteKind.PIN}
    loose = [item for item in events.values() if item.position and item.position not in pinned]
    return Board(
        command=command, seats=[Seat(role, Role(role).label, held.get(role)) for role in SINGLE],
        experts=[one for one in holdings if one.role == Role.EXPERT],
        open_tasks=sorted((t for t in tasks if t.state == TaskState.OPEN), key=_urgency),
        ended_tasks=[t for t in tasks if t.state != TaskState.OPEN], lines=story_of(notes, events),
        decisions=[one for one in notes if one.kind == NoteKind.DECISION], latest=loose[::-1][:LATEST],
    )  # fmt: skip


def story_of(notes: Collection[Note], events: Mapping[int, TimelineItem]) -> list[Line]:
    """Return the curated timeline, newest first: pinned events with themselves, typed facts and decisions."""
    return [
        Line(one, events.get(one.position) if one.position else None)
        for one in notes
        if one.kind != NoteKind.PIN or one.position in events
    ]


def _urgency(task: Task) -> tuple[bool, float, datetime]:
    return task.due_at is None, task.due_at.timestamp() if task.due_at else 0.0, task.made_at


def next_task_due() -> datetime | None:
    """Return when somebody is to be told next that a task is overdue."""
    rows = Task.objects.filter(notice_due_at__isnull=False)
    return rows.order_by("notice_due_at").values_list("notice_due_at", flat=True).first()
