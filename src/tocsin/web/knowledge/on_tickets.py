"""Knowledge on a ticket: what may help, runbooks that are followed, and /kb in the composer."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tocsin.domain.knowledge import actions, queries
from tocsin.domain.knowledge.enums import Audience, Kind, State
from tocsin.domain.knowledge.models import Article
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets import rules as ticket_rules
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.sheets import done, sheet


@staff
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What may help with a ticket as it reads now, and the runbooks followed on it: loaded after the page."""
    user = viewer(request)
    return _panel(request, tickets.access_ticket(user, number))


def _panel(request: HttpRequest, found: Ticket) -> HttpResponse:
    user = viewer(request)
    said = [item.message.body for item in tickets.timeline(found.pk, user=user, limit=40) if item.message is not None]
    text = "\n".join([found.subject, found.description, found.category, *said[:3]])
    context = {
        "ticket": found,
        "found": queries.suggest(user, text=text, service=found.service_id, ticket=found),
        "runbooks": queries.runbooks_on(found.pk),
        "used": [use.article for use in queries.used_on([found.pk])],
        "ended": found.status in ENDED,
        "may_work": ticket_rules.may_work_on_ticket.test(user, found),
    }
    return render(request, "knowledge/panel.html", context)


@worker
@require_safe
def while_writing(request: HttpRequest) -> HttpResponse:
    """What may help while a new ticket is written."""
    text = "\n".join([request.GET.get("subject", "")[:300], request.GET.get("description", "")[:4000]])
    service = choices.service_of(_uuid(request.GET.get("service", "")))
    found = queries.suggest(viewer(request), text=text, service=service.pk if service else None)
    return render(request, "knowledge/while_writing.html", {"found": found})


@worker
@require_POST
def judge(request: HttpRequest, number: int) -> HttpResponse:
    """Take up or turn down a suggestion; what remains is drawn again."""
    found = tickets.access_ticket(viewer(request), number)
    object_id = _uuid(request.POST.get("id", ""))
    if object_id is None:
        raise NotFound("no_suggestion", "There is no such suggestion.")
    kind, accepted = request.POST.get("kind", ""), request.POST.get("accepted") == "yes"
    if accepted and kind == "article":
        actions.use_article(ticket_id=found.pk, article_id=object_id, by=viewer(request), now=now(request))
    else:
        actions.judge(
            ticket_id=found.pk, kind=kind, object_id=object_id, accepted=accepted, by=viewer(request), now=now(request)
        )
    return _after(request, found)


@worker
@require_POST
def tick(request: HttpRequest, number: int, article: int, step: int) -> HttpResponse:
    """Say what came of a runbook's step."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    actions.tick(
        ticket_id=found.pk, article_id=queries.access_article(user, article).pk, step=step,
        result=request.POST.get("result", ""), word=request.POST.get("word", ""), by=user, now=now(request),
    )  # fmt: skip
    return _after(request, found)


@worker
@require_safe
def choose(request: HttpRequest, number: int) -> HttpResponse:
    """Find an article to put into the answer (`/kb`)."""
    user, text = viewer(request), request.GET.get("q", "").strip()[:200]
    found = tickets.access_ticket(user, number)
    if text:
        shown = queries.find_articles(user, text, limit=20)
    else:
        shown = [one.article for one in queries.suggest(
            user, text=f"{found.subject}\n{found.description}", service=found.service_id, ticket=found
        ).articles if one.article is not None]  # fmt: skip
    return sheet(
        request, None, title="Articles", cancel=reverse("ticket", args=[number]), template="knowledge/choose.html",
        articles=shown, q=text, ticket=found, here=request.path,
    )  # fmt: skip


@worker
@require_POST
def insert(request: HttpRequest, number: int, article: int) -> HttpResponse:
    """Give the composer an article's words for this ticket, and count the use."""
    user = viewer(request)
    found, chosen = tickets.access_ticket(user, number), queries.access_article(user, article)
    actions.use_article(ticket_id=found.pk, article_id=chosen.pk, by=user, now=now(request))
    open_to_them = readable_by_requester(chosen, found)
    text = queries.live_text(chosen)
    if open_to_them:
        steps = "\n".join(f"{n}. {step}" for n, step in enumerate(text.steps, start=1))
        link = (
            f"{settings.BASE_URL.rstrip('/')}{reverse('portal_article', args=[chosen.number])}"
            if settings.BASE_URL
            else ""
        )
        body = "\n\n".join(part for part in (text.body, steps, link) if part)
        return JsonResponse({"kind": "reply", "body": body, "status": ""})
    body = f"{chosen.reference} {text.title}"
    return JsonResponse({"kind": "note", "body": body, "status": ""})


def readable_by_requester(chosen: Article, found: Ticket) -> bool:
    """Tell whether the ticket's customer may read the article: only then do its words go into a reply."""
    if chosen.state != State.PUBLISHED:
        return False
    if chosen.audience == Audience.ORGANISATION:
        return found.organisation_id is not None and chosen.organisation_id == found.organisation_id
    return chosen.audience == Audience.CUSTOMERS


@worker
@require_POST
def follow(request: HttpRequest, number: int, article: int) -> HttpResponse:
    """Begin to follow a runbook on the ticket."""
    user = viewer(request)
    found, chosen = tickets.access_ticket(user, number), queries.access_article(user, article)
    act = actions.follow if chosen.kind == Kind.RUNBOOK else actions.use_article
    act(ticket_id=found.pk, article_id=chosen.pk, by=user, now=now(request))
    return _after(request, found)


def _after(request: HttpRequest, found: Ticket) -> HttpResponse:
    if getattr(request, "htmx", False):
        return _panel(request, found)
    return done(request, reverse("ticket", args=[found.number]), "Noted.")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
