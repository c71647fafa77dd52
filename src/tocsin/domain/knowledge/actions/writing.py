"""Writing what the house knows: versions, review, publication, verification."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.knowledge import queries, rules
from tocsin.domain.knowledge.enums import Audience, Kind, State
from tocsin.domain.knowledge.logic import editing
from tocsin.domain.knowledge.logic.steps import TooMany, steps_of
from tocsin.domain.knowledge.models import Article, Category, Version
from tocsin.domain.knowledge.queries.articles import KIND
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.search import actions as search
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

LONGEST = 100_000
LEAST_DAYS, MOST_DAYS = 7, 1095
ACTS = {
    "submit": "article.submitted",
    "return": "article.returned",
    "retire": "article.retired",
    "revive": "article.revived",
}
ACTS = {
    "submit": "article.submitted", "return": "article.returned", "retire": "article.retired", "revive": "article.revived",
}  # fmt: skip


@transaction.atomic
def save_article(
    *, title: str, body: str, by: User, now: datetime, kind: str = Kind.ARTICLE, steps: str = "",
    audience: str = Audience.INTERNAL, organisation: Organisation | None = None, category: Category | None = None,
    service: Service | None = None, owner: User | None = None, language: str = "en", verify_days: int = 180,
    word: str = "", article_id: UUID | None = None, expected_version: int | None = None, from_ticket: Ticket | None = None,
) -> Article:  # fmt: skip
    """Write an article, or a new version of one. What readers get changes only with `publish`.

    `steps`: of a runbook, one a line. `verify_days`: how long a verification holds. Raises InvalidInput for what is
    missing or too long, Conflict if somebody wrote a newer version than `expected_version`.
    """
    if not rules.may_write_articles.test(by):
        raise NotAllowed("not_allowed", "Articles are written by those who work on tickets.")
    listed = _steps(kind, steps)
    fields: dict[str, object] = {
        "title": _text("title", title, 200, required=True),
        "body": _text("body", body, LONGEST),
        "steps": listed,
    }
    more: dict[str, object] = {
        "kind": kind, "audience": audience, "organisation": _organisation(audience, organisation), "category": category,
        "service": service, "language": language, "verify_days": _days(verify_days), "updated_at": now,
    }  # fmt: skip
    if not fields["body"] and not listed:
        raise InvalidInput("required", "Write a text, or the steps of a runbook.", {"body": "This must not be empty."})
    if article_id is None:
        made = Article.objects.create(
            id=new_id(),
            number=_next_number(),
            owner=owner or by,
            made_at=now,
            from_ticket=from_ticket,
            **fields,
            **more,
        )
        _keep_version(made, by, now, word)
        _tell(made, "article.written", by, now, what=made.kind)
        return made
    return _change(article_id, expected_version, fields, more, owner, by, now, word)


def _change(
    article_id: UUID, expected: int | None, fields: dict[str, object], more: dict[str, object], owner: User | None,
    by: User, now: datetime, word: str,
) -> Article:  # fmt: skip
    found = _locked(article_id)
    if expected is not None and expected != found.version:
        message = f"{found.reference} was changed while you were writing. Look at its versions, then save again."
        raise Conflict("article_changed", message)
    wider = (more["audience"], more["organisation"]) != (found.audience, found.organisation)
    if wider and found.live is not None and not rules.may_publish_articles.test(by):
        problem = "Who reads a published article is changed by leads. Ask one of them."
        raise NotAllowed("not_allowed", problem, {"audience": problem})
    is_new = any(getattr(found, name) != value for name, value in fields.items())
    for name, value in {**fields, **more, **({"owner": owner} if owner else {})}.items():
        setattr(found, name, value)
    if is_new:
        found.version += 1
    found.save()
    if is_new:
        _keep_version(found, by, now, word)
    _tell(found, "article.changed", by, now, version=found.version)
    search.mark(kind=KIND, ids=[found.pk])
    return found


@transaction.atomic
def change_state(*, article_id: UUID, act: str, by: User, now: datetime) -> Article:
    """Hand in for review, return to the author, retire or revive. `publish` is an act of its own."""
    found = _locked(article_id)
    if not rules.may_write_articles.test(by):
        raise NotAllowed("not_allowed", "Articles are written by those who work on tickets.")
    if act in ("return", "retire", "revive") and not rules.may_verify_article.test(by, found):
        raise NotAllowed("not_allowed", "Only its owner or a lead can do this. Ask one of them.")
    found.state = _moved(found, act)
    found.updated_at = now
    found.save(update_fields=["state", "updated_at"])
    _tell(found, ACTS[act], by, now)
    search.mark(kind=KIND, ids=[found.pk])
    return found


@transaction.atomic
def publish(*, article_id: UUID, by: User, now: datetime) -> Article:
    """Give readers the newest version. It counts as verified today. Raises NotAllowed for others than leads."""
    found = _locked(article_id)
    if not rules.may_publish_articles.test(by):
        raise NotAllowed("not_allowed", "Articles are published by leads and managers. Hand it in for review.")
    found.state, found.live = _moved(found, "publish"), found.version
    found.verified_until = _until(found, now)
    found.updated_at = now
    found.save()
    _tell(found, "article.published", by, now, version=found.version)
    search.mark(kind=KIND, ids=[found.pk])
    return found


@transaction.atomic
def verify(*, article_id: UUID, by: User, now: datetime) -> Article:
    """Say that it still holds. Raises NotAllowed for others than its owner and leads, Conflict if it is not published."""
    found = _locked(article_id)
    if not rules.may_verify_article.test(by, found):
        raise NotAllowed("not_allowed", "Only its owner or a lead can verify it. Ask one of them.")
    if found.state != State.PUBLISHED:
        raise Conflict("not_published", f"{found.reference} is not published. Publishing verifies it.")
    found.verified_until, found.reminded_on = _until(found, now), None
    found.save(update_fields=["verified_until", "reminded_on"])
    _tell(found, "article.verified", by, now, until=found.verified_until.isoformat())
    return found


@transaction.atomic
def restore(*, article_id: UUID, number: int, by: User, now: datetime) -> Article:
    """Write an earlier version again, as the newest one."""
    found = _locked(article_id)
    old = queries.version_of(found, number)
    return save_article(
        article_id=found.pk, title=old.title, body=old.body, steps="\n".join(old.steps), by=by, now=now, kind=found.kind,
        audience=found.audience, organisation=found.organisation, category=found.category, service=found.service,
        language=found.language, verify_days=found.verify_days, word=f"version {number} again",
    )  # fmt: skip


@transaction.atomic
def draft_from_ticket(
    *, ticket: Ticket, by: User, now: datetime, words: Callable[[str], str] = str, language: str = "en"
) -> Article:
    """Draft an article from how a ticket was resolved: question, tried, answer (issue "article from resolution").

    `words` says the heads in the language in which it is written.
    """
    said = list(Message.objects.filter(ticket=ticket).order_by("at"))
    replies = [m.body for m in said if m.kind == MessageKind.REPLY]
    notes = [m.body for m in said if m.kind == MessageKind.NOTE]
    parts = [("What happens", ticket.description.strip() or ticket.subject)]
    parts += [("What was found", "\n\n".join(notes[-3:]))] if notes else []
    parts += [("What helps", replies[-1])] if replies else []
    tried = queries.tried_on(ticket.pk)
    parts += [("Tried", tried)] if tried else []
    body = "\n\n".join(f"## {words(title)}\n\n{text}" for title, text in parts)
    return save_article(
        title=ticket.subject[:200], body=body[:LONGEST], by=by, now=now, service=ticket.service, from_ticket=ticket,
        language=language, word=f"drafted from {ticket.reference}",
    )  # fmt: skip


@transaction.atomic
def save_category(*, name: str, by: User) -> Category:
    """Put up a shelf, or return the one of that name."""
    if not rules.may_publish_articles.test(by):
        raise NotAllowed("not_allowed", "Categories are made by leads and managers. Ask one of them.")
    cleaned = _text("name", name, 80, required=True)
    return Category.objects.filter(name__iexact=cleaned).first() or Category.objects.create(name=cleaned)


@transaction.atomic
def remind_owners(*, now: datetime) -> int:
    """Ask owners to verify what has run out, one message each, at most weekly; return how many articles."""
    due = queries.due_for_verification(now.date())
    of: dict[UUID, list[Article]] = {}
    for article in due:
        of.setdefault(article.owner_id, []).append(article)
    pages = [
        PageRequest(
            user_id=owner, purpose="warning", urgency=Urgency.NORMAL,
            subject=f"{len(mine)} of your articles want to be verified",
            body="\n".join(f"{one.reference} {one.title}, verified until {one.verified_until}" for one in mine),
        )
        for owner, mine in of.items()
    ]  # fmt: skip
    enqueue(pages=pages, now=now)
    Article.objects.filter(pk__in=[one.pk for one in due]).update(reminded_on=now.date())
    return len(due)


def _steps(kind: str, steps: str) -> Sequence[str]:
    if kind not in Kind.values:
        raise InvalidInput("bad_kind", "Choose what it is.", {"kind": "Choose one of the kinds."})
    if kind != Kind.RUNBOOK:
        return []
    try:
        listed = steps_of(steps)
    except TooMany as error:
        raise InvalidInput("bad_steps", str(error), {"steps": str(error)}) from None
    if not listed:
        problem = "Write at least one step."
        raise InvalidInput("no_steps", problem, {"steps": problem})
    return listed


def _organisation(audience: str, organisation: Organisation | None) -> Organisation | None:
    if audience not in Audience.values:
        raise InvalidInput("bad_audience", "Choose who reads it.", {"audience": "Choose one of the audiences."})
    if audience != Audience.ORGANISATION:
        return None
    if organisation is None:
        problem = "Choose the customer who reads it."
        raise InvalidInput("no_organisation", problem, {"organisation": problem})
    return organisation


def _days(days: int) -> int:
    if not LEAST_DAYS <= days <= MOST_DAYS:
        problem = f"Between {LEAST_DAYS} and {MOST_DAYS} days."
        raise InvalidInput("bad_days", problem, {"verify_days": problem})
    return days


def _text(name: str, value: str, limit: int, *, required: bool = False) -> str:
    cleaned = value.replace("\x00", "").strip()
    if required and not cleaned:
        raise InvalidInput("required", f"Fill in {name}.", {name: "This must not be empty."})
    if len(cleaned) > limit:
        problem = f"At most {limit} characters; this has {len(cleaned)}."
        raise InvalidInput("too_long", f"Shorten {name}. {problem}", {name: problem})
    return cleaned


def _moved(article: Article, act: str) -> str:
    try:
        return editing.after(article.state, act)
    except editing.Refused as refused:
        raise Conflict("wrong_state", f"{article.reference}: {refused}") from None


def _until(article: Article, now: datetime) -> date:
    return (now + timedelta(days=article.verify_days)).date()


def _keep_version(article: Article, by: User, now: datetime, word: str) -> None:
    Version.objects.create(
        article=article, number=article.version, title=article.title, body=article.body, steps=article.steps, by=by, at=now,
        word=word.strip()[:200],
    )  # fmt: skip


def _locked(article_id: UUID) -> Article:
    found = Article.objects.select_for_update(of=("self",)).filter(pk=article_id).first()
    if found is None:
        raise NotFound("article_not_found", "There is no such article.")
    return found


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('knowledge_number')")
        return int(cursor.fetchone()[0])


def _tell(article: Article, kind: str, by: User, now: datetime, **data: object) -> None:
    record(
        stream=f"article:{article.pk}", kind=kind, actor=f"person:{by.pk}", at=now,
        data={"article": article.reference, "title": article.title, **data},
    )  # fmt: skip
