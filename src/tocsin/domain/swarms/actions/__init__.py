"""Everything that can be done with swarms and commands. Each act is one transaction that locks the ticket's row first."""

from tocsin.domain.swarms.actions.answering import answer, expire_due, join, leave
from tocsin.domain.swarms.actions.assigning import add_task, change_task, remind_due
from tocsin.domain.swarms.actions.commanding import (
    give_role,
    give_up_role,
    open_command,
    set_known,
    set_meeting,
    set_next_update,
    set_state,
)
from tocsin.domain.swarms.actions.contributing import post_answer
from tocsin.domain.swarms.actions.ending import end_swarm, on_status_changed
from tocsin.domain.swarms.actions.inviting import invite, open_swarm
from tocsin.domain.swarms.actions.noting import note, pin, take_off

__all__ = [
    "add_task",
    "answer",
    "change_task",
    "end_swarm",
    "expire_due",
    "give_role",
    "give_up_role",
    "invite",
    "join",
    "leave",
    "note",
    "on_status_changed",
    "open_command",
    "open_swarm",
    "pin",
    "post_answer",
    "remind_due",
    "set_known",
    "set_meeting",
    "set_next_update",
    "set_state",
    "take_off",
]
