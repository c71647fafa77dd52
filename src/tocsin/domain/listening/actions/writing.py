"""Writing down what a customer is concerned about, in their words (SEMANTICS 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.listening import rules
from tocsin.domain.listening.enums import Feeling, State
from tocsin.domain.listening.logic.own_words import LONGEST_QUOTE, sentences
from tocsin.domain.listening.models import Concern, ListeningRecord, Mood, RecordVersion
from tocsin.domain.people.models import User
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, text
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id

MOST_CONCERNS = 12
LONGEST = 4_000
WORKERS = "Listening records are kept by those who work on tickets."


@dataclass(frozen=True, slots=True)
class Said:
    """A concern as it is written down: the customer's words, and the message they are quoted from."""

    words: str
    message_id: UUID | None = None


@transaction.atomic
def write_record(
    *, ticket_id: UUID, concerns: Sequence[Said], impact: str, wanted: str, by: User, now: datetime,
    expected_version: int | None = None,
) -> ListeningRecord:  # fmt: skip
    """Begin a ticket's record, or write its next version; the same wording again changes nothing.

    A new version asks the customer anew: what was confirmed was the earlier wording. A concern that keeps its words
    keeps what answered it. Raises InvalidInput (no concern, too many, a quote that is not in its message), Conflict if
    somebody wrote a newer version than `expected_version` (0: there was none).
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_listen, WORKERS)
    found = put_record(recording, concerns, impact, wanted, by, expected_version)
    recording.owner_acts()
    finish(recording)
    return found


def put_record(
    recording: Recording, concerns: Sequence[Said], impact: str, wanted: str, by: User, expected: int | None = None
) -> ListeningRecord:
    """Write a version on a locked ticket; for acts that do more than this. See write_record."""
    said = _checked(recording, concerns)
    words = {"impact": text("impact", impact, limit=LONGEST), "wanted": text("wanted", wanted, limit=LONGEST)}
    found = ListeningRecord.objects.filter(ticket=recording.ticket).first()
    if expected is not None and expected != (found.version if found else 0):
        message = "Somebody else wrote this record meanwhile. Look at what it says now, then save again."
        raise Conflict("record_changed", message)
    if found is None:
        found = ListeningRecord(
            id=new_id(), ticket=recording.ticket, version=0, made_at=recording.now, made_by=by, **words
        )
    elif _same(found, said, words):
        return found
    found.version += 1
    found.state, found.impact, found.wanted = State.NOTED, words["impact"], words["wanted"]
    found.save()
    RecordVersion.objects.create(
        record=found, number=found.version, by=by, at=recording.now, **words,
        concerns=[{"words": one.words, "message": str(one.message_id or "")} for one in said],
    )  # fmt: skip
    _keep_concerns(found, said)
    kind = "listening.written" if found.version == 1 else "listening.revised"
    recording.fact(kind, record=found.pk, version=found.version, concerns=len(said))
    return found


def _checked(recording: Recording, concerns: Sequence[Said]) -> list[Said]:
    kept: dict[str, Said] = {}
    for one in concerns:
        words = text("concerns", " ".join(one.words.split()), limit=500)
        if words:
            kept.setdefault(words.casefold(), Said(words, one.message_id))
    if not kept:
        problem = "Write down at least one concern, in the customer's own words."
        raise InvalidInput("required", problem, {"concerns": problem})
    if len(kept) > MOST_CONCERNS:
        problem = f"At most {MOST_CONCERNS} concerns; there are {len(kept)}. Keep those that matter most."
        raise InvalidInput("too_many", problem, {"concerns": problem})
    quoted = {one.message_id for one in kept.values() if one.message_id}
    theirs = dict(
        Message.objects.filter(pk__in=quoted, ticket=recording.ticket, kind=MessageKind.CUSTOMER).values_list(
            "pk", "body"
        )
    )
    for one in kept.values():
        if one.message_id and not _stands_in(one.words, theirs.get(one.message_id, "")):
            problem = (
                f"“{one.words[:60]}” does not stand in that message. Quote it again, or write it without the quote."
            )
            raise InvalidInput("not_quoted", problem, {"concerns": problem})
    return list(kept.values())


def _stands_in(words: str, body: str) -> bool:
    return words[:LONGEST_QUOTE] in sentences(body) or words in " ".join(body.split())


def _same(found: ListeningRecord, said: Sequence[Said], words: dict[str, str]) -> bool:
    before = [(one.words, one.message_id) for one in found.concerns.order_by("position")]
    return before == [(s.words, s.message_id) for s in said] and all(
        getattr(found, name) == value for name, value in words.items()
    )


def _keep_concerns(found: ListeningRecord, said: Sequence[Said]) -> None:
    before = {one.words.casefold(): one for one in found.concerns.all()}
    for position, one in enumerate(said, start=1):
        row = before.pop(one.words.casefold(), None) or Concern(id=new_id(), record=found)
        row.position, row.words, row.message_id = position, one.words, one.message_id
        row.save()
    Concern.objects.filter(pk__in=[row.pk for row in before.values()]).delete()


@transaction.atomic
def note_mood(*, ticket_id: UUID, feeling: int, by: User, now: datetime) -> Mood:
    """Note how the contact sounds now (a Feeling value). Raises InvalidInput."""
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_listen, WORKERS)
    made = put_mood(recording, feeling, by)
    finish(recording)
    return made


def put_mood(recording: Recording, feeling: int, by: User) -> Mood:
    """Note a mood on a locked ticket."""
    if feeling not in Feeling.values:
        problem = "Choose how they sound: 1 (furious) to 5 (content)."
        raise InvalidInput("bad_mood", problem, {"feeling": problem})
    recording.fact("listening.mood", feeling=feeling)
    return Mood.objects.create(ticket=recording.ticket, feeling=feeling, at=recording.now, by=by)
