"""Runbooks as they are followed on a ticket."""

from dataclasses import dataclass
from uuid import UUID

from tocsin.domain.knowledge.enums import Kind
from tocsin.domain.knowledge.logic.steps import tried
from tocsin.domain.knowledge.models import Article, Tick, Use, Version


@dataclass(frozen=True, slots=True)
class StepState:
    """A step and what came of it; `tick` None: not tried."""

    number: int
    text: str
    tick: Tick | None


@dataclass(frozen=True, slots=True)
class Followed:
    """A runbook that is followed on a ticket."""

    article: Article
    title: str
    steps: list[StepState]

    @property
    def answered(self) -> int:
        """How many steps have a result."""
        return sum(step.tick is not None for step in self.steps)


def runbooks_on(ticket_id: UUID) -> list[Followed]:
    """Return the runbooks used on a ticket with the state of each step. Three queries."""
    uses = Use.objects.select_related("article").filter(ticket=ticket_id, article__kind=Kind.RUNBOOK).order_by("at")
    articles = [use.article for use in uses]
    live = {
        (version.article_id, version.number): version
        for version in Version.objects.filter(article__in=[one.pk for one in articles])
    }
    ticks: dict[tuple[UUID, int], Tick] = {
        (tick.article_id, tick.step): tick for tick in Tick.objects.select_related("by").filter(ticket=ticket_id)
    }
    return [_followed(article, live.get((article.pk, article.live or article.version)), ticks) for article in articles]


def _followed(article: Article, text: Version | None, ticks: dict[tuple[UUID, int], Tick]) -> Followed:
    title, steps = (text.title, text.steps) if text else (article.title, article.steps)
    states = [StepState(n, step, ticks.get((article.pk, n))) for n, step in enumerate(steps, start=1)]
    return Followed(article, title, states)


def tried_on(ticket_id: UUID) -> str:
    """Return what was tried by runbooks on a ticket, in words: for briefs (SEMANTICS 6)."""
    ticks = Tick.objects.select_related("article").filter(ticket=ticket_id).order_by("article__title", "step")
    return tried([(tick.article.title, tick.text, tick.result, tick.word) for tick in ticks])
