"""Articles searched, read and written; courses; who knows what."""

from typing import Annotated, Any, Literal

from ninja import Router
from pydantic import Field

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import cut
from tocsin.api.schemas import knowledge as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Page, ServiceName, Slug, Word
from tocsin.api.schemas.knowledge import ArticleNumber
from tocsin.domain.knowledge import actions, queries
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.training import queries as training
from tocsin.domain.training.models import Course
from tocsin.domain.training.queries import Knows

router = Router()
READ, WRITE = Scope.KNOWLEDGE_READ, Scope.KNOWLEDGE_WRITE
type StateWord = Literal["", "draft", "in_review", "published", "retired"]
type AnyKind = Literal["", "article", "known_error", "runbook"]


@operation(router, "GET", "/articles", scope=READ, answer=Page[schema.Article])
def list_articles(
    request: ApiRequest,
    q: Word = "",
    state: StateWord = "",
    kind: AnyKind = "",
    limit: Limit = USUAL_LIMIT,
    cursor: Cursor = "",
) -> Page[schema.Article]:
    """List articles that the caller may read, the last changed first; with `q` those that hold the words, best first."""
    user = request.caller.user
    if q.strip():
        found = queries.find_articles(user, q.replace("\x00", " "), limit=100)
        found = [one for one in found if one.kind == (kind or one.kind) and one.state == (state or one.state)]
    else:
        found = queries.articles(user, state=state, kind=kind)
    placed = list(enumerate(found))
    page, following = cut(
        placed, limit=limit, cursor=cursor, key=lambda one: f"{one[0]:06}", sort=f"{q} {state} {kind}"
    )
    return Page(items=[schema.Article(**_fields(one)) for _, one in page], next=following)


@operation(router, "GET", "/articles/{article_number}", scope=READ, answer=schema.FullArticle)
def read_article(request: ApiRequest, article_number: ArticleNumber) -> schema.FullArticle:
    """Read an article as its readers get it."""
    return _full(queries.access_article(request.caller.user, article_number))


@operation(router, "POST", "/articles", scope=WRITE, answer=schema.FullArticle, status=201)
def write_article(request: ApiRequest, given: schema.NewArticle) -> schema.FullArticle:
    """Write an article. It is a draft until it is published."""
    finding.demand_staff(request.caller, "Articles are written by")
    return _full(actions.save_article(**_given(request.caller, given)))


@operation(router, "POST", "/articles/{article_number}/versions", scope=WRITE, answer=schema.FullArticle, status=201)
def write_version(request: ApiRequest, article_number: ArticleNumber, given: schema.NewVersion) -> schema.FullArticle:
    """Write the next version of an article, as a whole. Readers get it once it is published."""
    caller = request.caller
    found = queries.access_article(caller.user, article_number)
    finding.demand_staff(caller, "Articles are written by")
    saved = actions.save_article(
        **_given(caller, given), article_id=found.pk, expected_version=given.expected_version, category=found.category
    )
    return _full(saved)


@operation(router, "POST", "/articles/{article_number}/publish", scope=WRITE, answer=schema.FullArticle)
def publish_article(request: ApiRequest, article_number: ArticleNumber) -> schema.FullArticle:
    """Give readers the newest version. It counts as verified today. Leads and managers do this."""
    caller = request.caller
    found = queries.access_article(caller.user, article_number)
    return _full(actions.publish(article_id=found.pk, by=caller.user, now=caller.now))


def _given(caller: Caller, given: schema.NewArticle) -> dict[str, Any]:
    return {
        "title": given.title, "body": given.body, "kind": given.kind, "steps": "\n".join(given.steps),
        "audience": given.audience, "language": given.language, "verify_days": given.verify_days, "word": given.word,
        "organisation": finding.organisation_of(given.organisation), "service": finding.service_of(caller, given.service),
        "owner": finding.person_of(caller, "owner", given.owner), "by": caller.user, "now": caller.now,
    }  # fmt: skip


def _fields(found: Article) -> dict[str, Any]:
    return {
        "number": found.number, "reference": found.reference, "kind": found.kind, "state": found.state,
        "audience": found.audience, "title": found.title, "category": found.category.name if found.category else "",
        "service": _service(found), "language": found.language, "version": found.live or found.version,
        "newest": found.version, "verified_until": found.verified_until, "uses": found.uses, "helpful": found.helpful,
        "unhelpful": found.unhelpful, "updated_at": found.updated_at,
    }  # fmt: skip


def _service(found: Article) -> ServiceName | None:
    return ServiceName(slug=found.service.slug, name=found.service.name) if found.service else None


def _full(found: Article) -> schema.FullArticle:
    text = queries.live_text(found)
    fields = _fields(found) | {"title": text.title, "version": text.version}
    return schema.FullArticle(**fields, body=text.body, steps=text.steps, owner=shown.known_person(found.owner))


def _course(found: Course) -> schema.Course:
    return schema.Course(
        id=found.pk, title=found.title, state=found.state, skills=sorted(one.name for one in found.skills.all()),
        pass_mark=found.pass_mark, valid_months=found.valid_months, needs_sign_off=found.needs_sign_off, version=found.live,
    )  # fmt: skip


@operation(router, "GET", "/courses", scope=READ, answer=Page[schema.Course])
def list_courses(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Course]:
    """List courses; drafts are shown to those who write them."""
    finding.demand_internals(request.caller, "Courses are")
    rows = training.courses(request.caller.user)
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda one: f"{one.title.lower()} {one.pk}")
    return Page(items=[_course(one) for one in page], next=following)


@operation(router, "GET", "/me/training", scope=READ, answer=Page[schema.Duty])
def my_training(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Duty]:
    """List what the caller must know and has passed, the most urgent first."""
    caller = request.caller
    finding.demand_staff(caller, "Courses are")
    duties = list(enumerate(training.duties_of(caller.user, caller.now)))
    page, following = cut(duties, limit=limit, cursor=cursor, key=lambda one: f"{one[0]:06}")
    items = [
        schema.Duty(
            course=_course(one.course), standing=one.standing.what, due_at=one.standing.due_at, services=list(one.services)
        )
        for _, one in page
    ]  # fmt: skip
    return Page(items=items, next=following)


@operation(router, "GET", "/who-knows", scope=READ, answer=schema.Knowers)
def who_knows(request: ApiRequest, skill: Annotated[str, Field(min_length=1, max_length=80)]) -> schema.Knowers:
    """Find who knows something, whoever can be had now first. `skill`: a name, or what resembles one."""
    caller = request.caller
    finding.demand_internals(caller, "The skill register is")
    skills = training.skills_like(skill)
    found = training.who_knows(skills, caller.now) if skills and skill.strip() else []
    return schema.Knowers(skills=[one.name for one in skills], people=[_knower(one) for one in found])


def _knower(one: Knows) -> schema.Knower:
    evidence = [schema.Evidence(skill=why.skill.name, word=why.word, until=why.until) for why in one.evidence]
    return schema.Knower(
        person=shown.known_person(one.person), state=one.here, on_call_in=one.duties, next_on_call_at=one.next_duty,
        away_until=one.away_until, channels=one.ways, open_tickets=one.tickets, evidence=evidence,
    )  # fmt: skip


@operation(router, "GET", "/teams/{slug}/coverage", scope=READ, answer=schema.Coverage)
def read_coverage(request: ApiRequest, slug: Slug) -> schema.Coverage:
    """Read how well a team knows its services, and what at most one member knows."""
    caller = request.caller
    finding.demand_internals(caller, "Coverage is")
    found = training.coverage(people.team_by_slug(slug), caller.now)
    services = [
        schema.ServiceCoverage(
            service=ServiceName(slug=one.slug, name=one.name) if one else None, knowing=knowing, members=of
        )
        for one, knowing, of in found.services
    ]
    points = [
        schema.SinglePoint(
            what=gap.what, kind=gap.kind, only=shown.person(gap.only), course=gap.course.pk if gap.course else None
        )
        for gap in found.gaps
    ]
    return schema.Coverage(services=services, single_points=points)
