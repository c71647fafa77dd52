"""An update of a ticket that is told on status pages too: written once, sent in one transaction or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.stakeholders.models import Update as SentUpdate
from tocsin.domain.status import rules
from tocsin.domain.status.actions.pages import TELLERS
from tocsin.domain.status.actions.recording import demand
from tocsin.domain.status.actions.telling import open_incident, tell
from tocsin.domain.status.queries.outlets import Outlet, outlets_of
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import ticket_of
from tocsin.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPages:
    """What status pages are told: which pages (by address), how far it is, and the title where it is new to one of them."""

    pages: Sequence[str]
    state: str
    title: str = ""


@transaction.atomic
def send_update_with_pages(
    *, ticket_id: UUID, outward: str, by: User, now: datetime, told: OnPages, inward: str = "",
    next_at: datetime | None = None, seal: str = "",
) -> SentUpdate:  # fmt: skip
    """Tell the audiences of the ticket's plans and the readers of status pages, in the customer's wording.

    Readers get `outward` as it is; nothing else of the ticket goes to them. Raises InvalidInput naming `pages`, `title`,
    `state` or `outward`, and whatever `send_update` raises.
    """
    update = stakeholders.send_update(
        ticket_id=ticket_id, outward=outward, inward=inward, next_at=next_at, seal=seal, by=by, now=now
    )
    if told.pages:
        demand(by, rules.may_tell, TELLERS)
        ticket = ticket_of(ticket_id)
        for outlet in chosen(outlets_of(ticket), told):
            _tell(outlet, ticket, update.outward, told, by, now)
    return update


def chosen(outlets: Sequence[Outlet], told: OnPages) -> list[Outlet]:
    """Return the pages that were chosen, in their order. Raises InvalidInput for what cannot be told there."""
    if set(told.pages) - {outlet.page.slug for outlet in outlets}:
        problem = "This page cannot be told of this ticket. Choose from the list."
        raise InvalidInput("bad_page", problem, {"pages": problem})
    found = [outlet for outlet in outlets if outlet.page.slug in set(told.pages)]
    if any(outlet.incident is None for outlet in found) and not told.title.strip():
        problem = "Write what does not work, as a reader would say it."
        raise InvalidInput("no_title", problem, {"title": problem})
    for outlet in found:
        if told.state not in outlet.states:
            problem = (
                f"{outlet.page.name} has no open incident of this ticket that could end. Choose how far it is, or leave it out."
                if outlet.incident is None
                else "Choose how far it is."
            )
            raise InvalidInput("bad_state", problem, {"state": problem})
    return found


def _tell(outlet: Outlet, ticket: Ticket, words: str, told: OnPages, by: User, now: datetime) -> None:
    try:
        if outlet.incident is not None:
            tell(
                incident_id=outlet.incident.pk, state=told.state, body=words, by=by, now=now,
                expected_updated_at=outlet.incident.updated_at,
            )  # fmt: skip
        else:
            affected = {part.pk: state for part, state in outlet.affected}
            open_incident(
                page_id=outlet.page.pk, title=told.title, body=words, affected=affected, state=told.state, by=by, now=now,
                ticket=ticket,
            )  # fmt: skip
    except InvalidInput as error:
        fields = {"outward" if name == "body" else name: problem for name, problem in error.fields.items()}
        raise InvalidInput(error.code, error.message, fields) from None
