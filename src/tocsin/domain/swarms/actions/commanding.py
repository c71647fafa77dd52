"""The command of an escalation: opened by a person; its state, roles, addresses and next update."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.swarms import rules
from tocsin.domain.swarms.actions.locking import begin_on_command
from tocsin.domain.swarms.actions.telling import command_path, tell
from tocsin.domain.swarms.enums import CommandState, Role
from tocsin.domain.swarms.events import CommandChanged
from tocsin.domain.swarms.logic.meeting import Refused, meeting_url
from tocsin.domain.swarms.models import Command, Holding
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, text
from tocsin.domain.tickets.rules import may_work_on_ticket
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id


@transaction.atomic
def open_command(*, escalation_id: UUID, by: User, now: datetime) -> Command:
    """Open the command of an escalation; opening it again changes nothing.

    Its first owner is the escalation's owner (who acknowledged), else the ticket's, else whoever opens it.
    """
    found = Escalation.objects.filter(pk=escalation_id).values_list("ticket", "owner").first()
    if found is None:
        raise NotFound("escalation_not_found", "There is no such escalation.")
    recording = begin(ticket_id=found[0], by=by, actor=None, now=now)
    demand(recording, rules.may_run_command, "Only those who work on tickets can open the command.")
    known = Command.objects.filter(escalation=escalation_id).first()
    if known is not None:
        return known
    command = Command.objects.create(
        id=new_id(), escalation_id=escalation_id, state_at=now, opened_by=by, opened_at=now
    )
    owner = found[1] or recording.ticket.owner_id or by.pk
    Holding.objects.create(command=command, role=Role.OWNER, person_id=owner, since=now)
    recording.fact("command.opened", command=command.pk, escalation=escalation_id, owner=owner)
    _done(recording, command, "opened")
    return command


@transaction.atomic
def set_state(*, command_id: UUID, state: str, by: User, now: datetime) -> Command:
    """Say how far it has come. Nothing follows by itself: the escalation is ended by its own act."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    if state not in CommandState.values:
        problem = f"Choose one of {', '.join(CommandState.values)}."
        raise InvalidInput("bad_state", problem, {"state": problem})
    if state == command.state:
        return command
    recording.fact("command.state_changed", command=command.pk, before=command.state, after=state)
    command.state, command.state_at = state, now
    command.save(update_fields=["state", "state_at"])
    _done(recording, command, "state")
    return command


@transaction.atomic
def set_known(*, command_id: UUID, known: str, by: User, now: datetime) -> Command:
    """Say in one sentence what is known now: what whoever joins reads first."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    word = text("known", " ".join(known.split()), limit=500)
    if word != command.known:
        command.known = word
        command.save(update_fields=["known"])
        recording.fact("command.known_now", command=command.pk, text=word)
        _done(recording, command, "known")
    return command


@transaction.atomic
def set_meeting(*, command_id: UUID, call_url: str, chat_url: str, by: User, now: datetime) -> Command:
    """Set where people talk: https addresses, or "" for none. Raises InvalidInput by field."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    given, problems = {}, {}
    for name, value in (("call_url", call_url), ("chat_url", chat_url)):
        try:
            given[name] = meeting_url(value)
        except Refused as refused:
            problems[name] = str(refused)
    if problems:
        raise InvalidInput("bad_address", next(iter(problems.values())), problems)
    if (command.call_url, command.chat_url) == (given["call_url"], given["chat_url"]):
        return command
    command.call_url, command.chat_url = given["call_url"], given["chat_url"]
    command.save(update_fields=["call_url", "chat_url"])
    recording.fact("command.meeting_changed", command=command.pk, call=command.call_url, chat=command.chat_url)
    _done(recording, command, "meeting")
    return command


@transaction.atomic
def set_next_update(*, command_id: UUID, at: datetime | None, by: User, now: datetime) -> Command:
    """Say when the next word to everybody is due; None: none is planned. Raises InvalidInput for a time that is past."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    if at is not None and at <= now:
        problem = "This time is past. Give one that is still to come."
        raise InvalidInput("past", problem, {"next_update_at": problem})
    if at != command.next_update_at:
        command.next_update_at = at
        command.save(update_fields=["next_update_at"])
        recording.fact("command.next_update_set", command=command.pk, at=at)
        _done(recording, command, "next_update")
    return command


@transaction.atomic
def give_role(*, command_id: UUID, role: str, person: User, by: User, now: datetime) -> Holding:
    """Give a role to somebody, take it, or hand it over: the one who held it holds it no more. Experts may be many.

    This is who does what in this command; it moves neither the ticket nor the escalation. Who is given a role is told.
    """
    recording, command = begin_on_command(command_id, by=by, now=now)
    if role not in Role.values:
        problem = f"Choose one of {', '.join(Role.values)}."
        raise InvalidInput("bad_role", problem, {"role": problem})
    if not may_work_on_ticket.test(person, recording.ticket):
        problem = f"{person.name} does not work on tickets here. Choose somebody else."
        raise InvalidInput("bad_person", problem, {"person": problem})
    held = Holding.objects.select_for_update(of=("self",)).filter(command=command, role=role, until=None)
    own = held.filter(person=person).first()
    if own is not None:
        return own
    before = None if role == Role.EXPERT else held.first()
    if before is not None:
        before.until = now
        before.save(update_fields=["until"])
    made = Holding.objects.create(command=command, role=role, person=person, since=now)
    recording.fact(
        "command.role_given", command=command.pk, role=role, person=person.pk, before=before and before.person_id
    )
    _done(recording, command, "role")
    if person.pk != by.pk:
        label, ticket = Role(role).label.lower(), recording.ticket
        tell(
            [person.pk], ticket=ticket, subject=f"You are {label} of the escalation on {ticket.reference}",
            body=f"{by.name} made you {label}: {ticket.subject}\n\n{command.known}".rstrip(),
            path=command_path(command.escalation_id), now=now, urgency="high",
        )  # fmt: skip
    return made


@transaction.atomic
def give_up_role(*, command_id: UUID, role: str, person: User, by: User, now: datetime) -> None:
    """Take somebody out of a role. The owner's is only ever handed over, so that there always is one."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    if role == Role.OWNER:
        problem = "Somebody must own it: hand the role over instead."
        raise InvalidInput("owner_needed", problem, {"role": problem})
    ended = Holding.objects.filter(command=command, role=role, person=person, until=None).update(until=now)
    if ended:
        recording.fact("command.role_ended", command=command.pk, role=role, person=person.pk)
        _done(recording, command, "role")


def _done(recording: Recording, command: Command, what: str) -> None:
    """Write the facts, and tell whoever tells others."""
    recording.owner_acts()
    finish(recording)
    publish(
        CommandChanged(
            command_id=command.pk, escalation_id=command.escalation_id, ticket_id=recording.ticket.pk, what=what,
            at=recording.now,
        )
    )  # fmt: skip
