"""What is done with a problem: sheets and buttons. Each parses a form, calls one action, and goes back to the page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.problems import actions, queries
from tocsin.domain.problems.logic.lifecycle import LABELS, Act
from tocsin.domain.problems.models import Problem
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.problems.forms import (
    HypothesisForm,
    JudgeForm,
    LinkForm,
    MergeForm,
    PublishForm,
    WordForm,
    WorkaroundForm,
)
from tocsin.web.sheets import done, sheet, through

GET_OR_POST = ["GET", "HEAD", "POST"]
WITH_WORD = (Act.CLOSE, Act.REOPEN)


def _page(found: Problem) -> str:
    return reverse("problem", args=[found.number])


@worker
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Move a problem by one of its buttons."""
    found = queries.access_problem(viewer(request), number)
    wanted = request.POST.get("act", "")
    if wanted not in Act or wanted in (*WITH_WORD, Act.PUBLISH):
        raise NotFound("no_such_act", "There is no such act.")
    moved = actions.move(problem_id=found.pk, act=wanted, by=viewer(request), now=now(request))
    return done(request, _page(found), f"{found.reference}: {moved.get_state_display()}.")


@worker
@require_http_methods(GET_OR_POST)
def end(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Close or reopen a problem, with a word on why."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    if what not in WITH_WORD:
        raise NotFound("no_such_act", "There is no such act.")
    form = WordForm(request.POST or None)

    def run() -> str:
        actions.move(problem_id=found.pk, act=what, by=user, now=now(request), word=form.value("word"))
        return f"{found.reference} is {'closed' if what == Act.CLOSE else 'open again'}."

    label = LABELS[Act(what)]
    return through(request, form, run, _page(found), f"{label} {found.reference}", label)


@worker
@require_http_methods(GET_OR_POST)
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Say which tickets it caused."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    form = LinkForm(request.POST or None)

    def run() -> str:
        linked = [tickets.access_ticket(user, one).pk for one in form.cleaned_data["tickets"]]
        count = actions.link_tickets(problem_id=found.pk, ticket_ids=linked, by=user, now=now(request))
        return f"{count} linked." if count else "They were linked already."

    return through(request, form, run, _page(found), f"Tickets of {found.reference}", "Link them")


@worker
@require_POST
def unlink(request: HttpRequest, number: int, ticket: int) -> HttpResponse:
    """Take a ticket off."""
    user = viewer(request)
    found, other = queries.access_problem(user, number), tickets.access_ticket(user, ticket)
    actions.unlink_ticket(problem_id=found.pk, ticket_id=other.pk, by=user, now=now(request))
    return done(request, _page(found), f"{other.reference} is unlinked.")


@worker
@require_http_methods(GET_OR_POST)
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Publish the known error."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    form = PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            article = actions.publish_known_error(
                problem_id=found.pk, by=user, now=now(request), audience=form.value("audience")
            )
            said = "published" if article.state == "published" else "handed in for review"
            return done(request, _page(found), f"{article.reference} is {said}.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="Publish known error", submit="Publish" if not found.article_id else "Publish a new version",
        cancel=_page(found), template="problems/publish.html", problem=found, text=actions.article_text(found),
    )  # fmt: skip


@worker
@require_http_methods(GET_OR_POST)
def workaround(request: HttpRequest, number: int) -> HttpResponse:
    """Show who would get the workaround, and send it to them."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    first = {"body": found.workaround and f"Hello {{name}},\n\n{found.workaround}"}
    form = WorkaroundForm(request.POST or None, initial=first)
    body = form.value("body") if request.method == "POST" and form.is_valid() else str(first["body"] or "")
    waiting = queries.waiting_for_workaround(found.pk, body)
    if request.method == "POST" and form.is_valid():
        try:
            push = actions.push_workaround(
                problem_id=found.pk, body=body, by=user, now=now(request), expected_count=form.cleaned_data["count"]
            )
            said = f"{len(waiting)} replies leave within a minute."
            return done(request, _page(found), said, undo=reverse("push_take_back", args=[number, push.pk]))
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="Send the workaround", submit="Send", cancel=_page(found), template="problems/workaround.html",
        waiting=waiting, customers=len({one.organisation_id for one in waiting if one.organisation_id}),
    )  # fmt: skip


@worker
@require_POST
def take_back(request: HttpRequest, number: int, push: UUID) -> HttpResponse:
    """Take the replies back that have not left yet."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    count = actions.take_push_back(push_id=queries.access_push(found, push).pk, by=user, now=now(request))
    return done(request, _page(found), f"{count} taken back. Nobody was told.")


@worker
@require_http_methods(GET_OR_POST)
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it is the same as another."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    others = [("", "choose"), *((str(pk), name) for pk, name in queries.active_choices() if pk != found.pk)]
    form = MergeForm(request.POST or None, offers={"into": others})
    if request.method == "POST" and form.is_valid():
        try:
            target = actions.merge(problem_id=found.pk, into=UUID(form.value("into")), by=user, now=now(request))
            return done(request, _page(target), f"{found.reference} is merged into {target.reference}.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Merge {found.reference}", submit="Merge", cancel=_page(found))


@worker
@require_http_methods(GET_OR_POST)
def hypothesis(request: HttpRequest, number: int) -> HttpResponse:
    """Offer an explanation."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    form = HypothesisForm(request.POST or None)

    def run() -> str:
        actions.add_hypothesis(problem_id=found.pk, words=form.value("text"), by=user, now=now(request))
        return "Noted: now it wants a test."

    return through(request, form, run, _page(found), "New hypothesis", "Add")


@worker
@require_http_methods(GET_OR_POST)
def judge(request: HttpRequest, number: int, hypothesis: UUID) -> HttpResponse:
    """Say what the test of an explanation showed."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    one = queries.access_hypothesis(found, hypothesis)
    form = JudgeForm(request.POST or None)

    def run() -> str:
        actions.judge_hypothesis(
            hypothesis_id=one.pk, state=form.value("state"), test=form.value("test"), by=user, now=now(request)
        )
        return "Noted."

    return through(request, form, run, _page(found), "What the test showed", "Save")
