"""Status pages as an audience of an update: ticked in its sheet, previewed and sent with the rest."""

import hashlib
from typing import Any

from tocsin.domain.status import queries as status
from tocsin.domain.status.actions import OnPages, chosen
from tocsin.domain.status.enums import ComponentState, IncidentState
from tocsin.domain.status.logic.wording import findings
from tocsin.domain.status.queries import Outlet
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.web.stakeholders.forms import UpdateForm


def offer(form: UpdateForm, ticket: Ticket, *, closing: bool) -> list[Outlet]:
    """Let a form choose among the pages that may be told of the ticket; return them."""
    outlets = status.outlets_of(ticket)
    form.offer("pages", [(one.page.slug, one.page.name) for one in outlets])
    open_ones = [one.incident for one in outlets if one.incident is not None]
    form.initial["state"] = (
        "resolved" if closing and open_ones else open_ones[0].state if open_ones else "investigating"
    )
    return outlets


def told_of(form: UpdateForm) -> OnPages:
    """Return what a checked form says to pages."""
    return OnPages(
        pages=form.cleaned_data["pages"], state=form.value("state") or "investigating", title=form.value("title")
    )


def seal_of(outlets: list[Outlet], told: OnPages) -> str:
    """Return what names this part of a preview: pages, state, title, and what was told there last; "" without a page."""
    if not told.pages:
        return ""
    seen = [
        f"{one.page.pk} {one.incident.updated_at.isoformat() if one.incident else ''}" for one in chosen(outlets, told)
    ]
    return hashlib.sha256("\x00".join([told.state, told.title, *seen]).encode()).hexdigest()[:16]


def preview_of(outlets: list[Outlet], told: OnPages, ticket: Ticket, words: str) -> dict[str, Any]:
    """Return each page as its readers will see it, and what may not be meant for them."""
    found = chosen(outlets, told)
    return {
        "pages": [_page(outlet, told) for outlet in found],
        "page_state": str(IncidentState(told.state).label) if found else "",
        "page_findings": _findings(found, told, ticket, words) if found else [],
        "outward": words,
    }


def _page(outlet: Outlet, told: OnPages) -> dict[str, Any]:
    new = outlet.incident is None
    affected = outlet.affected if new else [(one.component, one.state) for one in status.affected_by(outlet.incident)]
    return {
        "page": outlet.page, "readers": outlet.readers, "new": new,
        "title": told.title if outlet.incident is None else outlet.incident.title,
        "affected": [(part.name, str(ComponentState(state).label)) for part, state in affected],
    }  # fmt: skip


def _findings(found: list[Outlet], told: OnPages, ticket: Ticket, words: str) -> list[Any]:
    """Return what in the words looks like ours, or like one customer's, for pages that others read too."""
    title = told.title if any(outlet.incident is None for outlet in found) else ""
    others = any(outlet.page.organisation_id is None for outlet in found)
    customer = [ticket.organisation.name] if others and ticket.organisation else []
    if others and ticket.requester is not None:
        customer.append(ticket.requester.name)
    names = [person.name for person in tickets.people_who_may_own()]
    return findings("\n".join(filter(None, [title, words])), names, customers=customer)
