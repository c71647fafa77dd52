"""The hot board: where it burns and why, for those who intervene (UX "Hot board")."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tocsin.domain.frontline.queries import hot_board
from tocsin.domain.people import queries as people
from tocsin.domain.risk import queries as risk
from tocsin.domain.swarms import queries as swarms
from tocsin.web.access import now, viewer, worker
from tocsin.web.status.on_tickets import tag_accounts


@worker
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the board; the team stands in the address."""
    return render(request, "desk/board.html", _context(request) | {"teams": people.teams(), "section": "board"})


@worker
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Only what moves."""
    return render(request, "desk/board_live.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    team = request.GET.get("team", "")[:80]
    risks = risk.notable("escalation", now(request))
    board = hot_board(viewer(request), now(request), team=team, risks=risks)
    tag_accounts([*board.top, *board.active])
    live_address = f"{reverse('board_live')}?{request.GET.urlencode()}"
    swarming = swarms.swarming([one.ticket.pk for one in board.top])
    return {"board": board, "team": team, "live_address": live_address, "swarming": swarming}
