"""The rules of the writing advice: switched on and off, added, tried, restored."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.listening import actions, queries, rules
from tocsin.domain.listening.logic.advice import KINDS
from tocsin.domain.listening.queries import Listed
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import listening_keeper, now, viewer, worker
from tocsin.web.listening.forms import KIND_NAMES, LANGUAGES, RuleForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    """Every rule, the house's first; and a box to try a draft."""
    asked = request.GET
    language, kind = asked.get("language", ""), asked.get("kind", "")
    text = asked.get("text", "").replace("\x00", "")[:2000]
    context = {
        "rules": [_shown(one) for one in queries.listed_rules() if _fits(one, language, kind)],
        "languages": LANGUAGES, "kinds": [(one, KIND_NAMES[one]) for one in KINDS], "language": language, "kind": kind,
        "text": text, "advice": queries.advice_for(text) if text.strip() else None, "book": queries.book(),
        "may_keep": rules.may_keep_words.test(viewer(request)), "section": "settings",
    }  # fmt: skip
    return render(request, "listening/rules.html", context)


def _fits(one: Listed, language: str, kind: str) -> bool:
    return (not language or one.rule.language == language) and (not kind or one.rule.kind == kind)


def _shown(one: Listed) -> dict[str, object]:
    return {"rule": one.rule, "on": one.on, "own": one.own, "kind": KIND_NAMES[one.rule.kind]}


@listening_keeper
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, key: str = "") -> HttpResponse:
    """Add a rule, or change one of the house's."""
    first = {}
    if key:
        found = queries.own_rule(key)
        first = {name: getattr(found, name) for name in ("pattern", "language", "kind", "why", "better")}
    form = RuleForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_rule(
                language=form.value("language"), kind=form.value("kind"), pattern=form.value("pattern"),
                why=form.value("why"), better=form.value("better"), key=key, by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, reverse("advice_rules"), "Saved. It holds from the next draft on.")
        except TocsinError as error:
            form.refuse(error)
    title = "Change a rule" if key else "A rule of your own"
    return sheet(request, form, title=title, submit="Save", cancel=reverse("advice_rules"))


@listening_keeper
@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Switch a shipped rule on or off."""
    on = request.POST.get("on") == "1"
    actions.switch_rule(key=key, on=on, by=viewer(request), now=now(request))
    return done(request, reverse("advice_rules"), "On." if on else "Off.")


@listening_keeper
@require_POST
def drop(request: HttpRequest, key: str) -> HttpResponse:
    """Remove a rule of the house."""
    actions.drop_rule(key=key, by=viewer(request), now=now(request))
    return done(request, reverse("advice_rules"), "Removed. Earlier versions keep it.")


@worker
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """Every version of the rules, and who changed what."""
    context = {
        "books": queries.books(), "may_keep": rules.may_keep_words.test(viewer(request)), "section": "settings",
    }  # fmt: skip
    return render(request, "listening/books.html", context)


@listening_keeper
@require_POST
def restore(request: HttpRequest, version: int) -> HttpResponse:
    """Go back to a version; 0 is as shipped."""
    actions.restore_rules(number=version, by=viewer(request), now=now(request))
    return done(request, reverse("advice_versions"), "Restored; it is the newest version now.")
