"""The catalogue of decisions: who may take which, in versions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.decisions import actions, queries, rules
from tocsin.domain.decisions.logic import rights
from tocsin.domain.decisions.models import Decision
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Line, Role
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import catalogue_keeper, now, viewer, worker
from tocsin.web.decisions.forms import CatalogueForm
from tocsin.web.desk import choices
from tocsin.web.fields import Choices
from tocsin.web.languages.catalogue import say
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]
ROLES = (Role.AGENT, Role.LEAD, Role.PROBLEM_MANAGER, Role.ESCALATION_MANAGER, Role.ADMINISTRATOR)


@worker
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show what may be decided and by whom, what the viewer may decide, and what waits for their answer."""
    user, today = viewer(request), now(request).date()
    standing = queries.standing_of(user)
    rows = [_row(one, standing) for one in queries.all_decisions()]
    context = {
        "rows": [row for row in rows if not row["ended"](today)],
        "ended": [row for row in rows if row["ended"](today)],
        "waiting": queries.requests_waiting_for(user),
        "may_keep": rules.may_keep_catalogue.test(user),
        "section": "decisions",
    }
    return render(request, "decisions/list.html", context)


def _row(one: Decision, standing: rights.Standing) -> dict[str, Any]:
    entry = queries.entry_of(one)
    return {
        "decision": one,
        "verdict": rights.judge(entry, standing),
        "rights": [(right.name, rights.limit_of(right, entry)) for right in entry.rights],
        "ended": lambda today: one.ends_on is not None and one.ends_on < today,
    }


@worker
@require_safe
def decision(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one decision: its rights, how it was taken, its versions."""
    user = viewer(request)
    found = queries.access_decision(user, slug)
    entry = queries.entry_of(found)
    context = {
        "decision": found,
        "verdict": rights.judge(entry, queries.standing_of(user)),
        "rights": [(right.name, rights.limit_of(right, entry)) for right in entry.rights],
        "taken": [(one, rights.sized(one.amount, found.unit, found.unit_name)) for one in queries.recent_of(found)],
        "versions": queries.versions_of(found),
        "may_keep": rules.may_keep_catalogue.test(user),
        "section": "decisions",
    }
    return render(request, "decisions/decision.html", context)


@catalogue_keeper
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Add a decision, or write its next version."""
    user = viewer(request)
    found = queries.access_decision(user, slug) if slug is not None else None
    entry = queries.entry_of(found) if found else None
    form = CatalogueForm(
        request.POST or None, services=choices.services(), holders=_holders(),
        customers=[(str(one.pk), one.name) for one in people.organisations()],
        rights=[(f"{right.holder}:{right.key}", right.limit) for right in entry.rights] if entry else [],
        initial=_initial(found) if found else {"starts_on": now(request).date()},
    )  # fmt: skip
    where = reverse("decision", args=[found.slug]) if found else reverse("decisions")
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(request, form, found)
            return done(request, reverse("decision", args=[saved.slug]), "Saved. It holds from now on.")
        except TocsinError as error:
            form.refuse(_at_our_names(error))
    title = f"Change {found.name}" if found else "New decision"
    return sheet(request, form, title=title, submit="Save", cancel=where, template="decisions/edit.html")


def _at_our_names(error: TocsinError) -> TocsinError:
    """The action's `fields` and `grants` are other fields of the form."""
    ours = {"fields": "fields_kept", "grants": "who_0"}
    error.fields = {ours.get(name, name): problem for name, problem in error.fields.items()}
    return error


def _holders() -> list[tuple[str, Choices]]:
    """Return whom a right may hang on, in groups."""
    return [
        (say("Lines"), [(f"line:{one.value}", say(one.label)) for one in Line]),
        (say("Roles"), [(f"role:{one.value}", say(one.label)) for one in ROLES]),
        (say("Teams"), [(f"team:{one.slug}", one.name) for one in people.teams()]),
        (say("Skills"), [(f"skill:{one.name}", one.name) for one in people.skills()]),
    ]


def _initial(found: Decision) -> dict[str, Any]:
    return {
        "name": found.name, "purpose": found.purpose, "unit": found.unit, "unit_name": found.unit_name,
        "condition": found.condition, "fields_kept": "\n".join(found.fields),
        "services": [str(one.pk) for one in found.services.all()],
        "customers": [str(one.pk) for one in found.customers.all()],
        "answer_within": found.answer_within, "starts_on": found.starts_on, "ends_on": found.ends_on,
        "version": found.version,
    }  # fmt: skip


def _save(request: HttpRequest, form: CatalogueForm, found: Decision | None) -> Decision:
    clean = form.cleaned_data
    return actions.save_decision(
        name=clean["name"], purpose=clean["purpose"], unit=clean["unit"], unit_name=clean["unit_name"],
        condition=clean["condition"], fields=clean["fields_kept"].splitlines(), grants=form.granted(),
        services=[one for one in people.services() if str(one.pk) in clean["services"]],
        customers=[one for one in people.organisations() if str(one.pk) in clean["customers"]],
        answer_within=clean["answer_within"] or 240, starts_on=clean["starts_on"], ends_on=clean["ends_on"],
        word=clean["word"], by=viewer(request), now=now(request), decision_id=found.pk if found else None,
        expected_version=clean["version"] if found else None,
    )  # fmt: skip
