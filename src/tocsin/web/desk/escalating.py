"""Escalating by hand, and what can be done to an escalation from the ticket (UX "Flows": three interactions, under 20 s)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.decisions import actions as decision_actions
from tocsin.domain.decisions import queries as decisions
from tocsin.domain.escalation import actions, policies
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.enums import DeEscalationState
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.escalation.policies import Published
from tocsin.domain.escalation.ticket_views import fitting
from tocsin.domain.escalation.views import LevelPreview
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.desk.briefs import escalation_brief
from tocsin.web.desk.forms import AnswerForm, CompleteForm, EndForm, EscalateForm, GiveBackForm, ReasonForm
from tocsin.web.sheets import done, sheet
from tocsin.web.uploads import uploads_of
from tocsin.web.words import first_name

GET_OR_POST = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Who is paged now, by name, before anybody presses anything (check 7)."""

    levels: list[LevelPreview]
    names: str
    many: bool
    at_once: bool
    delay: timedelta
    nobody: bool
    approval: bool


@worker
@require_http_methods(GET_OR_POST)
def escalate(request: HttpRequest, number: int) -> HttpResponse:
    """The escalate sheet: prefilled, naming whom it pages."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    offered = _offered(found, now(request))
    rights = decisions.rights_on(found, user, now(request))
    form = EscalateForm(
        request.POST or None,
        policies=[(p.content.slug, p.content.name) for p in offered],
        decisions=[(one.decision.slug, one.decision.name) for one in rights],
        initial=_initial(found, user, offered),
    )
    if request.method == "POST" and form.is_valid():
        try:
            _escalate(request, found, form)
            return done(request, _ticket(found), f"{found.reference} is escalated.")
        except TocsinError as error:
            form.refuse(error)
    if not offered:
        return sheet(
            request,
            None,
            title=f"Escalate {found.reference}",
            cancel=_ticket(found),
            template="desk/escalate_none.html",
        )
    chosen = str(form["policy"].value() or offered[0].content.slug)
    context = preview_context(found, chosen, now(request))
    return sheet(
        request, form, title=f"Escalate {found.reference}", cancel=_ticket(found), template="desk/escalate.html",
        preview_address=reverse("ticket_escalate_preview", args=[found.number]), rights=rights, ticket=found, multipart=True,
        own=[one for one in rights if one.verdict.allowed], **context,
    )  # fmt: skip


@worker
@require_safe
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """The part of the sheet that names people, for another ladder."""
    found = tickets.access_ticket(viewer(request), number)
    slug = request.GET.get("policy", "")
    context = preview_context(found, slug, now(request)) | {"fragment": True}
    chosen = next((p.content for p in _offered(found, now(request)) if p.content.slug == slug), None)
    if chosen is not None:
        kind = {"policy": slug, "type": chosen.type, "reason": chosen.reason, "direction": chosen.direction}
        context["form"] = EscalateForm(policies=[(slug, chosen.name)], initial=kind)
    return render(request, "desk/escalate_preview.html", context)


def preview_context(found: Ticket, slug: str, at: datetime) -> dict[str, Any]:
    """Return what the preview shows of one ladder on one ticket."""
    try:
        content = policies.published(slug).content
    except NotFound as error:
        return {"preview": None, "problem": error.message, "submit": "Escalate"}
    seen = look_ahead(content, found, at)
    catch_all = escalation.catch_all()
    return {
        "preview": seen.levels, "first_names": seen.names, "first_many": seen.many, "first_at_once": seen.at_once,
        "first_delay": seen.delay, "nobody": seen.nobody, "approval": seen.approval,
        "catch_all": catch_all.name if catch_all else "", "gate": content.levels[0].gate,
        "submit": f"Page {seen.names}" if seen.names and seen.at_once and not seen.approval else "Escalate",
    }  # fmt: skip


def look_ahead(content: Content, found: Ticket, at: datetime) -> Preview:
    """Return whom `content` would page on this ticket."""
    levels = escalation.if_it_fired_now(content, found.pk, at)
    opening = next((level for level in levels if level.at and level.people and not level.skipped), None)
    names = [person.name for person in opening.people if person.reachable] if opening else []
    shown = ", ".join(first_name(name) if len(names) > 1 else name for name in names[:3])
    if len(names) > 3:
        shown += f" and {len(names) - 3} more"
    delay = opening.at - at if opening and opening.at else timedelta()
    return Preview(
        levels=levels, names=shown, many=len(names) > 1, at_once=delay <= timedelta(seconds=1), delay=delay,
        nobody=not names, approval=content.approval is not None and found.priority > 1,
    )  # fmt: skip


def _escalate(request: HttpRequest, found: Ticket, form: EscalateForm) -> None:
    told = {name: form.value(name) for name in ("happened", "tried", "known", "impact", "wanted")}
    slug = form.value("decision")
    decision = decisions.access_decision(viewer(request), slug) if slug else None
    decision_actions.escalate(
        ticket_id=found.pk, policy=form.value("policy"), by=viewer(request), now=now(request), type=form.value("type"),
        reason=form.value("reason"), reason_text=form.value("reason_text"), direction=form.value("direction"),
        brief=decision_actions.Brief(**told), files=uploads_of(request), decision_id=decision.pk if decision else None,
        amount=form.cleaned_data["amount"] if decision else None,
    )  # fmt: skip


def _offered(found: Ticket, at: datetime) -> list[Published]:
    """Return the ladders that may be started by hand, those not yet at work on this ticket.

    First those whose condition fits the ticket, technical ones before others: the first is the one that is prefilled.
    """
    running = {run.escalation.policy_id for run in escalation.open_runs([found.pk]).get(found.pk, [])}
    free = [published for published in policies.live() if published.id not in running]
    fits = fitting({one.id: one.content.match for one in free}, found.pk, at)
    return sorted(free, key=lambda p: (p.id not in fits, p.content.type != "technical", p.content.name))


def _initial(found: Ticket, user: User, offered: list[Published]) -> dict[str, str]:
    if not offered:
        return {}
    first = offered[0].content
    said = [item.message for item in tickets.timeline(found.pk, user=user) if item.message is not None]
    return {
        "policy": first.slug,
        "type": first.type,
        "reason": first.reason,
        "direction": first.direction,
        **escalation_brief(found, said),
    }


@worker
@require_http_methods(GET_OR_POST)
def end(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Resolve it, or call it off."""
    found = _access(request, escalation_id)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if form.value("how") == "resolve":
                actions.resolve_escalation(
                    escalation_id=found.pk, outcome=form.value("outcome"), by=viewer(request), now=now(request)
                )
            else:
                actions.cancel(
                    escalation_id=found.pk, reason=form.value("outcome"), by=viewer(request), now=now(request)
                )
            # Its closing follows at once, prefilled; whoever has no minute now finds it in the list later.
            where = reverse("escalation_closing", args=[found.pk])
            return done(request, where, "The escalation has ended; nobody else is paged.")
        except TocsinError as error:
            form.refuse(error)
    title = f"End {found.policy.name}"
    lead = "Every page that has not gone out is taken back at once."
    return sheet(request, form, title=title, submit="End the escalation", cancel=_ticket(found.ticket), lead=lead)


@worker
@require_http_methods(GET_OR_POST)
def give_back(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Offer it back to somebody at the lower line (SEMANTICS 4: an act with a reason and a named acceptor)."""
    found = _access(request, escalation_id)
    form = GiveBackForm(request.POST or None, people=choices.staff())
    if request.method == "POST" and form.is_valid():
        acceptor = people.person(UUID(form.value("acceptor")))
        try:
            actions.offer_de_escalation(
                escalation_id=found.pk,
                acceptor=acceptor,
                reason=form.value("reason"),
                by=viewer(request),
                now=now(request),
            )
            return done(
                request, _ticket(found.ticket), f"Offered to {acceptor.name}. Nothing changes until they accept."
            )
        except TocsinError as error:
            form.refuse(error)
    title = f"De-escalate {found.ticket.reference}"
    lead = "Nothing changes until the named person accepts."
    return sheet(request, form, title=title, submit="Offer it back", cancel=_ticket(found.ticket), lead=lead)


@worker
@require_http_methods(GET_OR_POST)
def answer_give_back(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Accept with one button; declining asks why."""
    offer = escalation.offer_of(offer_id)
    where = _ticket(tickets.access_ticket(viewer(request), offer.escalation.ticket.number))
    form = AnswerForm(request.POST or None)
    accept = request.POST.get("accept") == "yes"
    if request.method == "POST" and form.is_valid():
        try:
            answered = actions.answer_de_escalation(
                offer_id=offer_id, accept=accept, answer=form.value("answer"), by=viewer(request), now=now(request)
            )
            accepted = answered.state == DeEscalationState.ACCEPTED
            return done(request, where, "It is yours; the ladder has stopped." if accepted else "Declined.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Decline to take it back", submit="Decline", cancel=where)


@worker
@require_POST
def after_reassign(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Answer what becomes of a ladder whose ticket changed hands."""
    found = _access(request, escalation_id)
    choice = request.POST.get("choice", "")
    actions.after_reassign(escalation_id=found.pk, choice=choice, by=viewer(request), now=now(request))
    said = {"cancel": "Called off.", "keep": "The ladder goes on as it was.", "rebind": "The new people are paged."}
    return done(request, _ticket(found.ticket), said.get(choice, "Done."))


@worker
@require_POST
def call_next(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Page the next level now."""
    run = _access_run(request, run_id)
    try:
        answer = actions.call_next(run_id=run_id, by=viewer(request), now=now(request))
    except InvalidInput as error:
        if error.code != "gate":
            raise
        # The next level asks for what is not written yet: there is the place to write it.
        messages.warning(request, error.message)
        return redirect("escalation_complete", escalation_id=escalation.run_of(run_id).escalation_id)
    return done(request, _ticket(run), answer.message)


@worker
@require_http_methods(GET_OR_POST)
def complete(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Add to the brief of an open escalation: what was tried, the impact, what is wanted (a level's gate may ask)."""
    found = _access(request, escalation_id)
    told = {"tried": found.tried, "impact": found.impact, "wanted": found.wanted}
    said = [one.message for one in tickets.timeline(found.ticket_id, user=viewer(request)) if one.message is not None]
    draft = escalation_brief(found.ticket, said)
    form = CompleteForm(request.POST or None, initial={name: told[name] or draft[name] for name in told})
    if request.method == "POST" and form.is_valid():
        try:
            given = {name: form.value(name) for name in told if form.value(name) != told[name]}
            actions.complete(escalation_id=found.pk, by=viewer(request), now=now(request), **given)
            return done(request, _ticket(found.ticket), "The brief is completed.")
        except TocsinError as error:
            form.refuse(error)
    lead = "Whoever is paged next reads it with the page."
    return sheet(
        request, form, title=f"Brief of {found.policy.name}", submit="Save", cancel=_ticket(found.ticket), lead=lead
    )


@worker
@require_POST
def approve(request: HttpRequest, run_id: UUID) -> HttpResponse:
    where = _ticket(_access_run(request, run_id))
    return done(request, where, actions.approve(run_id=run_id, by=viewer(request), now=now(request)).message)


@worker
@require_http_methods(GET_OR_POST)
def refuse(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Refuse to let it climb, with a reason that the front line reads."""
    where = _ticket(_access_run(request, run_id))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            said = actions.refuse(run_id=run_id, by=viewer(request), now=now(request), reason=form.value("reason"))
            return done(request, where, said.message)
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Refuse the escalation", submit="Refuse", cancel=where)


def _access(request: HttpRequest, escalation_id: UUID) -> Escalation:
    """Return an escalation on a ticket that the viewer may see. Raises NotFound."""
    found = escalation.escalation_of(escalation_id)
    tickets.access_ticket(viewer(request), found.ticket.number)
    return found


def _access_run(request: HttpRequest, run_id: UUID) -> Ticket:
    """Return the ticket of a run, if the viewer may see it. Raises NotFound."""
    return tickets.access_ticket(viewer(request), escalation.run_of(run_id).ticket.number)


def _ticket(found: Ticket) -> str:
    return reverse("ticket", args=[found.number])
