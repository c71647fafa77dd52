"""Addresses of swarms and of the command of an escalation."""

from django.urls import path

from tocsin.web.swarms import by_link, commanding, swarming

_OF = "escalations/<uuid:escalation_id>/command"

routes = [
    path("swarm/<str:token>", by_link.by_link, name="swarm_link"),
    path("tickets/<int:number>/swarm", swarming.ask, name="ticket_swarm"),
    path("tickets/<int:number>/swarm/preview", swarming.preview, name="ticket_swarm_preview"),
    path("tickets/<int:number>/swarm/panel", swarming.panel, name="ticket_swarm_panel"),
    path("invitations/<uuid:invitation_id>/accept", swarming.accept, name="invitation_accept"),
    path("invitations/<uuid:invitation_id>/decline", swarming.decline, name="invitation_decline"),
    path("swarms/<uuid:swarm_id>/join", swarming.join, name="swarm_join"),
    path("swarms/<uuid:swarm_id>/leave", swarming.leave, name="swarm_leave"),
    path("swarms/<uuid:swarm_id>/answer", swarming.answer, name="swarm_answer"),
    path("swarms/<uuid:swarm_id>/end", swarming.end, name="swarm_end"),
    path("people/<uuid:person_id>/swarms", swarming.of_person, name="person_swarms"),
    path(_OF, commanding.page, name="escalation_command"),
    path(f"{_OF}/live", commanding.live, name="escalation_command_live"),
    path(f"{_OF}/open", commanding.open_command, name="escalation_command_open"),
    path(f"{_OF}/state", commanding.set_state, name="escalation_command_state"),
    path(f"{_OF}/known", commanding.known, name="escalation_command_known"),
    path(f"{_OF}/meeting", commanding.meeting, name="escalation_command_meeting"),
    path(f"{_OF}/next-update", commanding.next_update, name="escalation_command_next_update"),
    path(f"{_OF}/role", commanding.role, name="escalation_command_role"),
    path(f"{_OF}/role/take", commanding.take_role, name="escalation_command_role_take"),
    path(f"{_OF}/role/end", commanding.end_role, name="escalation_command_role_end"),
    path(f"{_OF}/task", commanding.task, name="escalation_command_task"),
    path(f"{_OF}/note", commanding.note, name="escalation_command_note"),
    path(f"{_OF}/pin", commanding.pin, name="escalation_command_pin"),
    path("command-tasks/<uuid:task_id>", commanding.task_edit, name="command_task"),
    path("command-tasks/<uuid:task_id>/state", commanding.task_state, name="command_task_state"),
    path("command-notes/<uuid:note_id>/take-off", commanding.take_off, name="command_note_off"),
]
