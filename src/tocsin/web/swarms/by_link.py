"""Answering an invitation by the link in its message: no sign-in, the token speaks for its person.

GET shows how it stands and changes nothing, ever: mail scanners and unfurlers click everything.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.domain.people.models import User
from tocsin.domain.swarms import actions, queries
from tocsin.domain.swarms.enums import SwarmState
from tocsin.domain.swarms.rules import may_join
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError
from tocsin.web.access import now, public

METHODS = ["GET", "HEAD", "POST"]


@public
@never_cache
@require_http_methods(METHODS)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question and who asks; accept or decline with one button."""
    try:
        invitation = queries.invitation_of(token, now(request))
    except NotFound as error:
        return render(request, "respond/gone.html", {"message": error.message}, status=404)
    if not may_join.test(invitation.person):
        return render(request, "respond/gone.html", {"message": "Its person has no account any more."}, status=404)
    done = refused = ""
    status = 200
    reason = request.POST.get("reason", "").replace("\x00", "")[:300]
    if request.method == "POST":
        try:
            done = _answered(request, invitation.pk, invitation.person, reason)
        except TocsinError as error:
            refused, status = error.message, error.status
        invitation = queries.invitation_of(token, now(request))
    swarm = invitation.swarm
    is_open = swarm.state == SwarmState.OPEN
    context = {
        "invitation": invitation, "swarm": swarm, "ticket": swarm.ticket, "done": done, "refused": refused,
        "reason": reason if refused else "", "action": request.path,
        "may_accept": is_open and invitation.state in ("invited", "expired", "declined", "left"),
        "may_decline": is_open and invitation.state in ("invited", "expired"),
        "ticket_url": reverse("ticket", args=[swarm.ticket.number]) if request.user.is_authenticated else "",
    }  # fmt: skip
    return render(request, "swarms/by_link.html", context, status=status)


def _answered(request: HttpRequest, invitation_id: UUID, person: User, reason: str) -> str:
    given = request.POST.get("answer", "")
    if given not in ("accept", "decline"):
        raise InvalidInput("answer", "Choose one of the buttons.", {"answer": "accept, decline"})
    actions.answer(
        invitation_id=invitation_id, accept=given == "accept", by=person, now=now(request), reason=reason, via="link"
    )
    return "You are in the swarm. Sign in to read the ticket and to answer." if given == "accept" else "Declined."
