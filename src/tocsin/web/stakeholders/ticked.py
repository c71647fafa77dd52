"""Promises offered under the composer: drawn while one writes, ticked, and remembered with the reply that is sent."""

import json
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions, queries
from tocsin.domain.stakeholders.queries import Offer
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.web.access import now, viewer, worker

MOST = 10


@worker
@require_POST
def offers(request: HttpRequest, number: int) -> HttpResponse:
    """Draw what a draft seems to promise. Nothing is changed by it; POST, because a draft does not belong into an address."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    body = request.POST.get("body", "")[:20_000]
    found_in_it = queries.offers_in(body, ticket=found, by=user, now=now(request))
    context = {
        "ticket": found,
        "offers": [
            {"offer": one, "value": _value(one), "when": queries.in_zone(one.found.due_at, one.zone)}
            for one in found_in_it
        ],
        "open": queries.open_on(found.pk)[:MOST] if body.strip() else [],
    }
    return render(request, "stakeholders/offers.html", context)


def _value(offer: Offer) -> str:
    found = offer.found
    return json.dumps([found.what, found.due_at.isoformat(), found.said, offer.zone])


def remember(request: HttpRequest, found: Ticket, body: str, by: User, at: datetime) -> None:
    """Keep what was ticked beside a reply until it is sent. What cannot be read makes no promise."""
    makes = [one for value in request.POST.getlist("promise")[:MOST] if (one := _promised(value)) is not None]
    keeps = [pk for value in request.POST.getlist("keeps")[:MOST] if (pk := _uuid(value)) is not None]
    actions.keep_wishes(ticket_id=found.pk, body=body, makes=makes, keeps=keeps, by=by, now=at)


def _promised(value: str) -> actions.Promised | None:
    try:
        what, due, said, zone = json.loads(value[:2000])
        due_at = datetime.fromisoformat(due)
    except (ValueError, TypeError):
        return None
    words = [str(part).replace("\x00", "") for part in (what, said, zone)]
    if due_at.tzinfo is None or not words[0].strip():
        return None
    return actions.Promised(what=words[0], due_at=due_at, said=words[1], zone=words[2])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
