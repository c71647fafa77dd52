"""Communication plans and their templates: who is told how often, in which words."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions, queries, rules
from tocsin.domain.stakeholders.actions import AudienceWish
from tocsin.domain.stakeholders.enums import Audience
from tocsin.domain.stakeholders.logic.wording import INWARD, OUTWARD, fill, given_name, one_line
from tocsin.domain.stakeholders.models import PlanAudience, Template
from tocsin.domain.stakeholders.queries import Words
from tocsin.domain.tickets.enums import Priority
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, policy_editor, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.sheets import done, sheet
from tocsin.web.stakeholders.forms import TYPES, PlanForm, TemplateForm
from tocsin.web.words import span

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan with its cadence, and the templates."""
    found: list[dict[str, Any]] = [
        {"plan": plan, "rows": [_row(one) for one in queries.in_order(list(plan.audiences.all()))]}
        for plan in queries.plans()
    ]
    context = {
        "plans": found, "templates": queries.templates(), "priorities": list(Priority), "section": "plans",
        "missing": [(kind, label) for kind, label in TYPES.items() if all(one["plan"].type != kind for one in found)],
        "may": rules.may_plan_communication.test(viewer(request)),
    }  # fmt: skip
    return render(request, "stakeholders/plans.html", context)


def _row(row: PlanAudience) -> dict[str, Any]:
    minutes = [row.cadence.get(str(priority.value)) for priority in Priority]
    return {"row": row, "minutes": [span(timedelta(minutes=one)) if one else "" for one in minutes]}


@policy_editor
@require_http_methods(GET_OR_POST)
def edit_plan(request: HttpRequest, kind: str) -> HttpResponse:
    """Change a plan, or begin one."""
    if kind not in TYPES:
        raise NotFound("plan_not_found", "There is no such type of escalation.")
    plan = queries.plan_of(kind)
    rows = queries.audiences_of(plan) if plan is not None else {}
    people = [(pk, name) for pk, name in choices.staff()] + _executives()
    form = PlanForm(
        request.POST or None, rows=rows, templates=queries.templates(), staff=people,
        initial={"enabled": plan.enabled if plan else True},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_plan(
                type_=kind, enabled=form.cleaned_data["enabled"], by=viewer(request), now=now(request),
                audiences={audience.value: _wish(form, audience) for audience in Audience},
            )  # fmt: skip
            return done(
                request, reverse("plans"), "The plan is saved. Escalations that run keep the cadence they have."
            )
        except TocsinError as error:
            form.refuse(error)
    context = {
        "form": form, "kind": kind, "label": TYPES[kind], "section": "plans",
        "audiences": [(audience.label, form.of(audience.value)) for audience in Audience], "priorities": list(Priority),
    }  # fmt: skip
    return render(request, "stakeholders/plan_edit.html", context, status=422 if form.errors else 200)


def _executives() -> list[tuple[str, str]]:
    from tocsin.domain.people import queries as people  # noqa: PLC0415 - named like what this module returns

    return [
        (str(one.pk), one.name) for one in people.people() if one.role == "stakeholder" and one.organisation_id is None
    ]


def _wish(form: PlanForm, audience: Audience) -> AudienceWish:
    data, name = form.cleaned_data, audience.value
    chosen: list[User] = [
        person for pk in data.get(f"{name}_people", []) if (person := choices.person_of(UUID(pk))) is not None
    ]  # fmt: skip
    return AudienceWish(
        ways=data[f"{name}_ways"], speaker=data[f"{name}_speaker"], template=UUID(data[f"{name}_template"]), people=chosen,
        cadence={p.value: data[f"{name}_{p.value}"] for p in Priority if data[f"{name}_{p.value}"]},
    )  # fmt: skip


@policy_editor
@require_http_methods(GET_OR_POST)
def edit_template(request: HttpRequest, template_id: UUID | None = None) -> HttpResponse:
    """Write a template, or its next version; the sheet shows it with a real ticket's data."""
    found = queries.access_template(template_id) if template_id else None
    form = TemplateForm(request.POST or None, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_template(
                name=form.value("name"), audience=form.value("audience"), subject=form.value("subject"),
                body=form.value("body"), by=viewer(request), now=now(request), template_id=template_id,
            )  # fmt: skip
            return done(request, reverse("plans"), "The template is saved.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title=found.name if found else "New template", submit="Save", cancel=reverse("plans"),
        template="stakeholders/template_edit.html", preview_address=reverse("template_preview"),
        outward=[(f"{{{{ {name} }}}}", meaning) for name, meaning in OUTWARD.items()],
        inward=[(f"{{{{ {name} }}}}", meaning) for name, meaning in INWARD.items()], versions=queries.versions_of(found) if found else [],
        **_shown(request, str(form["audience"].value() or ""), str(form["subject"].value() or ""), str(form["body"].value() or "")),
    )  # fmt: skip


def _initial(found: Template | None) -> dict[str, str]:
    if found is None or found.current is None:
        return {
            "audience": Audience.STAKEHOLDERS,
            "subject": "{{ reference }}: update {{ number }}",
            "body": "{{ update }}",
        }
    return {
        "name": found.name,
        "audience": found.audience,
        "subject": found.current.subject,
        "body": found.current.body,
    }


@policy_editor
@require_safe
def preview_template(request: HttpRequest) -> HttpResponse:
    """Draw a template with a real ticket's data."""
    asked = request.GET
    context = _shown(request, asked.get("audience", ""), asked.get("subject", "")[:200], asked.get("body", "")[:10_000])
    return render(request, "stakeholders/template_preview.html", context)


def _shown(request: HttpRequest, audience: str, subject: str, body: str) -> dict[str, Any]:
    user = viewer(request)
    real = queries.real_ticket(user)
    if real is None:
        return {"real": None}
    live = queries.live_communications(real.pk)
    words = Words(
        outward="The part is here. We change it within the hour.", inward="Second time this quarter.", next_at=None
    )
    values = queries.values_of(real, live[0].escalation if live else None, words, user, 1)
    values |= {
        "name": user.name,
        "first_name": given_name(user.name),
        "next_update": queries.in_zone(now(request), user.zone),
    }
    house = audience != Audience.CUSTOMER
    return {
        "real": real,
        "said_subject": one_line(fill(subject, values, house=house)),
        "said": fill(body, values, house=house),
    }
