"""Finding and locking: the ticket's row first, then the swarm or command, then what belongs to it."""

from datetime import datetime
from uuid import UUID

from tocsin.domain.people.models import User
from tocsin.domain.swarms.enums import SwarmState
from tocsin.domain.swarms.models import Command, Invitation, Swarm
from tocsin.domain.swarms.rules import may_run_command
from tocsin.domain.tickets.actions.recording import Recording, begin, demand
from tocsin.kernel.errors import Conflict, NotFound

NO_SWARM = "There is no such swarm, or you may not see it."
NO_INVITATION = "There is no such invitation, or it is not yours."
NO_COMMAND = "There is no such command, or you may not see it."


def begin_on(swarm_id: UUID, *, by: User, now: datetime, must_be_open: bool = True) -> tuple[Recording, Swarm]:
    """Lock the ticket, then the swarm. Raises NotFound, and Conflict for one that has ended."""
    ticket_id = Swarm.objects.filter(pk=swarm_id).values_list("ticket", flat=True).first()
    if ticket_id is None:
        raise NotFound("swarm_not_found", NO_SWARM)
    try:
        recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    except NotFound:
        raise NotFound("swarm_not_found", NO_SWARM) from None
    swarm = Swarm.objects.select_for_update(of=("self",)).get(pk=swarm_id)
    swarm.ticket = recording.ticket
    if must_be_open and swarm.state != SwarmState.OPEN:
        raise Conflict("swarm_ended", "This swarm has ended. Nothing was changed.")
    return recording, swarm


def begin_on_invitation(
    invitation_id: UUID, *, by: User, now: datetime, must_be_open: bool = True
) -> tuple[Recording, Swarm, Invitation]:
    """Lock ticket, swarm and the invitation of `by`. Raises NotFound for somebody else's."""
    swarm_id = Invitation.objects.filter(pk=invitation_id, person=by).values_list("swarm", flat=True).first()
    if swarm_id is None:
        raise NotFound("invitation_not_found", NO_INVITATION)
    recording, swarm = begin_on(swarm_id, by=by, now=now, must_be_open=must_be_open)
    return recording, swarm, Invitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)


def begin_on_command(command_id: UUID, *, by: User, now: datetime) -> tuple[Recording, Command]:
    """Lock the ticket of a command's escalation, then the command. Raises NotFound, NotAllowed."""
    ticket_id = Command.objects.filter(pk=command_id).values_list("escalation__ticket", flat=True).first()
    if ticket_id is None:
        raise NotFound("command_not_found", NO_COMMAND)
    try:
        recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    except NotFound:
        raise NotFound("command_not_found", NO_COMMAND) from None
    demand(recording, may_run_command, "Only those who work on tickets can change the command.")
    return recording, Command.objects.select_for_update(of=("self",)).get(pk=command_id)
