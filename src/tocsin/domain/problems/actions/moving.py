"""Moving a problem on: its state, its known error, and merging it into another."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.knowledge import actions as knowledge
from tocsin.domain.knowledge.enums import Audience, Kind
from tocsin.domain.knowledge.enums import State as ArticleState
from tocsin.domain.knowledge.models import Article
from tocsin.domain.knowledge.rules import may_publish_articles
from tocsin.domain.people.models import User
from tocsin.domain.problems import rules
from tocsin.domain.problems.actions.opening import RUNNERS, _link
from tocsin.domain.problems.actions.recording import demand, lock, put_state, tell, text
from tocsin.domain.problems.enums import ProblemState, VerdictWord
from tocsin.domain.problems.logic import lifecycle
from tocsin.domain.problems.logic.lifecycle import Act
from tocsin.domain.problems.models import Hypothesis, Measure, Problem, Proposal
from tocsin.kernel.errors import Conflict, InvalidInput


@transaction.atomic
def move(*, problem_id: UUID, act: str, by: User | None, now: datetime, word: str = "") -> Problem:
    """Move a problem by one act of the table. `word` says why it is closed or reopened.

    Publishing goes through `publish_known_error`. Raises NotAllowed, Conflict if the table has no such move, InvalidInput
    naming what the act still needs. A fix is not verified while a measure of the problem shows no effect.
    """
    if act not in Act or act == Act.PUBLISH:
        raise InvalidInput("bad_act", "There is no such act.", {"act": "Choose one of the acts offered."})
    found = lock(problem_id)
    demand(by, rules.may_run_problem, found, RUNNERS)
    _move(found, Act(act), by, now, text("word", word, 500))
    return found


def _move(problem: Problem, act: Act, by: User | None, now: datetime, word: str = "") -> None:
    if problem.merged_into_id is not None:
        raise Conflict("problem_merged", f"{problem.reference} was merged into another. Work on that one.")
    before, state = problem.state, _after(problem, act)
    wanted = lifecycle.missing(
        act, cause=problem.cause, workaround=problem.workaround, change=problem.change, word=word
    )
    if wanted:
        raise InvalidInput("not_yet", " ".join(wanted.values()), wanted)
    if act is Act.VERIFY:
        _check_measures(problem)
    if act in (Act.CLOSE, Act.REOPEN):
        problem.closed_because = word if act is Act.CLOSE else ""
    put_state(problem, state, now)
    tell(problem, "problem.moved", by, now, before=before, after=str(state), word=word)


def _after(problem: Problem, act: Act) -> lifecycle.State:
    try:
        return lifecycle.after(problem.state, act)
    except lifecycle.Refused as refused:
        raise Conflict("wrong_state", f"{problem.reference}: {refused}") from None


def _check_measures(problem: Problem) -> None:
    failing = Measure.objects.filter(
        problem=problem, withdrawn_at__isnull=True, verdict__in=[VerdictWord.NO_EFFECT, VerdictWord.WORSE]
    ).first()
    if failing is not None:
        problem_text = f"The measure “{failing.title}” shows no effect. Withdraw it or take another one first."
        raise Conflict("measure_without_effect", problem_text)


@transaction.atomic
def publish_known_error(*, problem_id: UUID, by: User, now: datetime, audience: str = Audience.INTERNAL) -> Article:
    """Write the known error as an article (or its next version) and publish it, if this person may; else hand it in.

    The problem becomes a known error once readers get the article. Raises InvalidInput without a workaround.
    """
    found = lock(problem_id)
    demand(by, rules.may_run_problem, found, RUNNERS)
    publishing = found.state not in (ProblemState.KNOWN_ERROR, *lifecycle.ENDED, ProblemState.FIX_PLANNED)
    wanted = lifecycle.missing(
        Act.PUBLISH, cause=found.cause, workaround=found.workaround, change=found.change, word=""
    )
    if wanted:
        raise InvalidInput("not_yet", " ".join(wanted.values()), wanted)
    if publishing:
        _after(found, Act.PUBLISH)  # before anything is written
    article = _written(found, by, now, audience)
    found.article = article
    found.save(update_fields=["article"])
    if may_publish_articles.test(by):
        article = knowledge.publish(article_id=article.pk, by=by, now=now)
        tell(found, "problem.known_error", by, now, article=article.reference)
        if publishing:
            _move(found, Act.PUBLISH, by, now)
    elif article.state == ArticleState.DRAFT:
        article = knowledge.change_state(article_id=article.pk, act="submit", by=by, now=now)
    return article


def _written(problem: Problem, by: User, now: datetime, audience: str) -> Article:
    old = problem.article
    return knowledge.save_article(
        title=problem.title, body=article_text(problem), by=by, now=now, kind=Kind.KNOWN_ERROR, service=problem.service,
        audience=old.audience if old else audience, organisation=old.organisation if old else None,
        category=old.category if old else None, word=f"from {problem.reference}", article_id=old.pk if old else None,
    )  # fmt: skip


def article_text(problem: Problem) -> str:
    """Return a known error's text as it is written from the problem."""
    parts = [("What happens", problem.description), ("Cause", problem.cause), ("Workaround", problem.workaround)]
    parts += [("Fix", f"Planned with {problem.change}.")] if problem.change else []
    return "\n\n".join(f"## {title}\n\n{words}" for title, words in parts if words)


@transaction.atomic
def merge(*, problem_id: UUID, into: UUID, by: User, now: datetime) -> Problem:
    """Say that a problem is the same as another: its tickets, hypotheses and measures move there, and it is closed."""
    if problem_id == into:
        problem = "A problem cannot be merged into itself. Choose another one."
        raise InvalidInput("same_problem", problem, {"into": problem})
    one, other = (lock(pk) for pk in sorted((problem_id, into)))
    found, target = (one, other) if one.pk == problem_id else (other, one)
    demand(by, rules.may_run_problem, found, RUNNERS)
    if target.merged_into_id is not None or found.merged_into_id is not None:
        raise Conflict("problem_merged", "One of them was merged already. Choose the one that is worked on.")
    _link(target, list(found.affected.values_list("ticket_id", flat=True)), by, now)
    Hypothesis.objects.filter(problem=found).update(problem=target)
    Measure.objects.filter(problem=found).update(problem=target)
    Proposal.objects.filter(problem=found).update(problem=target)
    for name in ("cause", "workaround"):
        if not getattr(target, name):
            setattr(target, name, getattr(found, name))
    target.updated_at = now
    target.save()
    found.merged_into, found.closed_because = target, f"The same as {target.reference}."
    put_state(found, ProblemState.CLOSED, now)
    tell(found, "problem.merged", by, now, into=target.reference)
    tell(target, "problem.merged_in", by, now, other=found.reference)
    return target
