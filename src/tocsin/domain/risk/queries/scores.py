"""Scores of open tickets, and what people said about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from tocsin.domain.people.models import User
from tocsin.domain.risk.enums import Outcome
from tocsin.domain.risk.logic.quiet import Said, is_quiet
from tocsin.domain.risk.models import Answer, Score
from tocsin.domain.risk.queries.models import working_models
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import visible_to

MOST = 500  # of the highest scores that are looked through
NOTABLE = 0.3  # what the hot board takes notice of


@dataclass(frozen=True, slots=True)
class Risk:
    """One score of a ticket with the last answer to it."""

    score: Score
    answer: Answer | None
    quiet: bool

    @property
    def percent(self) -> int:
        return round(100 * self.score.value)


def said_of(answer: Answer | None) -> Said | None:
    """Return an answer as the pure rule sees it."""
    return Said(answer.opinion, answer.value, answer.until) if answer else None


def last_answers(
    tickets: Sequence[UUID], outcomes: Sequence[str] = tuple(Outcome.values)
) -> dict[tuple[UUID, str], Answer]:
    """Return {(ticket, outcome): its last answer}."""
    rows = Answer.objects.filter(ticket__in=tickets, outcome__in=outcomes).select_related("by").order_by("at", "id")
    return {(row.ticket_id, row.outcome): row for row in rows}


def risks_of(ticket_id: UUID, now: datetime) -> list[Risk]:
    """Return the scores of a ticket that models in use gave it, the highest first."""
    rows = list(
        Score.objects.filter(ticket=ticket_id, model__in=working_models().values()).select_related("model")
        .defer("model__content").order_by("-value")
    )  # fmt: skip
    said = last_answers([ticket_id]) if rows else {}
    found = [(row, said.get((ticket_id, row.outcome))) for row in rows]
    return [Risk(row, answer, is_quiet(said_of(answer), row.value, now)) for row, answer in found]


def notable(outcome: str, now: datetime) -> dict[UUID, float]:
    """Return {open ticket: score} of the highest scores that may call for attention, for the hot board."""
    model = working_models().get(outcome)
    if model is None:
        return {}
    rows = Score.objects.filter(outcome=outcome, model=model, value__gte=NOTABLE).order_by("-value")[:MOST]
    found = dict(rows.values_list("ticket_id", "value"))
    said = last_answers(list(found), [outcome]) if found else {}
    return {
        pk: value for pk, value in found.items() if not is_quiet(said_of(said.get((pk, outcome))), value, now)
    }  # fmt: skip


def highest_of(tickets: Sequence[UUID], now: datetime) -> dict[UUID, Risk]:
    """Return {ticket: its highest score}, loud ones before silent ones. One query where no model is in use, else three."""
    models = working_models()
    if not models or not tickets:
        return {}
    said = last_answers(tickets)
    found: dict[UUID, Risk] = {}
    for row in Score.objects.filter(ticket__in=tickets, model__in=models.values()).order_by("-value"):
        answer = said.get((row.ticket_id, row.outcome))
        one = Risk(row, answer, is_quiet(said_of(answer), row.value, now))
        if row.ticket_id not in found or (found[row.ticket_id].quiet and not one.quiet):
            found[row.ticket_id] = one
    return found


def riskiest_first(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Sort tickets by the highest score that a model in use gave them; those without one come last."""
    models = list(working_models().values())
    if not models:  # a subquery of nothing would leave no ticket at all
        return found.order_by("priority", "opened_at", "number")
    scores = Score.objects.filter(ticket=OuterRef("pk"), model__in=models).order_by("-value")
    risk = Subquery(scores.values("value")[:1])
    return found.order_by(risk.desc(nulls_last=True), "priority", "opened_at", "number")


def highest(user: User, outcome: str, now: datetime, limit: int = 10) -> list[Risk]:
    """Return the riskiest open tickets that this person may see, those that are silent left out."""
    loud = notable(outcome, now)
    rows = Score.objects.filter(outcome=outcome, ticket__in=visible_to(user).filter(pk__in=list(loud)))
    rows = rows.select_related("ticket__owner", "ticket__organisation", "ticket__team").order_by(
        "-value", "ticket__number"
    )
    return [Risk(row, None, False) for row in rows[:limit]]


def labels(outcome: str) -> QuerySet[Answer]:
    """Return what people said, the latest first."""
    return Answer.objects.filter(outcome=outcome).select_related("by", "ticket").order_by("-at", "-id")
