"""Reassign from the hot board in two steps: choose by load, confirm (UX "Hot board")."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tocsin.domain.frontline import queries
from tocsin.domain.frontline.queries import Candidate
from tocsin.domain.tickets import actions
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.logic import hops
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_http_methods(GET_OR_POST)
def reassign(request: HttpRequest, number: int) -> HttpResponse:
    """Choose who takes it, with what each carries already; then confirm. ?to= names who was chosen."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    people, teams = queries.candidates(found, now(request))
    chosen = _chosen(request.POST.get("to") or request.GET.get("to", ""), [*people, *teams])
    where = _back(request, found.number)
    form = Form(request.POST or None)
    if request.method == "POST" and chosen is not None:
        try:
            actions.assign(
                ticket_id=found.pk, owner=chosen.person, team=chosen.team, by=user, now=now(request),
                expected_updated_at=None,
            )  # fmt: skip
            return done(request, where, f"{found.reference} lies with {chosen.name} now.")
        except TocsinError as error:
            form.is_valid()
            form.refuse(error)
    used = hops.Hops(found.handovers, found.ping_pongs)
    return sheet(
        request, form, title=f"Reassign {found.reference}", submit=f"Assign to {chosen.name}" if chosen else "", cancel=where,
        template="frontline/reassign.html", ticket=found, people=people, teams=teams, chosen=chosen,
        needs_arbiter=hops.needs_arbiter(used.weight), board=where, team=request.GET.get("team", "")[:80],
        back="ticket" if request.GET.get("back") == "ticket" else "",
    )  # fmt: skip


def _chosen(key: str, among: list[Candidate]) -> Candidate | None:
    return next((one for one in among if one.key == key), None)


def _back(request: HttpRequest, number: int) -> str:
    """Return where one came from: the ticket, or the board with the team that stood in its address."""
    if (request.POST.get("back") or request.GET.get("back")) == "ticket":
        return reverse("ticket", args=[number])
    team = (request.POST.get("team") or request.GET.get("team", ""))[:80]
    where = reverse("board")
    return f"{where}?team={team}" if team and team.replace("-", "").isalnum() else where
