"""Knowledge: what is known, found by words, read, judged, and what is missing (UX "Pages")."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.knowledge import actions, queries, rules
from tocsin.domain.knowledge.enums import Kind, State
from tocsin.domain.knowledge.logic.difference import changed, difference
from tocsin.domain.knowledge.logic.editing import acts_in
from tocsin.domain.knowledge.models import Article, Version
from tocsin.domain.problems import queries as problems
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, signed_in, staff, viewer, worker
from tocsin.web.knowledge.forms import CategoryForm, OpinionForm
from tocsin.web.knowledge.picturing import body_of
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]
MOST_REPEATS = 10


@staff
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show articles: by words, best first, or the latest."""
    user, asked = viewer(request), request.GET
    text = asked.get("q", "").strip()[:200]
    if text:
        found = queries.find_articles(user, f"{text} ", limit=50)
    else:
        category = asked.get("category", "")
        found = queries.articles(
            user, state=asked.get("state", ""), kind=asked.get("kind", ""), service=asked.get("service", ""),
            category=int(category) if category.isascii() and category.isdigit() and len(category) < 9 else None,
            mine=bool(asked.get("mine")),
        )  # fmt: skip
    context = {
        "articles": found, "q": text, "categories": queries.categories(), "states": State.choices, "kinds": Kind.choices,
        "state": asked.get("state", ""), "kind": asked.get("kind", ""), "category": asked.get("category", ""),
        "mine": asked.get("mine", ""), "today": now(request).date(), "section": "knowledge",
        "may": {"write": rules.may_write_articles.test(user), "publish": rules.may_publish_articles.test(user)},
    }  # fmt: skip
    return render(request, "knowledge/list.html", context)


@worker
@require_POST
def missed(request: HttpRequest) -> HttpResponse:
    """Keep words that found nothing; a form's button, since a look changes nothing (check 11)."""
    actions.note_miss(words=request.POST.get("q", ""), by=viewer(request), now=now(request))
    return done(request, reverse("knowledge"), "Noted: it stands in the report of gaps.")


@staff
@require_safe
def article(request: HttpRequest, number: int) -> HttpResponse:
    """Show one article as its readers get it."""
    user = viewer(request)
    found = queries.access_article(user, number)
    context = _shown(found) | {
        "opinions": queries.opinions_of(found),
        "uses": queries.uses_of(found),
        "taken_up": queries.verdicts_on(found),
        "acts": acts_in(found.state),
        "unpublished": found.live is not None and found.live != found.version,
        "stale": found.verified_until is not None and found.verified_until < now(request).date(),
        "may": {
            "edit": rules.may_edit_article.test(user), "publish": rules.may_publish_articles.test(user),
            "verify": rules.may_verify_article.test(user, found),
        },
        "section": "knowledge",
    }  # fmt: skip
    return render(request, "knowledge/article.html", context)


def _shown(found: Article) -> dict[str, object]:
    text, files = queries.live_text(found), queries.files_of(found)
    return {"article": found, "text": text, "files": files, "body": body_of(text, files)}


@worker
@require_safe
def versions(request: HttpRequest, number: int) -> HttpResponse:
    """Show what changed from one version to another."""
    found = queries.access_article(viewer(request), number)
    every = queries.versions_of(found)
    newer = _chosen(request, "b", every, every[0])
    older = _chosen(request, "a", every, next((one for one in every if one.number < newer.number), newer))
    lines = difference(_whole(older), _whole(newer))
    context = {
        "article": found, "versions": every, "older": older, "newer": newer, "lines": lines, "changed": changed(lines),
        "section": "knowledge",
    }  # fmt: skip
    return render(request, "knowledge/versions.html", context)


def _chosen(request: HttpRequest, name: str, every: list[Version], otherwise: Version) -> Version:
    return next((one for one in every if str(one.number) == request.GET.get(name)), otherwise)


def _whole(version: Version) -> str:
    steps = [f"{number}. {step}" for number, step in enumerate(version.steps, start=1)]
    return "\n".join([version.title, "", version.body, *steps])


@worker
@require_POST
def restore(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """Write an earlier version again."""
    found = queries.access_article(viewer(request), number)
    actions.restore(article_id=found.pk, number=version, by=viewer(request), now=now(request))
    return done(request, reverse("article", args=[number]), f"Version {version} is the newest again.")


SAID = {
    "publish": "Published: readers get this version.",
    "verify": "Verified.",
    "submit": "Handed in for review.",
    "return": "Returned to its author.",
    "retire": "Retired: nobody finds it any more.",
    "revive": "A draft again.",
}


@worker
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Publish, verify, hand in, return, retire or revive."""
    user, what = viewer(request), request.POST.get("act", "")
    found = queries.access_article(user, number)
    if what not in SAID:
        raise NotFound("no_such_act", "There is no such act.")
    if what == "publish":
        actions.publish(article_id=found.pk, by=user, now=now(request))
    elif what == "verify":
        actions.verify(article_id=found.pk, by=user, now=now(request))
    else:
        actions.change_state(article_id=found.pk, act=what, by=user, now=now(request))
    return done(request, reverse("article", args=[number]), SAID[what])


@signed_in
@require_POST
def viewed(request: HttpRequest, number: int) -> HttpResponse:
    """Count that somebody has looked at it for a few seconds; the page says so, since a look changes nothing."""
    found = queries.access_article(viewer(request), number)
    actions.note_view(article_id=found.pk)
    return HttpResponse(status=204)


@signed_in
@require_http_methods(GET_OR_POST)
def opinion(request: HttpRequest, number: int) -> HttpResponse:
    """Say whether it helped."""
    user = viewer(request)
    found = queries.access_article(user, number)
    inside = rules.may_read_inside.test(user)
    where = reverse("article" if inside else "portal_article", args=[number])
    form = OpinionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.give_opinion(
            article_id=found.pk, helpful=form.value("helpful") == "yes", comment=form.value("comment"), by=user,
            now=now(request),
        )  # fmt: skip
        return done(request, where, "Thank you. Its owner sees what you said.")
    if not inside:
        context = {"form": form, "article": found, "section": "knowledge"}
        return render(request, "portal/opinion.html", context, status=422 if form.errors else 200)
    return sheet(request, form, title="Was this helpful?", submit="Send", cancel=where)


@worker
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """Show what is not known yet: vain searches, and tickets without an article."""
    context = {
        "gaps": queries.gaps(now(request)), "clusters": queries.clusters_without_article(now(request)),
        "repeats": problems.proposals()[:MOST_REPEATS], "section": "knowledge",
    }  # fmt: skip
    return render(request, "knowledge/gaps.html", context)


@worker
@require_http_methods(GET_OR_POST)
def new_category(request: HttpRequest) -> HttpResponse:
    """Put up a shelf."""
    form = CategoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_category(name=form.value("name"), by=viewer(request))
            return done(request, reverse("knowledge"), "The category is there.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New category", submit="Add", cancel=reverse("knowledge"))
