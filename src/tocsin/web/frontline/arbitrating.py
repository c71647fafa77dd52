"""The hop after the budget, on the ticket: the sheet that asks the arbiter, and what stands above the ticket then."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tocsin.domain.frontline import actions, queries
from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.logic.hops import Hops, needs_arbiter
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer
from tocsin.web.desk import choices
from tocsin.web.desk.briefs import brief_of
from tocsin.web.desk.forms import HandOverForm
from tocsin.web.sheets import done, sheet


def goes_to_arbiter(found: Ticket, user: User) -> bool:
    """Tell whether what this person hands over lands at the arbiter: the hop budget is used up (SEMANTICS 6)."""
    used = Hops(found.handovers, found.ping_pongs)
    return needs_arbiter(used.weight) and not rules.may_arbitrate.test(user, found)


def ask_arbiter(request: HttpRequest, found: Ticket) -> HttpResponse:
    """Ask the arbiter who is to own it, with the brief and whom one would propose."""
    user = viewer(request)
    initial = {"brief": brief_of(found, user, now(request))} if request.method != "POST" else None
    form = HandOverForm(request.POST or None, initial=initial, people=choices.staff(), teams=choices.teams())
    where = reverse("ticket", args=[found.number])
    arbiters = queries.arbiters_of(found)
    names = ", ".join(one.name for one in arbiters)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_arbiter(
                ticket_id=found.pk, to_user=choices.person_of(form.uuid("to_user")),
                to_team=choices.team_of(form.uuid("to_team")), word=form.value("brief"), by=user, now=now(request),
            )  # fmt: skip
            return done(request, where, f"{names} is asked. Nothing moves until they name the owner.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title=f"Ask who owns {found.reference}", submit=f"Ask {names}" if len(arbiters) == 1 else "Ask them",
        cancel=where, template="frontline/ask_arbiter.html", arbiters=names, ticket=found,
    )  # fmt: skip
