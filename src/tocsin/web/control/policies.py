"""Policies: see the ladder, try it on a ticket, edit it as text, compare versions (UX "Pages")."""

import difflib
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import actions, policies, publishing
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.logic.policy import Trigger
from tocsin.domain.escalation.logic.spec_errors import PolicyError, PolicyErrors
from tocsin.domain.escalation.logic.triggers import DEGREES
from tocsin.domain.escalation.models import Policy, PolicyVersion
from tocsin.domain.escalation.publishing import PolicyChange
from tocsin.domain.escalation.rules import may_edit_policies, may_plan_drills
from tocsin.domain.escalation.targets import in_words
from tocsin.domain.people import queries as people
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, policy_editor, staff, viewer
from tocsin.web.control.forms import PolicyForm
from tocsin.web.sheets import done
from tocsin.web.words import duration, span

STARTER = """\
slug: new-policy
name: New policy
type: technical
reason: complexity
direction: functional
levels:
  - name: Lead of the team
    targets: [team_lead]
  - name: Next line
    delay: 30m
    targets: [next_line_team]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A level in words."""

    number: int
    name: str
    when: str
    targets: list[str]
    ack: str
    condition: str
    only_if: str
    gate: str


@staff
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every policy with what it does in one line."""
    rows = []
    for policy in escalation.all_policies():
        content = policies.content_of(policy.current_id) if policy.current_id else None
        rows.append({"policy": policy, "content": content, "triggers": trigger_words(content) if content else []})
    context = {"rows": rows, "may_edit": may_edit_policies.test(viewer(request)), "section": "policies"}
    return render(request, "control/policies.html", context)


@staff
@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One policy: its ladder, its triggers, and what it would do on a chosen ticket."""
    policy = escalation.policy_by_slug(slug)
    version = _version(policy, request.GET.get("version", ""))
    content = policies.content_of(version.pk)
    context = {
        "policy": policy,
        "version": version,
        "content": content,
        "rungs": rungs(content),
        "triggers": trigger_words(content),
        "running": escalation.running_of(policy),
        "tickets": tickets.queue(viewer(request), tickets.QueueFilters(size=100)).tickets,
        "may_edit": may_edit_policies.test(viewer(request)),
        "may_test": policy.enabled and may_plan_drills.test(viewer(request)),
        "section": "policies",
        **_preview(request, content),
    }
    return render(request, "control/policy.html", context)


@staff
@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of the page that names people, for another ticket."""
    policy = escalation.policy_by_slug(slug)
    content = policies.content_of(_version(policy, request.GET.get("version", "")).pk)
    return render(request, "control/policy_preview.html", {"policy": policy, **_preview(request, content)})


def _preview(request: HttpRequest, content: Content) -> dict[str, Any]:
    number = request.GET.get("ticket", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return {"ticket": None}
    try:
        found = tickets.access_ticket(viewer(request), int(number))
    except NotFound as error:
        return {"ticket": None, "preview_problem": error.message}
    return {"ticket": found, "preview": escalation.if_it_fired_now(content, found.pk, now(request))}


@policy_editor
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Edit as YAML: look at the difference first, then publish. What was typed is never lost."""
    policy = escalation.policy_by_slug(slug) if slug else None
    number = policy.current.number if policy and policy.current else 0
    text = publishing.export(slug) if slug else STARTER
    form = PolicyForm(request.POST or None, initial={"text": text, "based_on": number})
    errors: tuple[PolicyError, ...] = ()
    change: PolicyChange | None = None
    if request.method == "POST" and form.is_valid():
        try:
            change = publishing.plan(documents=[("", form.value("text"))]).changes[0]
            if request.POST.get("act") == "publish":
                version = publishing.publish_source(
                    text=form.value("text"), by=viewer(request), now=now(request), note=form.value("note"), slug=slug,
                    based_on=form.cleaned_data["based_on"],
                )  # fmt: skip
                return done(request, reverse("policy", args=[change.slug]), f"Version {version.number} is published.")
        except PolicyErrors as refused:
            errors = refused.errors
        except TocsinError as error:
            form.refuse(error)
    context = {
        "policy": policy,
        "form": form,
        "errors": errors,
        "change": change,
        "rungs": _rungs_of_text(str(form["text"].value() or "")),
        "section": "policies",
    }
    return render(request, "control/policy_edit.html", context, status=422 if errors or form.errors else 200)


def _rungs_of_text(text: str) -> list[Rung]:
    """Return the ladder of a text, as far as it can be read."""
    try:
        return rungs(spec.load(text))
    except PolicyErrors:
        return []


@staff
@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """Every version, and the difference between two of them."""
    policy = escalation.policy_by_slug(slug)
    found = escalation.versions_of(policy)
    by_number = {version.number: version for version in found}
    new = by_number.get(_int(request.GET.get("b", "")), found[0] if found else None)
    old = by_number.get(_int(request.GET.get("a", "")), by_number.get(new.number - 1) if new else None)
    names = people.names_of_actors({version.created_by for version in found})
    context = {
        "policy": policy,
        "versions": [
            {"version": version, "by": names.get(version.created_by, version.created_by)} for version in found
        ],
        "old": old,
        "new": new,
        "diff": _diff(old, new),
        "section": "policies",
    }
    return render(request, "control/policy_versions.html", context)


@policy_editor
@require_POST
def enable(request: HttpRequest, slug: str) -> HttpResponse:
    """Let its triggers fire, or stop them; runs under way go on either way."""
    enabled = request.POST.get("enabled") == "yes"
    publishing.set_enabled(slug=slug, enabled=enabled, by=viewer(request), now=now(request))
    said = "Its triggers fire again." if enabled else "Its triggers fire no more. Ladders that are climbing go on."
    return done(request, reverse("policy", args=[slug]), said)


@policy_editor
@require_http_methods(["GET", "HEAD", "POST"])
def rebase(request: HttpRequest, slug: str) -> HttpResponse:
    """Move running escalations to the current version: first shown, then done."""
    policy = escalation.policy_by_slug(slug)
    confirm = request.method == "POST"
    moved = actions.rebase(policy_slug=slug, by=viewer(request), now=now(request), confirm=confirm)
    if confirm:
        return done(
            request, reverse("policy", args=[slug]), f"{len(moved)} running escalations follow the current version now."
        )
    return render(request, "control/policy_rebase.html", {"policy": policy, "moved": moved, "section": "policies"})


def rungs(content: Content) -> list[Rung]:
    """Return a ladder in words."""
    return [
        Rung(
            number=number, name=level.name, when=span(level.delay), targets=[in_words(target) for target in level.targets]
            + ([f"and starts the policy {level.policy}"] if level.policy else []),
            ack="everyone must acknowledge" if level.ack == "all" else "one acknowledgement is enough",
            condition="until it is resolved" if level.condition == "not_resolved" else "unless acknowledged before",
            only_if=level.when, gate=", ".join(level.gate),
        )
        for number, level in enumerate(content.levels, start=1)
    ]  # fmt: skip


def trigger_words(content: Content) -> list[str]:
    """Return what starts a policy, in words."""
    return [_trigger(trigger) + (f", if {trigger.when}" if trigger.when else "") for trigger in content.triggers]


def _trigger(t: Trigger) -> str:
    clock, after = t.clock.replace("_", " "), duration(t.after.total_seconds())
    words = {
        "clock_at": f"{clock} clock at {t.percent:g} %",
        "clock_breached": f"{clock} breached",
        "clock_overdue_by": f"{clock} overdue by {after}",
        "unassigned_for": f"nobody owns it for {after}",
        "no_public_update_for": f"no word to the customer for {after}",
        "owner_silent_for": f"the owner is silent for {after}",
        "waiting_at_line_for": f"at {t.line} for {after}",
        "handovers": f"passed on {t.count} times",
        "reopened": f"reopened {t.count} times",
        "priority_raised": "the priority is raised",
        "linked_tickets": f"more than {t.count} linked tickets of the same {t.same}",
        "customer_asks": "the customer asks: " + ", ".join(t.keywords[:3]) if t.keywords else "the customer asks",
        "repeat_escalation": f"again for the same {t.same.replace('_', ' ')} within {duration(t.within.total_seconds())}",
        "agent_judgement": "an agent escalates",
        "ticket_opened": "a ticket is opened",
        "rating_at_most": f"rated {t.count} of 5 or less",
        "promise_missed": _missed(t),
        "negative_message": f"a message sounds {DEGREES[min(t.count, 3)]} displeased, or more",
        "alert_count": f"{t.count} alerts within {duration(t.within.total_seconds())}",
    }
    return words.get(str(t.kind), str(t.kind).replace("_", " "))


def _missed(t: Trigger) -> str:
    if t.count <= 1:
        return {"promise": "a promise is missed", "update": "an update is missed"}.get(
            t.same, "a promise or an update is missed"
        )
    return {"promise": f"{t.count} promises are missed", "update": f"{t.count} updates are missed"}.get(
        t.same, f"{t.count} promises or updates are missed"
    )


def _version(policy: Policy, number: str) -> PolicyVersion:
    wanted = _int(number)
    if wanted:
        found = next((v for v in escalation.versions_of(policy) if v.number == wanted), None)
        if found is not None:
            return found
    if policy.current is None:
        raise NotFound("policy_not_published", f"{policy.name} has no version yet.")
    return policy.current


def _diff(old: PolicyVersion | None, new: PolicyVersion | None) -> list[tuple[str, str]]:
    """Return (class, line) of the difference between two texts."""
    if old is None or new is None:
        return []
    lines = difflib.unified_diff(old.source.splitlines(), new.source.splitlines(), lineterm="", n=3)
    kinds = {"+": "plus", "-": "minus", "@": "at"}
    return [(kinds.get(line[:1], ""), line) for line in list(lines)[2:]]


def _int(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
