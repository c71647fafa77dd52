"""The command page of a major escalation: what a person must see and do at three in the morning, on one screen."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import queries as stakeholders
from tocsin.domain.swarms import actions, queries
from tocsin.domain.swarms.enums import CommandState, Role, TaskState
from tocsin.domain.swarms.models import Command
from tocsin.domain.swarms.rules import may_run_command, may_see_command
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet
from tocsin.web.swarms.forms import KnownForm, MeetingForm, NoteForm, RoleForm, TaskForm, TimeForm
from tocsin.web.swarms.lines import lines_of, pinnable

GET_OR_POST = ["GET", "HEAD", "POST"]
FIRST_EVENTS = 8


@staff
@require_safe
def page(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """The command, or the offer to open one. Opening the page opens nothing."""
    found = _escalation(request, escalation_id)
    command = queries.command_of(found.pk)
    context = {
        "escalation": found,
        "ticket": found.ticket,
        "may_run": may_run_command.test(viewer(request), found.ticket),
    }
    if command is None:
        return render(request, "swarms/command_none.html", context)
    return render(request, "swarms/command.html", context | _board(request, command))


@staff
@require_safe
def live(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Only what moves; what is being typed is outside (check 17)."""
    command = queries.access_command(viewer(request), _escalation(request, escalation_id))
    return render(request, "swarms/command_live.html", _board(request, command) | {"fragment": True})


def _board(request: HttpRequest, command: Command) -> dict[str, Any]:
    user, at = viewer(request), now(request)
    board = queries.board_of(command)
    found = command.escalation
    swarms = queries.swarms_of(found.ticket_id, user, at)
    every = request.GET.get("all") == "1"
    events = pinnable(board.latest)
    holder = board.seats[0].holding
    return {
        "board": board, "command": command, "escalation": found, "ticket": found.ticket,
        "owner": holder.person if holder else None, "lines": lines_of(board.lines), "every": every,
        "events": events if every else events[:FIRST_EVENTS], "more_events": 0 if every else max(len(events) - FIRST_EVENTS, 0),
        "states": [(state.value, str(state.label)) for state in CommandState],
        "swarm": next((one for one in swarms if one.swarm.ended_at is None), None),
        "is_late": command.next_update_at is not None and command.next_update_at <= at,
        "plan": stakeholders.next_updates([found.pk]).get(found.pk),
        "at": at, "may_run": may_run_command.test(user, found.ticket),
    }  # fmt: skip


@worker
@require_POST
def open_command(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Open the command."""
    found = _escalation(request, escalation_id)
    actions.open_command(escalation_id=found.pk, by=viewer(request), now=now(request))
    return done(request, _where(found), "The command is open.")


@worker
@require_POST
def set_state(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Say how far it has come."""
    command = _command(request, escalation_id)
    actions.set_state(command_id=command.pk, state=request.POST.get("state", ""), by=viewer(request), now=now(request))
    return done(request, _where(command.escalation))


@worker
@require_http_methods(GET_OR_POST)
def known(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Say what is known now."""
    command = _command(request, escalation_id)
    form = KnownForm(request.POST or None, initial={"known": command.known})

    def act() -> None:
        actions.set_known(command_id=command.pk, known=form.value("known"), by=viewer(request), now=now(request))

    return _sheet(request, command, form, act, title="What is known now", submit="Save")


@worker
@require_http_methods(GET_OR_POST)
def meeting(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Set where people talk."""
    command = _command(request, escalation_id)
    form = MeetingForm(request.POST or None, initial={"call_url": command.call_url, "chat_url": command.chat_url})

    def act() -> None:
        actions.set_meeting(
            command_id=command.pk, call_url=form.value("call_url"), chat_url=form.value("chat_url"), by=viewer(request),
            now=now(request),
        )  # fmt: skip

    return _sheet(request, command, form, act, title="Call and chat", submit="Save")


@worker
@require_http_methods(GET_OR_POST)
def next_update(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Say when the next word is due."""
    command = _command(request, escalation_id)
    form = TimeForm(request.POST or None, initial={"at": _local(command.next_update_at)})

    def act() -> None:
        actions.set_next_update(command_id=command.pk, at=form.when(now(request)), by=viewer(request), now=now(request))

    return _sheet(request, command, form, act, title="Next update", submit="Save")


@worker
@require_http_methods(GET_OR_POST)
def role(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Give a role, take it, hand it over."""
    command, user = _command(request, escalation_id), viewer(request)
    wanted = request.GET.get("role", "")
    initial = {"role": wanted if wanted in Role.values else Role.EXPERT, "person": str(user.pk)}
    form = RoleForm(request.POST or None, people=choices.staff(), initial=initial)

    def act() -> None:
        person = people.person(UUID(form.value("person")))
        actions.give_role(command_id=command.pk, role=form.value("role"), person=person, by=user, now=now(request))

    lead = "Whoever holds the role now hands it over. The ticket and the escalation stay with their owners."
    return _sheet(request, command, form, act, title="Give a role", submit="Give the role", lead=lead)


@worker
@require_POST
def take_role(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Take a role oneself with one button."""
    command, user = _command(request, escalation_id), viewer(request)
    actions.give_role(command_id=command.pk, role=request.POST.get("role", ""), person=user, by=user, now=now(request))
    return done(request, _where(command.escalation))


@worker
@require_POST
def end_role(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Take somebody out of a role."""
    command = _command(request, escalation_id)
    person = people.person(_uuid(request.POST.get("person", "")))
    actions.give_up_role(
        command_id=command.pk, role=request.POST.get("role", ""), person=person, by=viewer(request), now=now(request)
    )
    return done(request, _where(command.escalation))


@worker
@require_http_methods(GET_OR_POST)
def task(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Note what is to be done."""
    command = _command(request, escalation_id)
    form = TaskForm(request.POST or None, people=choices.staff(), initial={"within": "15"})

    def act() -> None:
        actions.add_task(
            command_id=command.pk, title=form.value("title"), owner=choices.person_of(form.uuid("owner")),
            due_at=form.when(now(request)), by=viewer(request), now=now(request),
        )  # fmt: skip

    return _sheet(request, command, form, act, title="New task", submit="Give the task")


@worker
@require_http_methods(GET_OR_POST)
def task_edit(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Give a task to somebody else, or another time."""
    found = queries.access_task(viewer(request), task_id)
    initial = {"title": found.title, "owner": str(found.owner_id or ""), "at": _local(found.due_at)}
    form = TaskForm(request.POST or None, people=choices.staff(), initial=initial)

    def act() -> None:
        due = form.when(now(request))
        if found.due_at is not None and due is not None and due == found.due_at.replace(second=0, microsecond=0):
            due = found.due_at  # as it was shown, to the minute
        actions.change_task(
            task_id=found.pk, whole=True, title=form.value("title"), owner=choices.person_of(form.uuid("owner")),
            due_at=due, by=viewer(request), now=now(request),
        )  # fmt: skip

    return _sheet(request, found.command, form, act, title="Change the task", submit="Save")


@worker
@require_POST
def task_state(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Done, dropped, or open again."""
    found = queries.access_task(viewer(request), task_id)
    state = request.POST.get("state", TaskState.DONE)
    actions.change_task(task_id=found.pk, state=state, by=viewer(request), now=now(request))
    return done(request, _where(found.command.escalation))


@worker
@require_http_methods(GET_OR_POST)
def note(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Write down a fact or a decision: from the line on the page, or from the sheet with a time."""
    command = _command(request, escalation_id)
    initial = {"kind": "decision" if request.GET.get("kind") == "decision" else "fact"}
    form = NoteForm(request.POST or None, initial=initial)

    def act() -> None:
        actions.note(
            command_id=command.pk, kind=form.value("kind"), body=form.value("text"), at=form.cleaned_data["at"],
            by=viewer(request), now=now(request),
        )  # fmt: skip

    return _sheet(request, command, form, act, title="Fact or decision", submit="Note it")


@worker
@require_POST
def pin(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Pin an event of the ticket."""
    command = _command(request, escalation_id)
    position = request.POST.get("position", "")
    if not (position.isascii() and position.isdigit() and 0 < len(position) < 12):
        raise InvalidInput("bad_position", "Choose one of the events.", {"position": "no number"})
    actions.pin(command_id=command.pk, position=int(position), by=viewer(request), now=now(request))
    return done(request, _where(command.escalation))


@worker
@require_POST
def take_off(request: HttpRequest, note_id: UUID) -> HttpResponse:
    """Take a line off the timeline."""
    found = queries.access_note(viewer(request), note_id)
    actions.take_off(note_id=found.pk, by=viewer(request), now=now(request))
    return done(request, _where(found.command.escalation))


def _sheet(request: HttpRequest, command: Command, form: Form, act: Any, **words: Any) -> HttpResponse:
    """Answer a sheet: do what was asked, or show the form again with what was wrong."""
    where = _where(command.escalation)
    if request.method == "POST" and form.is_valid():
        try:
            act()
            return done(request, where)
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, cancel=where, **words)


def _escalation(request: HttpRequest, escalation_id: UUID) -> Escalation:
    """Return an escalation whose inside the viewer may see. Raises NotFound."""
    found = escalation.escalation_of(escalation_id)
    user: User = viewer(request)
    tickets.access_ticket(user, found.ticket.number)
    if not may_see_command.test(user, found.ticket):
        raise NotFound("escalation_not_found", "There is no such escalation.")
    return found


def _command(request: HttpRequest, escalation_id: UUID) -> Command:
    return queries.access_command(viewer(request), _escalation(request, escalation_id))


def _where(found: Escalation) -> str:
    return reverse("escalation_command", args=[found.pk])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput("bad_person", "Choose one of the people.", {"person": "no id"}) from None


def _local(at: Any) -> Any:
    return timezone.localtime(at) if at else None
