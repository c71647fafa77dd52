"""Status pages as those who tell see them: what they consist of and what is open on them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.status import actions, links, queries, rules
from tocsin.domain.status.enums import Audience, ComponentState
from tocsin.domain.status.models import StatusPage
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, planner, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.sheets import done, sheet
from tocsin.web.status.forms import ComponentForm, PageForm

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every status page."""
    context = {
        "pages": queries.pages(),
        "may_set_up": rules.may_set_up_pages.test(viewer(request)),
        "section": "status",
    }
    return render(request, "status/listing.html", context)


@worker
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page: its components, what is open, what was told."""
    found = queries.page_by_slug(slug)
    at = now(request)
    context = {
        "page": found,
        "shown": queries.reading(found, at),
        "told": queries.history(found),
        "readers": queries.subscriber_count(found),
        "states": ComponentState.choices,
        "word": links.address_of(found),
        "full_address": links.page_url(found),
        "secret": found.audience == Audience.LINK,
        "without_base": not settings.BASE_URL,
        "may_set_up": rules.may_set_up_pages.test(viewer(request)),
        "section": "status",
    }
    return render(request, "status/kept.html", context)


@planner
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Set up a page, or change one."""
    found = queries.page_by_slug(slug) if slug else None
    offers = {"organisation": [(str(one.pk), one.name) for one in people.organisations()], "owner": choices.staff()}
    form = PageForm(
        request.POST or None, offers=offers, initial=_initial(found) if found else {"zone": viewer(request).zone}
    )
    if request.method == "POST" and form.is_valid():
        try:
            organisation = form.uuid("organisation")
            saved = actions.save_page(
                name=form.value("name"), slug=form.value("slug"), intro=form.value("intro"), audience=form.value("audience"),
                organisation=next((one for one in people.organisations() if one.pk == organisation), None),
                owner=choices.person_of(form.uuid("owner")), zone=form.value("zone"), by=viewer(request), now=now(request),
                page_id=found.pk if found else None,
            )  # fmt: skip
            return done(request, reverse("status_page", args=[saved.slug]), "Saved.")
        except TocsinError as error:
            form.refuse(error)
    title = f"Change {found.name}" if found else "New status page"
    where = reverse("status_page", args=[slug]) if found else reverse("status_pages")
    return sheet(request, form, title=title, submit="Save", cancel=where)


def _initial(found: StatusPage) -> dict[str, Any]:
    return {
        "name": found.name, "slug": found.slug, "intro": found.intro, "audience": found.audience, "zone": found.zone,
        "organisation": found.organisation_id, "owner": found.owner_id,
    }  # fmt: skip


@planner
@require_POST
def renew_link(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a new secret link; the old one ends."""
    found = queries.page_by_slug(slug)
    actions.renew_link(page_id=found.pk, by=viewer(request), now=now(request))
    return done(request, reverse("status_page", args=[slug]), "The old link leads nowhere any more.")


@planner
@require_http_methods(GET_OR_POST)
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask, then take a page away."""
    found = queries.page_by_slug(slug)
    if request.method == "POST":
        actions.remove_page(page_id=found.pk, by=viewer(request), now=now(request))
        return done(request, reverse("status_pages"), "The page is gone.")
    return sheet(
        request, None, title=f"Remove {found.name}", submit="Remove the page", cancel=reverse("status_page", args=[slug]),
        template="status/remove.html", page=found, readers=queries.subscriber_count(found),
    )  # fmt: skip


@planner
@require_http_methods(GET_OR_POST)
def component(request: HttpRequest, slug: str, component_id: UUID | None = None) -> HttpResponse:
    """Add a component, or change one."""
    found = queries.page_by_slug(slug)
    one = next((row for row in queries.component_choices(found) if row.pk == component_id), None)
    if component_id is not None and one is None:
        raise NotFound("component_not_found", "There is no such component on this page.")
    first = {
        "name": one.name, "group": one.group, "description": one.description, "service": one.service_id,
        "position": one.position,
    } if one else {}  # fmt: skip
    form = ComponentForm(request.POST or None, offers={"service": choices.services()}, initial=first)
    where = reverse("status_page", args=[slug])
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_component(
                page_id=found.pk, name=form.value("name"), group=form.value("group"), description=form.value("description"),
                service=choices.service_of(form.uuid("service")), position=form.cleaned_data["position"] or 0,
                by=viewer(request), now=now(request), component_id=component_id,
            )  # fmt: skip
            return done(request, where, "Saved.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Change {one.name}" if one else "New component", submit="Save", cancel=where)


@worker
@require_POST
def state(request: HttpRequest, slug: str, component_id: UUID) -> HttpResponse:
    """Say by hand how a component does."""
    found = queries.page_by_slug(slug)
    chosen = request.POST.get("state", "")
    actions.set_component_state(
        page_id=found.pk, component_id=component_id, state=chosen, by=viewer(request), now=now(request)
    )
    return done(request, reverse("status_page", args=[slug]), "Readers see it now.")


@planner
@require_POST
def remove_component(request: HttpRequest, slug: str, component_id: UUID) -> HttpResponse:
    """Take a component away."""
    found = queries.page_by_slug(slug)
    actions.remove_component(page_id=found.pk, component_id=component_id, by=viewer(request), now=now(request))
    return done(request, reverse("status_page", args=[slug]), "The component is gone.")
