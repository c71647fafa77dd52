"""What messages sound like: judged as they come in, corrected by people, told to the triggers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from tocsin.domain.escalation.actions.firing import look_at
from tocsin.domain.escalation.logic.triggers import Happening
from tocsin.domain.journal.actions import record
from tocsin.domain.listening import rules
from tocsin.domain.listening.enums import Judged
from tocsin.domain.listening.logic import signals as logic
from tocsin.domain.listening.logic.correcting import Verdict, moves, regraded
from tocsin.domain.listening.logic.signals import Evidence, judge, questions, weighed
from tocsin.domain.listening.models import Signal, WordWeight
from tocsin.domain.listening.wordlists import lexicons
from tocsin.domain.people.models import User
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.events import MessageAdded, TicketOpened
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

LATEST = 500  # signals that a correction looks at again
EARLIER = 10  # earlier messages whose questions are remembered
KEEPERS = (
    "Signals are corrected by leads, managers and administrators, for it changes what words count. Ask one of them."
)


def on_ticket_opened(event: TicketOpened) -> None:
    """Judge the words a ticket was opened with, if a customer wrote them."""
    ticket = event.row
    if ticket.requester_id is None or ticket.is_drill or ticket.channel == "import":
        return
    text = f"{ticket.subject}\n\n{ticket.description}"
    found = judge(text, lexicons(), factors())
    _keep(ticket.pk, None, found, event.at)
    _tell(ticket.pk, found, event.actor, event.at)


def on_message_added(event: MessageAdded) -> None:
    """Judge a customer's message, also by the questions that were asked before."""
    if event.kind != MessageKind.CUSTOMER:
        return
    earlier = Message.objects.filter(ticket=event.ticket_id, kind=MessageKind.CUSTOMER).exclude(pk=event.message_id)
    bodies = earlier.order_by("-at", "-id").values_list("body", flat=True)[:EARLIER]
    asked = [one for body in bodies for one in questions(body)]
    found = judge(event.body, lexicons(), factors(), asked)
    _keep(event.ticket_id, event.message_id, found, event.at)
    _tell(event.ticket_id, found, event.actor, event.at)


def _keep(ticket_id: UUID, message_id: UUID | None, found: logic.Signal, at: datetime) -> None:
    Signal.objects.create(
        id=new_id(), ticket_id=ticket_id, message_id=message_id, at=at, degree=found.degree,
        urgency=found.urgency_degree, tone=found.tone, language=found.language,
        evidence=[asdict(one) for one in found.evidence],
    )  # fmt: skip


def _tell(ticket_id: UUID, found: logic.Signal, actor: str, at: datetime) -> None:
    """Hold a negative message against the triggers. A policy names its further conditions itself (SEMANTICS 7)."""
    if found.degree:
        words = tuple(dict.fromkeys(one.words for one in found.evidence if one.tone > 0))
        happening = Happening(kind="signal", degree=int(found.degree), words=words[:4], customer=True)
        look_at(ticket_id=ticket_id, happening=happening, actor=actor, now=at)


def factors() -> dict[str, float]:
    """Return what this installation has made of single words."""
    return dict(WordWeight.objects.exclude(factor=1.0).values_list("key", "factor"))


def evidence_of(rows: Sequence[Mapping[str, object]]) -> list[Evidence]:
    """Return stored evidence as it was found."""
    return [Evidence(**row) for row in rows]  # type: ignore[arg-type]  # written by asdict above


@transaction.atomic
def correct_signal(*, signal_id: UUID, verdict: str, by: User, now: datetime) -> Signal:
    """Say that a signal is right, too strong or wrong: its words count less (or more again) here from now on.

    The latest signals are graded anew by it, this one too. Raises NotFound, NotAllowed, InvalidInput.
    """
    if not rules.may_keep_words.test(by):
        raise NotAllowed("not_allowed", KEEPERS)
    if verdict not in Judged.values:
        problem = "Choose right, too strong or wrong."
        raise InvalidInput("bad_verdict", problem, {"verdict": problem})
    found = Signal.objects.select_for_update(of=("self",)).filter(pk=signal_id).first()
    if found is None:
        raise NotFound("signal_not_found", "There is no such signal.")
    changed = moves(evidence_of(found.evidence), factors(), Verdict(verdict))
    for one in changed:
        row, _ = WordWeight.objects.get_or_create(key=one.key, defaults={"changed_at": now, "changed_by": by})
        row.factor, row.words, row.changed_at, row.changed_by = one.after, one.words[:200], now, by
        row.verdicts += 1
        row.save()
    found.judged, found.judged_by, found.judged_at = verdict, by, now
    found.save(update_fields=["judged", "judged_by", "judged_at"])
    moved = _regrade()
    data = {
        "signal": str(found.pk), "verdict": verdict, "regraded": moved,
        "words": [{"key": one.key, "before": one.before, "after": one.after} for one in changed],
    }  # fmt: skip
    record(stream=f"ticket:{found.ticket_id}", kind="signal.judged", actor=f"person:{by.pk}", at=now, data=data)
    found.refresh_from_db()
    return found


@transaction.atomic
def reset_word(*, key: str, by: User, now: datetime) -> None:
    """Let a word count as it was shipped. Raises NotAllowed, NotFound."""
    if not rules.may_keep_words.test(by):
        raise NotAllowed("not_allowed", KEEPERS)
    found = WordWeight.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise NotFound("word_not_found", "This word counts as it was shipped already.")
    data = {"word": key, "before": found.factor}
    found.delete()
    _regrade()
    record(stream="system", kind="signal.word_reset", actor=f"person:{by.pk}", at=now, data=data)


def _regrade() -> int:
    """Grade the latest signals by the factors as they are now; return how many have another degree."""
    known = factors()
    rows = list(Signal.objects.order_by("-at", "-pk")[:LATEST])
    changed = regraded([(row, evidence_of(row.evidence), logic.Degree(row.degree)) for row in rows], known)
    for one in changed:
        after = weighed(evidence_of(one.row.evidence), known, one.row.language)
        one.row.degree, one.row.tone = after.degree, after.tone
    Signal.objects.bulk_update([one.row for one in changed], ["degree", "tone"])
    return len(changed)


def score_missing(*, limit: int) -> int:
    """Judge customers' messages that came before signals were kept, newest first; return how many. Nothing is triggered."""
    missing = Message.objects.filter(kind=MessageKind.CUSTOMER, signal__isnull=True, ticket__is_drill=False)
    rows = list(missing.order_by("-at", "-id")[:limit])
    known = factors()
    made = [_row(row.ticket_id, row.pk, judge(row.body, lexicons(), known), row.at) for row in rows]
    judged = Signal.objects.filter(ticket=OuterRef("pk"), message__isnull=True)
    tickets = Ticket.objects.filter(~Exists(judged), requester__isnull=False, is_drill=False).exclude(channel="import")
    tickets = tickets.order_by("-opened_at")[: max(limit - len(rows), 0)]
    made += [
        _row(one.pk, None, judge(f"{one.subject}\n\n{one.description}", lexicons(), known), one.opened_at)
        for one in tickets
    ]
    Signal.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _row(ticket_id: UUID, message_id: UUID | None, found: logic.Signal, at: datetime) -> Signal:
    return Signal(
        id=new_id(), ticket_id=ticket_id, message_id=message_id, at=at, degree=found.degree,
        urgency=found.urgency_degree, tone=found.tone, language=found.language,
        evidence=[asdict(one) for one in found.evidence],
    )  # fmt: skip
