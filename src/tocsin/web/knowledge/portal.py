"""Knowledge for customers: find an answer before asking."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.knowledge import queries
from tocsin.domain.knowledge.enums import State
from tocsin.web.access import signed_in, viewer
from tocsin.web.knowledge.picturing import body_of


@signed_in
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show what this person may read: found by words, or the latest."""
    user, text = viewer(request), request.GET.get("q", "").strip()[:200]
    found = queries.find_articles(user, f"{text} ") if text else queries.articles(user, state=State.PUBLISHED)
    return render(request, "portal/knowledge.html", {"articles": found, "q": text, "section": "portal_knowledge"})


@signed_in
@require_safe
def article(request: HttpRequest, number: int) -> HttpResponse:
    """Show one article."""
    found = queries.access_article(viewer(request), number)
    text = queries.live_text(found)
    body = body_of(text, queries.files_of(found))
    context = {"article": found, "text": text, "body": body, "section": "portal_knowledge"}
    return render(request, "portal/article.html", context)
