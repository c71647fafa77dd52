"""What became of knowledge: read, used on a ticket, its steps followed, found helpful or not."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from tocsin.domain.journal.actions import record
from tocsin.domain.knowledge import rules
from tocsin.domain.knowledge.enums import Kind, Result, Suggested
from tocsin.domain.knowledge.models import Article, Miss, Opinion, Tick, Use, Verdict, Version
from tocsin.domain.people.models import User
from tocsin.domain.tickets.actions.recording import begin, demand, finish
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import may_work_on_ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed

WORKERS = "Only those who work on the ticket can do this."


def note_view(*, article_id: UUID) -> None:
    """Count that it was opened."""
    Article.objects.filter(pk=article_id).update(views=F("views") + 1)


def note_miss(*, words: str, by: User, now: datetime) -> None:
    """Keep a finished search that found no article (for the report of gaps)."""
    cleaned = " ".join(words.replace("\x00", " ").split())[:200]
    if len(cleaned) > 2:
        Miss.objects.create(words=cleaned, by=by, at=now)


@transaction.atomic
def give_opinion(*, article_id: UUID, helpful: bool, by: User, now: datetime, comment: str = "") -> None:
    """Say whether it helped; saying it again replaces what one said. Raises NotAllowed for what one may not read."""
    article = Article.objects.select_for_update(of=("self",)).get(pk=article_id)
    if not rules.may_read_article.test(by, article):
        raise NotAllowed("not_allowed", "You may not read this article.")
    Opinion.objects.update_or_create(
        article=article,
        by=by,
        defaults={"helpful": helpful, "comment": comment.replace("\x00", "").strip()[:2000], "at": now},
    )
    said = Opinion.objects.filter(article=article)
    article.helpful, article.unhelpful = said.filter(helpful=True).count(), said.filter(helpful=False).count()
    article.save(update_fields=["helpful", "unhelpful"])


@transaction.atomic
def use_article(*, ticket_id: UUID, article_id: UUID, by: User, now: datetime) -> Use:
    """Note that an article was used on a ticket: counted once for each ticket, and the suggestion counts as taken up."""
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, may_work_on_ticket, WORKERS)
    article = _readable(article_id, by)
    use, is_new = Use.objects.get_or_create(article=article, ticket=recording.ticket, defaults={"by": by, "at": now})
    if is_new:
        Article.objects.filter(pk=article.pk).update(uses=F("uses") + 1)
        recording.fact("article.used", article=article.reference, title=article.title)
        recording.owner_acts()
        finish(recording)
    _judge(recording.ticket, Suggested.ARTICLE, article.pk, True, by, now)
    return use


@transaction.atomic
def follow(*, ticket_id: UUID, article_id: UUID, by: User, now: datetime) -> Use:
    """Begin to follow a runbook on a ticket."""
    if not Article.objects.filter(pk=article_id, kind=Kind.RUNBOOK).exists():
        raise InvalidInput("no_runbook", "This article has no steps to follow.")
    return use_article(ticket_id=ticket_id, article_id=article_id, by=by, now=now)


@transaction.atomic
def tick(
    *, ticket_id: UUID, article_id: UUID, step: int, result: str, by: User, now: datetime, word: str = ""
) -> Tick | None:
    """Say what came of a step: done, no_help or skipped; "" takes it back. What is said last counts.

    It becomes the "already tried" of an escalation (SEMANTICS 6). Raises InvalidInput for a step that is not there.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, may_work_on_ticket, WORKERS)
    article = _readable(article_id, by)
    steps = _live_steps(article)
    if not 1 <= step <= len(steps):
        raise InvalidInput("no_step", f"{article.reference} has {len(steps)} steps.", {"step": "Choose one of them."})
    if result and result not in Result.values:
        raise InvalidInput(
            "bad_result", "Say done, did not help, or skipped.", {"result": "Choose one of the results."}
        )
    ticked = None
    if result:
        ticked, _ = Tick.objects.update_or_create(
            ticket=recording.ticket, article=article, step=step,
            defaults={"text": steps[step - 1], "result": result, "word": word.strip()[:300], "by": by, "at": now},
        )  # fmt: skip
    else:
        Tick.objects.filter(ticket=recording.ticket, article=article, step=step).delete()
    _, is_new = Use.objects.get_or_create(article=article, ticket=recording.ticket, defaults={"by": by, "at": now})
    if is_new:
        Article.objects.filter(pk=article.pk).update(uses=F("uses") + 1)
    recording.fact(
        "runbook.ticked", article=article.reference, title=article.title, step=step, text=steps[step - 1],
        result=result or "taken back", word=word.strip()[:300],
    )  # fmt: skip
    recording.owner_acts()
    finish(recording)
    return ticked


@transaction.atomic
def judge(*, ticket_id: UUID, kind: str, object_id: UUID, accepted: bool, by: User, now: datetime) -> None:
    """Take up or turn down a suggestion on a ticket; what is said last counts."""
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, may_work_on_ticket, WORKERS)
    if kind not in Suggested.values:
        raise InvalidInput("bad_kind", "This is nothing that is suggested.", {"kind": "Choose article or ticket."})
    _judge(recording.ticket, kind, object_id, accepted, by, now)
    record(
        stream=f"ticket:{ticket_id}", kind="suggestion.accepted" if accepted else "suggestion.rejected",
        actor=f"person:{by.pk}", at=now, data={"kind": kind, "id": str(object_id)},
    )  # fmt: skip


def _judge(ticket: Ticket, kind: str, object_id: UUID, accepted: bool, by: User, now: datetime) -> None:
    Verdict.objects.update_or_create(
        ticket=ticket, kind=kind, object_id=object_id, defaults={"accepted": accepted, "by": by, "at": now}
    )


def _readable(article_id: UUID, by: User) -> Article:
    article = Article.objects.filter(pk=article_id).first()
    if article is None or not rules.may_read_inside.test(by):
        raise InvalidInput("article_not_found", "There is no such article, or you may not read it.")
    return article


def _live_steps(article: Article) -> list[str]:
    live = Version.objects.filter(article=article, number=article.live or article.version).first()
    return list(live.steps) if live else list(article.steps)
