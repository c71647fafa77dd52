"""Named reads of swarms and commands."""

from tocsin.domain.swarms.queries.commands import (
    Board,
    access_command,
    access_note,
    access_task,
    board_of,
    command_of,
    commands_of,
    next_task_due,
    story_of,
)
from tocsin.domain.swarms.queries.crediting import Help, credits_of, help_of
from tocsin.domain.swarms.queries.swarming import (
    access_invitation,
    access_swarm,
    helping_on,
    invitation_of,
    next_invitation_due,
    open_on,
    preview,
    swarming,
    swarms_of,
    waiting_for,
)

__all__ = [
    "Board",
    "Help",
    "access_command",
    "access_invitation",
    "access_note",
    "access_swarm",
    "access_task",
    "board_of",
    "command_of",
    "commands_of",
    "credits_of",
    "help_of",
    "helping_on",
    "invitation_of",
    "next_invitation_due",
    "next_task_due",
    "open_on",
    "preview",
    "story_of",
    "swarming",
    "swarms_of",
    "waiting_for",
]
