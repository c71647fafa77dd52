"""What a status page consists of."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.status import rules
from tocsin.domain.status.actions.recording import changed, demand, locked_page, settle, tell_journal, text
from tocsin.domain.status.enums import Audience, ComponentState
from tocsin.domain.status.models import Affected, Component, StatusPage
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

KEEPERS = "Status pages are set up by team leads, escalation managers and administrators. Ask one of them."
TELLERS = "Only those who work on tickets can do this."
MOST_COMPONENTS = 100


@transaction.atomic
def save_page(
    *, name: str, by: User, now: datetime, slug: str = "", intro: str = "", audience: str = Audience.PUBLIC,
    organisation: Organisation | None = None, owner: User | None = None, zone: str = "UTC", page_id: UUID | None = None,
) -> StatusPage:  # fmt: skip
    """Set up a status page, or change one. Raises InvalidInput for what is missing, taken or does not fit together."""
    demand(by, rules.may_set_up_pages, KEEPERS)
    page = locked_page(page_id) if page_id is not None else StatusPage(made_at=now, owner=owner or by)
    fields = {
        "name": text("name", name, 120), "slug": _slug(slug or name), "intro": text("intro", intro, 500, required=False),
        "audience": _audience(audience), "organisation": _organisation(audience, organisation), "zone": _zone(zone),
        "owner": owner or page.owner, "updated_at": now,
    }  # fmt: skip
    for field, value in fields.items():
        setattr(page, field, value)
    try:
        with transaction.atomic():
            page.save()
    except IntegrityError:
        problem = "Another status page has this address. Choose another."
        raise InvalidInput("slug_taken", problem, {"slug": problem}) from None
    tell_journal(page, "status.page_changed" if page_id else "status.page_made", by, now, audience=page.audience)
    return page


@transaction.atomic
def renew_link(*, page_id: UUID, by: User, now: datetime) -> StatusPage:
    """Give a page a new secret link; the old one leads nowhere from now on."""
    demand(by, rules.may_set_up_pages, KEEPERS)
    page = locked_page(page_id)
    page.link_version += 1
    page.updated_at = now
    page.save(update_fields=["link_version", "updated_at"])
    tell_journal(page, "status.link_renewed", by, now)
    return page


@transaction.atomic
def remove_page(*, page_id: UUID, by: User, now: datetime) -> None:
    """Take a page away with all it has told, and its subscribers."""
    demand(by, rules.may_set_up_pages, KEEPERS)
    page = locked_page(page_id)
    tell_journal(page, "status.page_removed", by, now, name=page.name)
    page.delete()


@transaction.atomic
def save_component(
    *, page_id: UUID, name: str, by: User, now: datetime, group: str = "", description: str = "",
    service: Service | None = None, position: int = 0, component_id: UUID | None = None,
) -> Component:  # fmt: skip
    """Add a component to a page, or change one. Raises InvalidInput if the page has one of that name."""
    demand(by, rules.may_set_up_pages, KEEPERS)
    page = locked_page(page_id)
    component = _component(page, component_id) if component_id else Component(page=page, made_at=now)
    if component_id is None and page.components.count() >= MOST_COMPONENTS:
        raise InvalidInput("too_many", f"A page has {MOST_COMPONENTS} components at most. Readers want few.")
    component.name, component.group = text("name", name, 80), text("group", group, 80, required=False)
    component.description = text("description", description, 200, required=False)
    component.service, component.position = service, max(0, min(position, 32_000))
    try:
        with transaction.atomic():
            component.save()
    except IntegrityError:
        problem = "This page has a component of that name. Choose another."
        raise InvalidInput("name_taken", problem, {"name": problem}) from None
    changed(page, now)
    tell_journal(page, "status.component_saved", by, now, component=component.name)
    return component


@transaction.atomic
def remove_component(*, page_id: UUID, component_id: UUID, by: User, now: datetime) -> None:
    """Take a component from a page, with its history. Raises Conflict while something open names it."""
    demand(by, rules.may_set_up_pages, KEEPERS)
    page = locked_page(page_id)
    component = _component(page, component_id)
    open_on_it = Affected.objects.filter(component=component).exclude(
        incident__state__in=["resolved", "completed", "cancelled"]
    )
    if open_on_it.exists():
        raise Conflict("component_in_use", f"Something open affects {component.name}. End that first.")
    tell_journal(page, "status.component_removed", by, now, component=component.name)
    component.delete()
    changed(page, now)


@transaction.atomic
def set_component_state(*, page_id: UUID, component_id: UUID, state: str, by: User, now: datetime) -> Component:
    """Say by hand how a component does. An open incident that says worse is shown all the same."""
    demand(by, rules.may_tell, TELLERS)
    page = locked_page(page_id)
    component = _component(page, component_id)
    if state not in ComponentState.values:
        raise InvalidInput("bad_state", "Choose how it does.", {"state": "Choose one of the states."})
    component.own_state = state
    component.save(update_fields=["own_state"])
    settle([component], now)
    changed(page, now)
    tell_journal(page, "status.component_set", by, now, component=component.name, state=state)
    return component


def _component(page: StatusPage, component_id: UUID) -> Component:
    found = page.components.filter(pk=component_id).first()
    if found is None:
        raise NotFound("component_not_found", "There is no such component on this page.")
    return found


def _slug(word: str) -> str:
    slug = slugify(word)[:60].strip("-")
    while "--" in slug:  # what stands behind two hyphens is a secret link's key
        slug = slug.replace("--", "-")
    if not slug:
        problem = "Give it an address of letters, digits and hyphens."
        raise InvalidInput("bad_slug", problem, {"slug": problem})
    return slug


def _audience(audience: str) -> str:
    if audience not in Audience.values:
        raise InvalidInput("bad_audience", "Choose who reads it.", {"audience": "Choose one of them."})
    return audience


def _organisation(audience: str, organisation: Organisation | None) -> Organisation | None:
    if audience != Audience.ORGANISATION:
        return None
    if organisation is None:
        problem = "Choose the customer who reads it."
        raise InvalidInput("no_organisation", problem, {"organisation": problem})
    return organisation


def _zone(zone: str) -> str:
    try:
        return str(ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        problem = "This is no time zone. Write one such as Europe/Berlin."
        raise InvalidInput("bad_zone", problem, {"zone": problem}) from None
