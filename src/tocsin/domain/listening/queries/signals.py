"""What messages sound like, as pages and programs show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.listening.enums import Judged
from tocsin.domain.listening.logic import signals as logic
from tocsin.domain.listening.logic.correcting import Moved, Regraded, Verdict, moves, regraded
from tocsin.domain.listening.logic.signals import Evidence, judge
from tocsin.domain.listening.models import Signal, WordWeight
from tocsin.domain.listening.queries.records import anchors_of
from tocsin.domain.listening.wordlists import lexicons
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound

LATEST = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message; `evidence` None: plain."""

    text: str
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A signal with its words in their places."""

    signal: Signal
    pieces: list[Piece]
    evidence: list[Evidence]
    anchor: str  # of the message on the ticket's page
    author: str


@dataclass(frozen=True, slots=True)
class Trend:
    """How a ticket's messages sounded, oldest first: (at, degree, urgency)."""

    points: list[tuple[datetime, int, int]]

    @property
    def worst(self) -> int:
        """The highest degree."""
        return max((degree for _, degree, _ in self.points), default=0)

    @property
    def last(self) -> int:
        """The degree of the last message."""
        return self.points[-1][1] if self.points else 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What a verdict would do: words that change, and messages whose degree would."""

    verdict: Verdict
    label: str
    moved: list[Moved]
    regraded: list[Regraded[Signal]]


def signals_on(ticket_id: UUID) -> list[Signal]:
    """Return a ticket's signals, oldest first."""
    return list(Signal.objects.filter(ticket=ticket_id).select_related("judged_by").order_by("at", "pk")[:500])


def trend_of(rows: Sequence[Signal]) -> Trend:
    """Return the course of these signals."""
    return Trend([(row.at, row.degree, row.urgency) for row in rows])


def shown_signals(ticket_id: UUID) -> list[Judgement]:
    """Return every signal of a ticket with its message, newest first."""
    rows = Signal.objects.filter(ticket=ticket_id).select_related("ticket__requester", "message__author", "judged_by")
    anchors = anchors_of(ticket_id)
    return [_judgement(row, anchors) for row in rows.order_by("-at", "-pk")[:100]]


def _judgement(row: Signal, anchors: dict[UUID, str]) -> Judgement:
    text = row.message.body if row.message else f"{row.ticket.subject}\n\n{row.ticket.description}"
    by = row.message.author if row.message else row.ticket.requester
    evidence = [Evidence(**one) for one in row.evidence]
    anchor = anchors.get(row.message_id, "e0") if row.message_id else "e0"
    return Judgement(row, _pieces(text, evidence), evidence, anchor, by.name if by else "")


def _pieces(text: str, evidence: Sequence[Evidence]) -> list[Piece]:
    """Cut a text where evidence begins and ends. What overlaps an earlier one is listed below it all the same."""
    found: list[Piece] = []
    at = 0
    for one in sorted(evidence, key=lambda e: (e.start, -e.end)):
        if one.start < at or one.end > len(text):
            continue
        if one.start > at:
            found.append(Piece(text[at : one.start], None))
        found.append(Piece(text[one.start : one.end], one))
        at = one.end
    if at < len(text):
        found.append(Piece(text[at:], None))
    return found


def signal_by_id(user: User, signal_id: UUID) -> Judgement:
    """Return one signal on a ticket that this person may see. Raises NotFound."""
    rows = Signal.objects.select_related("ticket__requester", "message__author", "judged_by")
    found = rows.filter(pk=signal_id, ticket__in=tickets.visible_to(user)).first()
    if found is None:
        raise NotFound("signal_not_found", "There is no such signal, or you may not see it.")
    return _judgement(found, anchors_of(found.ticket_id))


def word_factors() -> dict[str, float]:
    """Return what this installation has made of single words."""
    return dict(WordWeight.objects.exclude(factor=1.0).values_list("key", "factor"))


def house_words() -> list[WordWeight]:
    """Return the words that count otherwise here than as shipped, the latest first."""
    return list(
        WordWeight.objects.exclude(factor=1.0).select_related("changed_by").order_by("-changed_at", "key")[:500]
    )


def effects_of(signal: Signal) -> list[Effect]:
    """Return what each verdict on a signal would change: words, and which of the latest messages."""
    known = word_factors()
    rows = list(Signal.objects.select_related("ticket", "message").order_by("-at", "-pk")[:LATEST])
    graded = [(row, [Evidence(**one) for one in row.evidence], logic.Degree(row.degree)) for row in rows]
    own = [Evidence(**one) for one in signal.evidence]
    found: list[Effect] = []
    for verdict in Verdict:
        moved = moves(own, known, verdict)
        changed = {**known, **{one.key: one.after for one in moved}}
        regradings = regraded(graded, changed) if moved else []
        found.append(Effect(verdict, str(Judged(verdict.value).label), moved, regradings))
    return found


def try_out(text: str) -> tuple[logic.Signal, list[Piece]]:
    """Judge a text as it would be judged here, without keeping anything."""
    found = judge(text[:5000], lexicons(), word_factors())
    return found, _pieces(text[:5000], found.evidence)


def loudest(user: User, *, since: datetime, limit: int = 12) -> list[Signal]:
    """Return the latest messages that sound strongly displeased, on tickets this person may see."""
    rows = Signal.objects.filter(at__gte=since, degree__gte=2, ticket__in=tickets.visible_to(user))
    shown = rows.select_related("ticket__organisation", "ticket__owner", "ticket__service", "message")
    return list(shown.order_by("-at", "-pk")[:limit])
