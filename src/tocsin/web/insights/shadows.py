"""Shadow mode: switch a draft on beside the live policy, see what it would have done, publish it or stop it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import publishing
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.logic.spec_errors import PolicyErrors
from tocsin.domain.insights.backtests import queries, shadow_reports, shadowing
from tocsin.domain.insights.backtests.rules import may_shadow
from tocsin.domain.insights.models import Shadow
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import insider, now, policy_editor, viewer
from tocsin.web.insights.backtest_charts import people_of, timeline_of
from tocsin.web.insights.backtest_forms import ShadowForm
from tocsin.web.insights.backtests import GET_OR_POST, PAGE
from tocsin.web.sheets import done


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show the drafts that run in the shadow, and those that did."""
    context = {
        "page": Paginator(queries.shadows(), PAGE).get_page(request.GET.get("page")), "section": "backtests",
        "may_shadow": may_shadow.test(viewer(request)),
    }  # fmt: skip
    return render(request, "insights/shadows.html", context)


@policy_editor
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch a draft on. It tells nobody anything."""
    policy = escalation.policy_by_slug(slug)
    running = queries.running_shadow(slug)
    if running is not None and request.method != "POST":
        return done(request, reverse("shadow", args=[running.pk]))
    brought = request.method == "POST" and request.POST.get("act") == "bring"
    text = request.POST.get("text", "")[:200_000] if brought else publishing.export(slug)
    form = ShadowForm(None if brought else request.POST or None, initial={"text": text})
    errors: tuple[Any, ...] = ()
    if request.method == "POST" and not brought and form.is_valid():
        try:
            made = shadowing.start(slug=slug, text=form.value("text"), by=viewer(request), now=now(request))
            return done(request, reverse("shadow", args=[made.pk]), "The draft runs in the shadow. It tells nobody.")
        except PolicyErrors as refused:
            errors = refused.errors
        except TocsinError as error:
            form.refuse(error)
    context = {"policy": policy, "form": form, "errors": errors, "section": "backtests"}
    return render(request, "insights/shadow_new.html", context, status=422 if errors or form.errors else 200)


@insider
@require_safe
def shadow(request: HttpRequest, shadow: Any) -> HttpResponse:
    """Show what a draft would have done differently so far."""
    found = queries.access_shadow(viewer(request), shadow)
    every = bool(request.GET.get("all"))
    end = found.stopped_at or now(request)
    result = queries.result(shadow_reports.tally_of(found, found.started_at, end), {})
    current = found.policy.current
    context = {
        **_shown(request, found), "figures": result.figures, **people_of(result.people), "looked": queries.looked(found),
        "page": Paginator(queries.looks_of(found, different=not every), PAGE).get_page(request.GET.get("page")),
        "every": every, "reports": queries.reports_of(found), "based_on": current.number if current else 0,
    }  # fmt: skip
    return render(request, "insights/shadow.html", context)


def _shown(request: HttpRequest, found: Shadow) -> dict[str, Any]:
    return {
        "shadow": found, "may_shadow": may_shadow.test(viewer(request)), "before": "live", "after": "the draft",
        "section": "backtests",
    }  # fmt: skip


@policy_editor
@require_POST
def stop(request: HttpRequest, shadow: Any) -> HttpResponse:
    """End a shadow; what it found stays."""
    shadowing.stop(shadow_id=shadow, by=viewer(request), now=now(request))
    return done(request, reverse("shadow", args=[shadow]), "The draft does not run in the shadow any more.")


@insider
@require_safe
def on_ticket(request: HttpRequest, shadow: Any, number: int) -> HttpResponse:
    """Show one ticket: what was done, and what the draft would have done."""
    found = queries.access_shadow(viewer(request), shadow)
    ticket = tickets.access_ticket(viewer(request), number)
    row = queries.looks_of(found, different=False).filter(ticket=ticket).first()
    if row is None:
        raise NotFound("look_not_found", f"Neither did anything on {ticket.reference} yet.")
    drawn = queries.drawn(row.detail)
    context = {
        **_shown(request, found), "ticket": ticket, "row": row, "drawn": drawn, "back": reverse("shadow", args=[found.pk]),
        "chart": timeline_of(drawn, ticket.opened_at), "title": found.policy.name,
    }  # fmt: skip
    return render(request, "insights/backtest_ticket.html", context)
