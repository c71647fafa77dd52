"""The risk pages: what is predicted, how well, and what it runs on."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tocsin.domain.risk import actions, queries, rules, tasks
from tocsin.domain.risk.queries import Card
from tocsin.web.access import now, risk_runner, viewer, worker
from tocsin.web.risk import words
from tocsin.web.risk.charts import calibration_of
from tocsin.web.sheets import done

FLAGGED = 10


@worker
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show each outcome with its model and the riskiest open tickets."""
    user = viewer(request)
    shown = [
        {"card": card, "title": words.TITLES[card.outcome], "finding": words.finding(card),
         "highest": queries.highest(user, card.outcome, now(request), FLAGGED) if card.scores else []}
        for card in queries.cards()
    ]  # fmt: skip
    return render(request, "risk/overview.html", {"cards": shown, "section": "risk"})


@worker
@require_safe
def card(request: HttpRequest, outcome: str) -> HttpResponse:
    """Show a model's card: what it predicts, from what, how well, and whether it still holds."""
    found = queries.card(outcome)
    return render(request, "risk/card.html", _context(request, found))


def _context(request: HttpRequest, found: Card) -> dict[str, Any]:
    context: dict[str, Any] = {
        "card": found, "model": found.model, "title": words.TITLES[found.outcome], "meaning": words.MEANINGS[found.outcome],
        "finding": words.finding(found), "may_run": rules.may_run_risk_models.test(viewer(request)), "section": "risk",
    }  # fmt: skip
    if found.model is not None:
        judged = found.model.judged[0]["model"]
        context |= {
            "lines": words.lines(found.model), "rule": words.rule_name(found.model), "months": words.months(found.model),
            "weights": words.weights(found.model), "chart": calibration_of(judged["bins"]), "judged": judged,
            "ten": round(100 * judged["flagged"][0]["recall"]), "twenty": round(100 * judged["flagged"][1]["recall"]),
            "labels": queries.labels(found.outcome)[:20],
        }  # fmt: skip
    return context


@worker
@require_safe
def training(request: HttpRequest, outcome: str) -> HttpResponse:
    """Show how far the training is; asks again by itself until it has ended."""
    found = queries.card(outcome)
    response = render(request, "risk/training.html", _context(request, found))
    if not found.running and getattr(request, "htmx", False):
        response["HX-Refresh"] = "true"  # its figures have changed
    return response


@risk_runner
@require_POST
def train(request: HttpRequest, outcome: str) -> HttpResponse:
    """Ask for a training."""
    found = queries.card(outcome)
    made = actions.request_training(outcome=found.outcome, by=viewer(request), now=now(request))
    tasks.train.defer(training=str(made.pk))
    return done(request, reverse("risk_card", args=[outcome]), "The training waits for a worker.")


@risk_runner
@require_POST
def switch(request: HttpRequest, outcome: str) -> HttpResponse:
    """Turn a risk on or off for everybody."""
    found = queries.card(outcome)
    turned = actions.switch(
        outcome=found.outcome, on=request.POST.get("on") == "1", by=viewer(request), now=now(request)
    )
    said = "It is on." if turned.on else "It is off: no ticket is scored, and nothing fires by it."
    return done(request, reverse("risk_card", args=[outcome]), said)
