"""The curated timeline of a command: pinned events of the ticket, typed facts, decisions."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.queries import entries
from tocsin.domain.people.models import User
from tocsin.domain.swarms.actions.locking import begin_on_command
from tocsin.domain.swarms.enums import NoteKind
from tocsin.domain.swarms.models import Note
from tocsin.domain.tickets.actions.recording import finish, stream_of, text
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id

FURTHEST_BACK = timedelta(days=30)


@transaction.atomic
def note(*, command_id: UUID, kind: str, body: str, by: User, now: datetime, at: datetime | None = None) -> Note:
    """Write down a fact or a decision; `at`: when it happened, if that was earlier (30 days back at most)."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    if kind not in (NoteKind.FACT, NoteKind.DECISION):
        raise InvalidInput("bad_kind", "Choose fact or decision.", {"kind": "Choose fact or decision."})
    happened = at or now
    if happened > now or happened < now - FURTHEST_BACK:
        problem = "Give a time that is past, and not longer ago than 30 days."
        raise InvalidInput("bad_time", problem, {"at": problem})
    made = Note.objects.create(
        id=new_id(), command=command, kind=kind, text=text("text", body, limit=1_000, required=True), at=happened, by=by,
        noted_at=now,
    )  # fmt: skip
    what = "command.decided" if kind == NoteKind.DECISION else "command.fact_noted"
    recording.fact(what, command=command.pk, note=made.pk, text=made.text, happened_at=happened)
    recording.owner_acts()
    finish(recording)
    return made


@transaction.atomic
def pin(*, command_id: UUID, position: int, by: User, now: datetime) -> Note:
    """Pin an event of the ticket, by its position in the ticket's journal. Pinning it again changes nothing."""
    recording, command = begin_on_command(command_id, by=by, now=now)
    found = entries(stream_of(recording.ticket.pk), after=position - 1, limit=1)
    if not found or found[0].position != position:
        raise NotFound("event_not_found", "There is no such event on this ticket.")
    known = Note.objects.filter(command=command, kind=NoteKind.PIN, position=position, taken_off_at=None).first()
    if known is not None:
        return known
    made = Note.objects.create(
        id=new_id(), command=command, kind=NoteKind.PIN, position=position, at=found[0].at, by=by, noted_at=now
    )
    recording.fact("command.pinned", command=command.pk, note=made.pk, position=position)
    finish(recording)
    return made


@transaction.atomic
def take_off(*, note_id: UUID, by: User, now: datetime) -> None:
    """Take a line off the command's timeline; the journal keeps it. Doing so twice changes nothing."""
    command_id = Note.objects.filter(pk=note_id).values_list("command", flat=True).first()
    if command_id is None:
        raise NotFound("note_not_found", "There is no such line, or you may not see it.")
    recording, _command = begin_on_command(command_id, by=by, now=now)
    if Note.objects.filter(pk=note_id, taken_off_at=None).update(taken_off_at=now):
        recording.fact("command.taken_off", note=note_id)
        finish(recording)
