"""Back-tests: ask what another policy would have done, watch it being worked out, see whom it would have paged."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import publishing
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.spec_errors import PolicyErrors
from tocsin.domain.escalation.models import Policy
from tocsin.domain.escalation.rules import may_edit_policies
from tocsin.domain.insights.backtests import asking, queries, working
from tocsin.domain.insights.backtests.asking import Variant
from tocsin.domain.insights.backtests.rules import may_backtest, may_shadow
from tocsin.domain.insights.backtests.running import silent
from tocsin.domain.insights.logic import advisor
from tocsin.domain.insights.models import BackTest
from tocsin.domain.insights.models.backtest import Kind, State
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import back_tester, insider, now, viewer
from tocsin.web.control.policies import trigger_words
from tocsin.web.insights.backtest_charts import hours_of, people_of, timeline_of, trade_off_of
from tocsin.web.insights.backtest_forms import DRAFT, CompareForm, SweepForm
from tocsin.web.sheets import done

GET_OR_POST = ["GET", "HEAD", "POST"]
PAGE = 50
CHANGES = (
    ("different", "acted on differently"), ("added", "only by the second"), ("avoided", "only by the first"),
    ("changed", "by both, differently"), ("same", "alike"),
)  # fmt: skip


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show back-tests, newest first; with ?policy= those of one policy."""
    slug = request.GET.get("policy", "")[:80]
    page = Paginator(queries.backtests(slug), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "slug": slug, "policies": [one for one in escalation.all_policies() if one.current_id],
        "may_ask": may_backtest.test(viewer(request)), "section": "backtests",
    }  # fmt: skip
    return render(request, "insights/backtests.html", context)


@back_tester
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest) -> HttpResponse:
    """Ask: this version against that one, or against a draft. What was typed is never lost."""
    known = [one.slug for one in escalation.all_policies() if one.current_id]
    policy = escalation.policy_by_slug(request.GET.get("policy", "") or next(iter(known), ""))
    versions = [(str(one.number), f"version {one.number}") for one in escalation.versions_of(policy)]
    number = policy.current.number if policy.current else 0
    initial = {"before": str(number), "after": DRAFT, "text": publishing.export(policy.slug)}
    brought = request.method == "POST" and request.POST.get("act") == "bring"
    if brought:  # from the editor, with what is being written there
        initial["text"] = request.POST.get("text", "")[:200_000]
    form = CompareForm(None if brought else request.POST or None, versions=versions, initial=initial)
    errors: tuple[Any, ...] = ()
    if request.method == "POST" and not brought and form.is_valid():
        try:
            made = asking.compare(
                before=_variant(policy, form.value("before"), ""),
                after=_variant(policy, form.value("after"), form.value("text")), **_period(request, form),
            )  # fmt: skip
            return done(request, reverse("backtest", args=[made.pk]))
        except PolicyErrors as refused:
            errors = refused.errors
        except TocsinError as error:
            form.refuse(error)
    context = {"policy": policy, "form": form, "errors": errors, "section": "backtests"}
    status = 422 if errors or form.errors else 200
    return render(request, "insights/backtest_new.html", context, status=status)


def _variant(policy: Policy, chosen: str, text: str) -> Variant:
    return asking.draft(text, policy.slug) if chosen == DRAFT else asking.published(policy.slug, int(chosen))


def _period(request: HttpRequest, form: CompareForm | SweepForm) -> dict[str, Any]:
    end = now(request)
    return {
        "starts_at": end - timedelta(days=form.cleaned_data["days"]), "ends_at": end, "now": end,
        "by": viewer(request), "answers": form.value("answers"), "whose": form.value("whose"),
    }  # fmt: skip


@back_tester
@require_http_methods(GET_OR_POST)
def threshold(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask which value of a threshold warns most for its pages."""
    policy = escalation.policy_by_slug(slug)
    base = asking.published(slug)
    swept = advisor.sweepable(base.content)
    words = dict(zip((t.key for t in base.content.triggers), trigger_words(base.content), strict=True))
    form = SweepForm(request.POST or None, triggers=[(t.key, words[t.key]) for t in swept])
    if request.method == "POST" and form.is_valid():
        try:
            made = asking.sweep(base=base, trigger=form.value("trigger"), **_period(request, form))
            return done(request, reverse("backtest", args=[made.pk]))
        except TocsinError as error:
            form.refuse(error)
    context = {"policy": policy, "form": form, "any": bool(swept), "section": "backtests"}
    return render(request, "insights/threshold_new.html", context, status=422 if form.errors else 200)


@insider
@require_safe
def backtest(request: HttpRequest, backtest: Any) -> HttpResponse:
    """Show a back-test: how far it is, or what it found. The address can be shared with anybody who works here."""
    found = queries.access_backtest(viewer(request), backtest)
    context = _shown(request, found)
    if found.state == State.DONE and found.kind == Kind.SWEEP:
        return render(request, "insights/threshold.html", {**context, **_swept(found)})
    if found.state == State.DONE:
        context |= _compared(request, found)
    return render(request, "insights/backtest.html", context)


def _shown(request: HttpRequest, found: BackTest) -> dict[str, Any]:
    user = viewer(request)
    return {
        "backtest": found, "before": found.variants[0]["label"], "after": found.variants[-1]["label"],
        "may_ask": may_backtest.test(user), "may_edit": may_edit_policies.test(user), "may_shadow": may_shadow.test(user),
        "share": round(100 * found.pieces_done / found.pieces) if found.pieces else 100, "section": "backtests",  # type: ignore[attr-defined]  # annotated by the query
    }  # fmt: skip


def _compared(request: HttpRequest, found: BackTest) -> dict[str, Any]:
    result = queries.result_of(found)
    change, person = request.GET.get("change", "different"), request.GET.get("person", "")[:40]
    noise = bool(request.GET.get("noise"))
    rows = queries.rows_of(found, change=change, person=person, noise=noise)
    draft = found.variants[1]["source"]
    current = found.policy.current
    return {
        "result": result, "figures": result.figures, "hours": hours_of(result.hours),
        **people_of(result.people), "page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "change": change,
        "changes": CHANGES, "person": person, "noise": noise, "draft": draft,
        "person_name": next((one.name for one in result.people if one.id == person), ""),
        "based_on": current.number if current else 0,
        "publishable": bool(draft) and (current is None or spec.to_json(spec.from_json(current.spec)) != found.variants[1]["spec"]),
    }  # fmt: skip


def _swept(found: BackTest) -> dict[str, Any]:
    points = queries.points_of(found)
    current = found.policy.current
    content = spec.from_json(current.spec) if current else spec.from_json(found.variants[0]["spec"])
    known = {one.key for one in advisor.sweepable(content)}
    drafts = [
        spec.dump(advisor.with_value(content, found.trigger, one["value"])) if found.trigger in known else ""
        for one in found.variants
    ]
    best = advisor.knee(points)
    return {
        "points": list(zip(points, drafts, strict=True)), "chart": trade_off_of(points),
        "best": points[best] if best is not None else None, "based_on": current.number if current else 0,
        "present": next((one for one in points if one.is_present), None),
        "silent": silent(spec.from_json(found.variants[0]["spec"])),
    }  # fmt: skip


@insider
@require_safe
def progress(request: HttpRequest, backtest: Any) -> HttpResponse:
    """Return the part of the page that tells how far a back-test is; a finished one has the page loaded anew."""
    found = queries.access_backtest(viewer(request), backtest)
    if found.state != State.RUNNING:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "insights/backtest_progress.html", _shown(request, found))


@back_tester
@require_POST
def cancel(request: HttpRequest, backtest: Any) -> HttpResponse:
    """Stop a back-test that is under way."""
    working.cancel(backtest_id=backtest, by=viewer(request), now=now(request))
    return done(request, reverse("backtest", args=[backtest]), "The back-test is cancelled.")


@insider
@require_safe
def on_ticket(request: HttpRequest, backtest: Any, number: int) -> HttpResponse:
    """Show one ticket of a back-test with both runs on one line of time."""
    found = queries.access_backtest(viewer(request), backtest)
    ticket = tickets.access_ticket(viewer(request), number)
    row = queries.row_of(found, number)
    drawn = queries.drawn(row.detail)
    context = {
        **_shown(request, found), "ticket": ticket, "row": row, "drawn": drawn, "back": reverse("backtest", args=[found.pk]),
        "chart": timeline_of(drawn, ticket.opened_at), "title": found.policy.name,
    }  # fmt: skip
    return render(request, "insights/backtest_ticket.html", context)
