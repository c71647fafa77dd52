"""What the detector proposes: the sentence, the evidence, and the decision."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.problems import actions, queries, rules
from tocsin.domain.problems.enums import ProposalState
from tocsin.domain.problems.logic.series import parsed
from tocsin.domain.problems.logic.words import named
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import insider, now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.languages.catalogue import language_now
from tocsin.web.problems.charts import bars_of
from tocsin.web.problems.forms import AcceptForm, MergeForm, RejectForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show what waits for a decision, the surest first; or what was decided."""
    state = request.GET.get("state", "")
    chosen = state if state in ProposalState.values else ProposalState.PROPOSED
    found = list(queries.proposals(chosen)[:100])
    drawn = found[:20] if chosen == ProposalState.PROPOSED else []
    charts = {one.pk: bars_of(one, queries.weeks_of(one)) for one in drawn}
    language = language_now()
    context = {
        "proposals": [
            (one, charts.get(one.pk), queries.said_proposal(one, language), queries.said_also(one, language)) for one in found
        ],
        "state": chosen, "states": ProposalState.choices, "progress": queries.progress(), "section": "problems",
    }  # fmt: skip
    return render(request, "problems/proposals.html", context)


@insider
@require_safe
def proposal(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Show one proposal with its series, the figures behind it, and its tickets."""
    user, language = viewer(request), language_now()
    found = queries.access_proposal(user, proposal)
    context = {
        "sentence": queries.said_proposal(found, language), "also": queries.said_also(found, language),
        "proposal": found, "chart": bars_of(found, queries.weeks_of(found)), "tickets": queries.evidence_of(found),
        "about": named(parsed(found.series), found.names, language), "may": rules.may_decide_on_proposals.test(user),
        "waits": found.state in (ProposalState.PROPOSED, ProposalState.LAPSED), "section": "problems",
    }  # fmt: skip
    return render(request, "problems/proposal.html", context)


@worker
@require_http_methods(GET_OR_POST)
def accept(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Open a problem from it."""
    user = viewer(request)
    found = queries.access_proposal(user, proposal)
    first = {"title": named(parsed(found.series), found.names, language_now())[:200]}
    form = AcceptForm(request.POST or None, offers={"owner": [("", "me"), *choices.staff()]}, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.accept(
                proposal_id=found.pk, by=user, now=now(request), title=form.value("title"),
                owner=choices.person_of(form.uuid("owner")),
            )  # fmt: skip
            return done(request, reverse("problem", args=[made.number]), f"{made.reference} is open.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Open a problem", submit="Open it", cancel=reverse("proposal", args=[proposal]))


@worker
@require_http_methods(GET_OR_POST)
def merge(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Put its tickets to a problem that there is."""
    user = viewer(request)
    found = queries.access_proposal(user, proposal)
    there = [("", "choose"), *((str(pk), name) for pk, name in queries.active_choices())]
    form = MergeForm(request.POST or None, offers={"into": there})
    if request.method == "POST" and form.is_valid():
        try:
            target = actions.merge_into(
                proposal_id=found.pk, problem_id=UUID(form.value("into")), by=user, now=now(request)
            )
            return done(request, reverse("problem", args=[target.number]), f"Its tickets stand on {target.reference}.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="The same as a problem", submit="Merge", cancel=reverse("proposal", args=[proposal])
    )


@worker
@require_http_methods(GET_OR_POST)
def reject(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Turn it down, with the reason and how far it has to grow to be proposed again."""
    user = viewer(request)
    found = queries.access_proposal(user, proposal)
    form = RejectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reject(
                proposal_id=found.pk, reason=form.value("reason"), factor=form.cleaned_data["factor"], by=user,
                now=now(request),
            )  # fmt: skip
            return done(request, reverse("proposals"), "Rejected. It is proposed again when it grows.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Reject", submit="Reject", cancel=reverse("proposal", args=[proposal]))
