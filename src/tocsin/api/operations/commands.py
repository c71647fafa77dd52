"""The command of an escalation: roles, tasks, facts and decisions, state and next update."""

from uuid import UUID

from ninja import Router

from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.schemas import swarms as schema
from tocsin.domain.people.enums import Scope
from tocsin.domain.swarms import actions, queries
from tocsin.domain.swarms.models import Command, Note, Task
from tocsin.kernel.errors import InvalidInput

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.ESCALATIONS_WRITE
COMMANDS = "Commands are"
_COMMAND = "/escalations/{uuid:escalation_id}/command"


@operation(router, "GET", _COMMAND, scope=READ, answer=schema.Command)
def read_command(request: ApiRequest, escalation_id: UUID) -> schema.Command:
    """Read the command of an escalation. 404 until somebody has opened one."""
    return _shown(_access(request, escalation_id))


@operation(router, "POST", _COMMAND, scope=WRITE, answer=schema.Command, status=201)
def open_command(request: ApiRequest, escalation_id: UUID) -> schema.Command:
    """Open the command of an escalation. Opening it again changes nothing."""
    caller = request.caller
    found = finding.access_escalation(caller, escalation_id)
    finding.demand_staff(caller, COMMANDS)
    actions.open_command(escalation_id=found.pk, by=caller.user, now=caller.now)
    return _shown(_access(request, escalation_id))


@operation(router, "PATCH", _COMMAND, scope=WRITE, answer=schema.Command)
def change_command(request: ApiRequest, escalation_id: UUID, given: schema.CommandChange) -> schema.Command:
    """Change the state, what is known, where people talk, or the time of the next update."""
    caller, command = request.caller, _access(request, escalation_id)
    by, now, said = caller.user, caller.now, given.model_fields_set
    if given.call_url is not None or given.chat_url is not None:
        call = command.call_url if given.call_url is None else given.call_url
        chat = command.chat_url if given.chat_url is None else given.chat_url
        actions.set_meeting(command_id=command.pk, call_url=call, chat_url=chat, by=by, now=now)
    if "next_update_at" in said:
        actions.set_next_update(command_id=command.pk, at=given.next_update_at, by=by, now=now)
    if given.known is not None:
        actions.set_known(command_id=command.pk, known=given.known, by=by, now=now)
    if given.state is not None:
        actions.set_state(command_id=command.pk, state=given.state, by=by, now=now)
    return _shown(_access(request, escalation_id))


@operation(router, "POST", f"{_COMMAND}/roles", scope=WRITE, answer=schema.Command)
def give_command_role(request: ApiRequest, escalation_id: UUID, given: schema.NewRole) -> schema.Command:
    """Give a role: whoever holds it hands it over; experts may be many. The ticket stays with its owner."""
    caller, command = request.caller, _access(request, escalation_id)
    person = finding.person_of(caller, "person", given.person)
    if person is not None:
        actions.give_role(command_id=command.pk, role=given.role, person=person, by=caller.user, now=caller.now)
    return _shown(_access(request, escalation_id))


@operation(router, "POST", f"{_COMMAND}/roles/end", scope=WRITE, answer=schema.Command)
def end_command_role(request: ApiRequest, escalation_id: UUID, given: schema.NewRole) -> schema.Command:
    """Take somebody out of a role. The owner's is only ever handed over."""
    caller, command = request.caller, _access(request, escalation_id)
    person = finding.person_of(caller, "person", given.person)
    if person is not None:
        actions.give_up_role(command_id=command.pk, role=given.role, person=person, by=caller.user, now=caller.now)
    return _shown(_access(request, escalation_id))


@operation(router, "POST", f"{_COMMAND}/tasks", scope=WRITE, answer=schema.Task, status=201)
def add_command_task(request: ApiRequest, escalation_id: UUID, given: schema.NewTask) -> schema.Task:
    """Note what is to be done, by whom and by when. Its owner is told, and again when it is overdue."""
    caller, command = request.caller, _access(request, escalation_id)
    owner = finding.person_of(caller, "owner", given.owner)
    made = actions.add_task(
        command_id=command.pk, title=given.title, owner=owner, due_at=given.due_at, by=caller.user, now=caller.now
    )
    return _task(made)


@operation(router, "PATCH", "/command-tasks/{uuid:task_id}", scope=WRITE, answer=schema.Task)
def change_command_task(request: ApiRequest, task_id: UUID, given: schema.TaskChange) -> schema.Task:
    """Change a task: done, dropped, somebody else's, another time."""
    caller, said = request.caller, given.model_fields_set
    found = queries.access_task(caller.user, task_id)
    whole = bool(said & {"title", "owner", "due_at"})
    changed = actions.change_task(
        task_id=found.pk, state=given.state, whole=whole, title=given.title or found.title,
        owner=finding.person_of(caller, "owner", given.owner) if "owner" in said else found.owner,
        due_at=given.due_at if "due_at" in said else found.due_at, by=caller.user, now=caller.now,
    )  # fmt: skip
    return _task(changed)


@operation(router, "POST", f"{_COMMAND}/timeline", scope=WRITE, answer=schema.CommandLine, status=201)
def add_command_line(request: ApiRequest, escalation_id: UUID, given: schema.NewCommandLine) -> schema.CommandLine:
    """Write a fact or a decision down, or pin an event of the ticket by its position in the journal."""
    caller, command = request.caller, _access(request, escalation_id)
    if given.kind == "pin":
        if given.position is None:
            problem = "Name the event to pin. GET /tickets/{number}/timeline lists them."
            raise InvalidInput("position_missing", problem, {"position": problem})
        made = actions.pin(command_id=command.pk, position=given.position, by=caller.user, now=caller.now)
    else:
        made = actions.note(
            command_id=command.pk, kind=given.kind, body=given.text, at=given.at, by=caller.user, now=caller.now
        )
    return _line(made)


@operation(router, "DELETE", "/command-notes/{uuid:note_id}", scope=WRITE, answer=None, status=204)
def take_off_command_line(request: ApiRequest, note_id: UUID) -> None:
    """Take a line off the command's timeline; the journal keeps it."""
    caller = request.caller
    found = queries.access_note(caller.user, note_id)
    actions.take_off(note_id=found.pk, by=caller.user, now=caller.now)


def _access(request: ApiRequest, escalation_id: UUID) -> Command:
    found = finding.access_escalation(request.caller, escalation_id)
    return queries.access_command(request.caller.user, found)


def _shown(command: Command) -> schema.Command:
    holders = [
        schema.RoleHolder(role=one.role, person=shown.known_person(one.person), since=one.since)
        for one in command.holdings.all()
    ]
    return schema.Command(
        escalation=command.escalation_id, ticket=command.escalation.ticket.number, state=command.state,
        state_at=command.state_at, known=command.known, call_url=command.call_url, chat_url=command.chat_url,
        next_update_at=command.next_update_at, roles=holders, tasks=[_task(one) for one in command.tasks.all()],
        timeline=[_line(one) for one in command.notes.all()],
    )  # fmt: skip


def _task(row: Task) -> schema.Task:
    return schema.Task(
        id=row.pk, title=row.title, owner=shown.person(row.owner), due_at=row.due_at, state=row.state,
        made_at=row.made_at, ended_at=row.ended_at,
    )  # fmt: skip


def _line(row: Note) -> schema.CommandLine:
    return schema.CommandLine(
        id=row.pk, kind=row.kind, position=row.position, text=row.text, at=row.at, by=shown.known_person(row.by)
    )
