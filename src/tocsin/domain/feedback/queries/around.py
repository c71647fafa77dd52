"""360-degree feedback: the parties' views of one escalation side by side, and of many together."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Avg, Count, Q

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.feedback.enums import AskState, Kind, Party
from tocsin.domain.feedback.logic import questions as forms
from tocsin.domain.feedback.logic.differences import Difference, differences
from tocsin.domain.feedback.models import Answer, Ask
from tocsin.domain.feedback.queries.figures import Selection
from tocsin.domain.people.models import User
from tocsin.domain.tickets.queries import visible_to
from tocsin.kernel.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAnswer:
    """One answer with the question as it was asked. `score` 1 (bad) to 5 (good), None where words were asked for."""

    key: str
    kind: str  # scale or text
    question_en: str
    question_de: str
    score: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAnswers:
    """One party's view of an escalation. `answers` is {} until it has answered."""

    party: str  # customer, front_line, expert, manager
    label: str
    person_id: UUID
    person_name: str
    state: str  # planned, asked, answered, expired, skipped, withdrawn
    asked_at: datetime | None
    answered_at: datetime | None
    answers: Mapping[str, PartyAnswer]


def answers_of(escalation_id: UUID) -> tuple[PartyAnswers, ...]:
    """Return what the parties to an escalation said, in the order customer, front line, expert, manager.

    Parties that were not there are left out; those that have not answered have no answers. Three queries.
    """
    rows = Ask.objects.filter(escalation=escalation_id, kind=Kind.ESCALATION)
    asks = {ask.party: ask for ask in rows.select_related("person", "questions").prefetch_related("answers")}
    return tuple(_party(asks[party]) for party in Party.values if party in asks)


def _party(ask: Ask) -> PartyAnswers:
    given = {one.key: one for one in ask.answers.all()}
    asked = forms.read(ask.questions.questions) if ask.questions else ()
    answers = {
        one.key: PartyAnswer(
            key=one.key, kind=one.kind, question_en=one.en, question_de=one.de or one.en, score=given[one.key].score,
            text=given[one.key].text,
        )
        for one in asked
        if one.key in given
    }  # fmt: skip
    return PartyAnswers(
        party=ask.party, label=Party(ask.party).label, person_id=ask.person_id, person_name=ask.person.name,
        state=ask.state, asked_at=ask.asked_at, answered_at=ask.answered_at, answers=answers,
    )  # fmt: skip


def differences_of(views: tuple[PartyAnswers, ...]) -> list[Difference]:
    """Return the questions on which these parties differ, the widest first."""
    scores = {
        view.party: {key: one.score for key, one in view.answers.items() if one.score is not None} for view in views
    }
    return differences({party: given for party, given in scores.items() if given})


def access_around(user: User, escalation_id: UUID) -> Escalation:
    """Return an escalation that parties were asked about, if this person may see its ticket. Raises NotFound."""
    rows = Escalation.objects.select_related("ticket__organisation", "policy", "owner")
    found = rows.filter(pk=escalation_id, asks__isnull=False, ticket__in=visible_to(user)).first()
    if found is None:
        raise NotFound("feedback_not_found", "Nobody was asked about this escalation, or you may not see it.")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """One escalation in the list."""

    escalation: Escalation
    asked: int
    answered: int
    differences: list[Difference]


def around(where: Selection, limit: int = 50) -> list[Around]:
    """Return the escalations that parties were asked about in the period, the latest asked first."""
    rows = Ask.objects.filter(_about(where)).select_related("escalation__ticket__organisation", "escalation__policy")
    by_escalation: dict[UUID, list[Ask]] = defaultdict(list)
    for ask in rows.prefetch_related("answers").order_by("-asked_at", "pk")[: limit * len(Party.values)]:
        if ask.escalation_id is not None:
            by_escalation[ask.escalation_id].append(ask)
    return [_one(asks) for asks in list(by_escalation.values())[:limit]]


def _one(asks: list[Ask]) -> Around:
    scores = {
        ask.party: {one.key: one.score for one in ask.answers.all() if one.score is not None}
        for ask in asks
        if ask.state == AskState.ANSWERED
    }
    escalation = asks[0].escalation
    if escalation is None:
        raise ValueError("a question about an escalation names it")
    answered = sum(ask.state == AskState.ANSWERED for ask in asks)
    return Around(escalation=escalation, asked=len(asks), answered=answered, differences=differences(scores))


def _about(where: Selection) -> Q:
    found = Q(kind=Kind.ESCALATION, asked_at__gte=where.start, asked_at__lt=where.end, ticket__is_drill=False)
    found &= ~Q(state__in=[AskState.WITHDRAWN, AskState.SKIPPED])
    if where.team:
        found &= Q(ticket__team__slug=where.team)
    if where.service:
        found &= Q(ticket__service__slug=where.service)
    if where.customer:
        found &= Q(ticket__organisation=where.customer)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFigures:
    """How one party answered in a period: means by question, with n."""

    party: str
    label: str
    asked: int
    answered: int
    means: list[tuple[str, float, int]]  # key, mean score, n


def by_party(where: Selection) -> list[PartyFigures]:
    """Return response and mean scores by party."""
    counts = {
        row["party"]: row
        for row in Ask.objects.filter(_about(where))
        .values("party")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(state=AskState.ANSWERED)))
    }
    means: dict[str, list[tuple[str, float, int]]] = defaultdict(list)
    scored = Answer.objects.filter(ask__in=Ask.objects.filter(_about(where)), score__isnull=False)
    for row in scored.values("ask__party", "key").annotate(mean=Avg("score"), n=Count("pk")).order_by("key"):
        means[row["ask__party"]].append((row["key"], float(row["mean"]), row["n"]))
    return [
        PartyFigures(
            party=party, label=Party(party).label, asked=counts[party]["asked"], answered=counts[party]["answered"],
            means=means[party],
        )
        for party in Party.values
        if party in counts
    ]  # fmt: skip
