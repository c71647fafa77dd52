"""Problems: what they cost, what is known, and what is done about them (UX "Pages")."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.journal import queries as journal
from tocsin.domain.people import queries as people
from tocsin.domain.problems import actions, queries, rules
from tocsin.domain.problems.enums import ProblemState
from tocsin.domain.problems.logic.lifecycle import LABELS, Act, acts_in, missing
from tocsin.domain.problems.models import Problem
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import insider, now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Choices
from tocsin.web.languages.catalogue import language_now
from tocsin.web.problems.charts import shown
from tocsin.web.problems.forms import EditForm, ProblemForm
from tocsin.web.problems.story import story_of
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]
# Acts that are one button; the others ask for a word or have a page of their own.
BUTTONS = (Act.ACCEPT, Act.FIND_CAUSE, Act.GIVE_WORKAROUND, Act.PLAN_FIX, Act.FIX, Act.VERIFY)


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show problems, those that hurt most first."""
    user, asked = viewer(request), request.GET
    text, which, mine = asked.get("q", "").strip()[:200], asked.get("state", ""), bool(asked.get("mine"))
    found = queries.in_order(queries.problems(which=which, text=text, owner=user if mine else None))
    counts = queries.state_counts()
    context = {
        "problems": found, "q": text, "state": which, "mine": mine, "section": "problems",
        "states": [(value, name, counts.get(value, 0)) for value, name in ProblemState.choices if counts.get(value)],
        "proposals": queries.proposal_count(), "progress": queries.progress(), "any": bool(counts),
        "may_work": rules.may_work_on_problems.test(user),
    }  # fmt: skip
    return render(request, "problems/list.html", context)


@insider
@require_safe
def problem(request: HttpRequest, number: int) -> HttpResponse:
    """Show one problem: impact first, then what is known, what is done, and whether it helps."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    measures = queries.measures_of(found)
    may_run = rules.may_run_problem.test(user, found)
    acts = acts_in(found.state) if found.merged_into_id is None else []
    context = {
        "problem": found, "impact": queries.impact_of(found), "tickets": queries.tickets_of(found),
        "hypotheses": queries.hypotheses_of(found),
        "measures": [shown(one, language_now()) for one in measures],
        "pushes": queries.pushes_of(found), "waiting": queries.waiting_for_workaround(found.pk, found.workaround),
        "acts": [(act.value, LABELS[act]) for act in acts if act in BUTTONS and _ready(found, act)] if may_run else [],
        "can": {act.value for act in acts} if may_run else set(),
        "may_run": may_run, "may_work": rules.may_work_on_problems.test(user), "now": now(request),
        "events": story_of(journal.latest(f"problem:{found.pk}", 60), people.names_of_actors, language_now()),
        "section": "problems",
    }  # fmt: skip
    return render(request, "problems/problem.html", context)


def _ready(found: Problem, act: Act) -> bool:
    """Tell whether what an act needs is written down; until then its button is not offered."""
    return not missing(act, cause=found.cause, workaround=found.workaround, change=found.change, word="")


@worker
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest) -> HttpResponse:
    """Open a problem."""
    user = viewer(request)
    form = ProblemForm(
        request.POST or None, offers=_offers(), initial={"tickets": request.GET.get("tickets", "")[:400]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            linked = [tickets.access_ticket(user, number).pk for number in form.cleaned_data["tickets"]]
            made = actions.open_problem(
                title=form.value("title"), description=form.value("description"), category=form.value("category"),
                configuration_item=form.value("configuration_item"), service=choices.service_of(form.uuid("service")),
                owner=choices.person_of(form.uuid("owner")), tickets=linked, by=user, now=now(request),
            )  # fmt: skip
            return done(request, reverse("problem", args=[made.number]), f"{made.reference} is open.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New problem", submit="Open it", cancel=reverse("problems"))


@worker
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Write on a problem."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    form = EditForm(request.POST or None, offers=_offers(), initial=_initial(found))
    where = reverse("problem", args=[number])
    if request.method == "POST" and form.is_valid():
        if form.value("updated") != found.updated_at.isoformat():
            form.add_error(
                None, f"{found.reference} was changed while you were writing. Look at what is new, then save again."
            )
        else:
            try:
                words = {name: form.value(name) for name in _WORDS}
                actions.change_problem(
                    problem_id=found.pk, by=user, now=now(request), expected=found.updated_at, **words,
                    service=choices.service_of(form.uuid("service")), owner=choices.person_of(form.uuid("owner")),
                )  # fmt: skip
                return done(request, where, "Saved.")
            except TocsinError as error:
                form.refuse(error)
    return sheet(request, form, title=f"Edit {found.reference}", submit="Save", cancel=where)


_WORDS = ("title", "description", "cause", "workaround", "category", "configuration_item", "change", "change_url")


def _initial(found: Problem) -> dict[str, object]:
    fields: dict[str, object] = {name: getattr(found, name) for name in _WORDS}
    return fields | {"service": found.service_id, "owner": found.owner_id, "updated": found.updated_at.isoformat()}


def _offers() -> dict[str, Choices]:
    return {"service": [("", "none"), *choices.services()], "owner": [("", "nobody yet"), *choices.staff()]}
