"""What was heard in the demonstration: a record written, played back, confirmed; a concern answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.actions import Said
from tocsin.domain.listening.enums import Via
from tocsin.domain.listening.models import (
    Assistant,
    AssistantDraft,
    ListeningRecord,
    Mood,
    RuleBook,
    Signal,
    WordWeight,
)
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Ticket

VERBS = frozenset({"heard", "play-back", "confirm", "answered", "mood"})


def live(verb: str, ticket: Ticket, by: User, told: Any, at: datetime) -> None:
    """Live one step of a story. `told`: the record, the number of a concern, or a feeling."""
    if verb == "heard":
        _write(ticket, by, told, at)
    elif verb == "mood":
        actions.note_mood(ticket_id=ticket.pk, feeling=int(told), by=by, now=at)
    elif verb == "play-back":
        actions.play_back(ticket_id=ticket.pk, by=by, now=at)
    elif verb == "confirm":
        found = ListeningRecord.objects.get(ticket=ticket)
        actions.answer(record_id=found.pk, version=found.version, right=True, words="", by=by, via=Via.LINK, now=at)
    else:
        concern = queries.open_concerns(ticket.pk)[int(told) - 1]
        reply = queries.replies_on(ticket.pk)[0]
        actions.mark_answered(ticket_id=ticket.pk, concern_id=concern.pk, message_id=reply.pk, by=by, now=at)


def _write(ticket: Ticket, by: User, told: Mapping[str, Any], at: datetime) -> None:
    known = {one.words: one.message.pk for one in queries.quotable(ticket.pk)}
    actions.write_record(
        ticket_id=ticket.pk, concerns=[Said(words, known.get(words)) for words in told["concerns"]],
        impact=told.get("impact", ""), wanted=told.get("wanted", ""), by=by, now=at,
    )  # fmt: skip


def remove(people: Any) -> None:
    """Remove what the demonstration's people have corrected or set up, before they go."""
    Assistant.objects.filter(changed_by__in=people).delete()
    AssistantDraft.objects.filter(by__in=people).delete()
    RuleBook.objects.filter(by__in=people).delete()
    WordWeight.objects.filter(changed_by__in=people).delete()
    Mood.objects.filter(by__in=people).delete()
    Signal.objects.filter(judged_by__in=people).update(judged="", judged_by=None, judged_at=None)
    theirs = Q(made_by__in=people) | Q(answered_by__in=people) | Q(played_back_by__in=people)
    ListeningRecord.objects.filter(theirs | Q(versions__by__in=people)).delete()
