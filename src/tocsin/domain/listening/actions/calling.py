"""A call, written down in the order in which a good one goes: let them tell it, restate it, agree, promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from tocsin.domain.listening import rules
from tocsin.domain.listening.actions.answering import settle_by_call
from tocsin.domain.listening.actions.writing import WORKERS, Said, put_mood, put_record
from tocsin.domain.listening.models import ListeningRecord
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions as promises
from tocsin.domain.stakeholders.enums import PromiseSource
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.actions.recording import begin, demand, finish, text
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import InvalidInput

LIMIT = 4_000
SHORT = 200  # characters of the next step that name the promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What came of a call. `agreed`: whether they said yes to what was restated; None: they were not asked."""

    told: str
    concerns: Sequence[str]
    impact: str
    wanted: str
    restated: str
    agreed: bool | None
    missing: str  # what they said is not quite right
    next_step: str
    next_by: datetime | None  # when they hear from us
    feeling: int | None


@dataclass(frozen=True, slots=True)
class Noted:
    """What a call left behind."""

    note: Message
    record: ListeningRecord


@transaction.atomic
def note_call(*, ticket_id: UUID, call: Call, by: User, now: datetime) -> Noted:
    """Write a call down: a note for the desk, the listening record, and a promise of what was agreed, in one act.

    Concerns that the record has already stay, the new ones follow. Raises InvalidInput: what they told is needed, a
    "not quite" needs its words, a time by which they hear from us must lie ahead and needs the step it is about.
    """
    _check(call, now)
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_listen, WORKERS)
    before = ListeningRecord.objects.filter(ticket=recording.ticket).first()
    known = [Said(one.words, one.message_id) for one in before.concerns.order_by("position")] if before else []
    new = [Said(line) for line in call.concerns if line.strip()]
    record = put_record(
        recording, [*known, *new], call.impact or (before.impact if before else ""),
        call.wanted or (before.wanted if before else ""), by,
    )  # fmt: skip
    if call.agreed is not None:
        settle_by_call(recording, record, call.agreed, "" if call.agreed else call.missing.strip(), by)
    if call.feeling is not None:
        put_mood(recording, call.feeling, by)
    recording.fact("listening.call_noted", record=record.pk, version=record.version, next_by=call.next_by)
    recording.owner_acts()
    finish(recording)
    note = tickets.add_message(ticket_id=ticket_id, kind=MessageKind.NOTE, body=_words(call, by), by=by, now=now)
    if call.next_by is not None:
        promises.make_promise(
            ticket_id=ticket_id, what=call.next_step.strip().splitlines()[0][:SHORT], due_at=call.next_by, by=by, now=now,
            source=PromiseSource.CALL, said=call.next_step, message=note,
        )  # fmt: skip
    return Noted(note, record)


def _check(call: Call, now: datetime) -> None:
    text("told", call.told, limit=LIMIT, required=True)
    for name in ("restated", "next_step", "missing"):
        text(name, getattr(call, name), limit=LIMIT)
    if call.agreed is False and not call.missing.strip():
        problem = "Say in a sentence what they said is not quite right."
        raise InvalidInput("required", problem, {"missing": problem})
    if call.next_by is not None and call.next_by <= now:
        problem = "This time has passed. Say when they will hear from you."
        raise InvalidInput("in_the_past", problem, {"next_by": problem})
    if call.next_by is not None and not call.next_step.strip():
        problem = "Say what happens by then."
        raise InvalidInput("required", problem, {"next_step": problem})


def _words(call: Call, by: User) -> str:
    """The note, under headings that whoever takes the ticket over can find their way by."""
    until = call.next_by.astimezone(ZoneInfo(by.zone)).strftime("%Y-%m-%d %H:%M %Z") if call.next_by else ""
    agreed = {True: "They said: that is it.", False: f"Not quite: {call.missing.strip()}", None: ""}[call.agreed]
    parts = [
        ("They told us", call.told), ("What matters to them", "\n".join(f"- {one}" for one in call.concerns if one.strip())),
        ("What it does to them", call.impact), ("What they want", call.wanted),
        ("Restated", "\n\n".join(part for part in (call.restated.strip(), agreed) if part)),
        ("Agreed next step", call.next_step), ("They hear from us by", until),
    ]  # fmt: skip
    return "**Call**\n\n" + "\n\n".join(f"**{head}**\n\n{body.strip()}" for head, body in parts if body.strip())
