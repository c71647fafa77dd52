"""Tasks of a command: made, changed, done; and who hears that one is overdue."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.swarms.actions.locking import begin_on_command
from tocsin.domain.swarms.actions.telling import command_path, tell
from tocsin.domain.swarms.enums import Role, TaskState
from tocsin.domain.swarms.logic.overdue import first_notice, notice
from tocsin.domain.swarms.models import Holding, Task
from tocsin.domain.tickets.actions.recording import Recording, finish, text
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_work_on_ticket
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id


@transaction.atomic
def add_task(
    *, command_id: UUID, title: str, by: User, now: datetime, owner: User | None = None, due_at: datetime | None = None
) -> Task:
    """Note what is to be done, by whom and by when; the owner is told. Raises InvalidInput by field."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    _check(recording, owner, due_at)
    made = Task.objects.create(
        id=new_id(), command=command, title=text("title", title, limit=200, required=True), owner=owner, due_at=due_at,
        notice_due_at=first_notice(due_at), made_by=by, made_at=now,
    )  # fmt: skip
    recording.fact(
        "command.task_added",
        command=command.pk,
        task=made.pk,
        title=made.title,
        person=owner and owner.pk,
        due_at=due_at,
    )
    recording.owner_acts()
    finish(recording)
    _tell_owner(made, recording.ticket, by, now)
    return made


@transaction.atomic
def change_task(
    *, task_id: UUID, by: User, now: datetime, state: str | None = None, title: str | None = None,
    owner: User | None = None, due_at: datetime | None = None, whole: bool = False,
) -> Task:  # fmt: skip
    """Change a task: its state (open, done, dropped), or with `whole` its title, owner and time as given.

    A new time or owner begins the notices anew. Setting what is already set changes nothing.
    """
    command_id = Task.objects.filter(pk=task_id).values_list("command", flat=True).first()
    if command_id is None:
        raise NotFound("task_not_found", "There is no such task, or you may not see it.")
    recording, command = begin_on_command(command_id, by=by, now=now)
    task = Task.objects.select_for_update(of=("self",)).get(pk=task_id)
    new_owner = False
    if whole:
        if due_at != task.due_at:
            _check(recording, owner, due_at)
        else:
            _check(recording, owner, None)
        new_owner = owner is not None and owner.pk != task.owner_id
        if new_owner or due_at != task.due_at:
            task.notices, task.notice_due_at = 0, first_notice(due_at)
        task.title, task.owner, task.due_at = text("title", title or "", limit=200, required=True), owner, due_at
        recording.fact(
            "command.task_changed", command=command.pk, task=task.pk, title=task.title, person=owner and owner.pk,
            due_at=due_at,
        )  # fmt: skip
    if state is not None and state != task.state:
        _put_state(task, state, by, now)
        recording.fact("command.task_ended" if state != TaskState.OPEN else "command.task_reopened",
                       command=command.pk, task=task.pk, title=task.title, state=state)  # fmt: skip
    if task.state != TaskState.OPEN:
        task.notice_due_at = None
    task.save()
    recording.owner_acts()
    finish(recording)
    if new_owner and task.state == TaskState.OPEN:
        _tell_owner(task, recording.ticket, by, now)
    return task


@transaction.atomic
def remind_due(*, now: datetime, limit: int) -> int:
    """Say that up to `limit` tasks are overdue: to their owners first, then to the owners of their escalations.

    Tickets that another worker holds are skipped, so any number of workers may call this side by side.
    """
    due = Task.objects.filter(notice_due_at__lte=now)
    tickets = Ticket.objects.select_for_update(of=("self",), skip_locked=True).filter(
        pk__in=due.order_by("notice_due_at").values("command__escalation__ticket")[:limit]
    )
    held = {ticket.pk: ticket for ticket in tickets}
    rows = list(
        due.select_for_update(of=("self",)).filter(command__escalation__ticket__in=list(held))
        .select_related("command__escalation").order_by("command__escalation__ticket", "pk")
    )  # fmt: skip
    owners = _owners(rows, held)
    for task in rows:
        ticket = held[task.command.escalation.ticket_id]
        found = notice(sent=task.notices, owner=task.owner_id, escalation_owner=owners[task.command_id], at=now)
        task.notices, task.notice_due_at = task.notices + 1, found.next_at
        task.save(update_fields=["notices", "notice_due_at"])
        recording = Recording(ticket=ticket, now=now, actor="engine", by=None)
        recording.fact("command.task_overdue", task=task.pk, title=task.title, person=found.person, due_at=task.due_at)
        finish(recording)
        if found.person is not None:
            tell(
                [found.person], ticket=ticket, subject=f"Overdue on {ticket.reference}: {task.title}",
                body="It was due and is not done. Do it, give it a new time, or give it to somebody else.",
                path=command_path(task.command.escalation_id), now=now, urgency=Urgency.HIGH,
            )  # fmt: skip
    return len(rows)


def _owners(rows: list[Task], held: dict[UUID, Ticket]) -> dict[UUID, UUID | None]:
    """Return for each command who answers for it: its owner, else the escalation's, else the ticket's."""
    holding = Holding.objects.filter(command__in=[task.command_id for task in rows], role=Role.OWNER, until=None)
    in_role = dict(holding.values_list("command", "person"))
    found: dict[UUID, UUID | None] = {}
    for task in rows:
        escalation = task.command.escalation
        own = in_role.get(task.command_id) or escalation.owner_id or held[escalation.ticket_id].owner_id
        found[task.command_id] = own
    return found


def _check(recording: Recording, owner: User | None, due_at: datetime | None) -> None:
    if owner is not None and not may_work_on_ticket.test(owner, recording.ticket):
        problem = f"{owner.name} does not work on tickets here. Choose somebody else."
        raise InvalidInput("bad_person", problem, {"owner": problem})
    if due_at is not None and due_at <= recording.now:
        problem = "This time is past. Give one that is still to come."
        raise InvalidInput("past", problem, {"due_at": problem})


def _put_state(task: Task, state: str, by: User, now: datetime) -> None:
    if state not in TaskState.values:
        problem = f"Choose one of {', '.join(TaskState.values)}."
        raise InvalidInput("bad_state", problem, {"state": problem})
    is_open = state == TaskState.OPEN
    task.state, task.ended_at, task.ended_by = state, None if is_open else now, None if is_open else by
    if is_open and task.due_at is not None:
        task.notices, task.notice_due_at = 0, max(task.due_at, now)


def _tell_owner(task: Task, ticket: Ticket, by: User, now: datetime) -> None:
    if task.owner_id is None or task.owner_id == by.pk:
        return
    tell(
        [task.owner_id], ticket=ticket, subject=f"For you on {ticket.reference}: {task.title}",
        body=f"{by.name} gave you this task of the escalation: {ticket.subject}",
        path=command_path(task.command.escalation_id), now=now, urgency=Urgency.HIGH,
    )  # fmt: skip
