"""Saved views of the queue: one's own, a team's, everybody's."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.desk import actions
from tocsin.domain.desk import queries as desk
from tocsin.domain.desk.rules import may_share_views
from tocsin.domain.people import queries as people
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import staff, viewer, worker
from tocsin.web.desk.working_forms import ViewForm
from tocsin.web.sheets import done, sheet


@staff
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The views that I have, and which I may change."""
    views = [{"view": view, "may_change": may} for view, may in desk.views_with_rights(viewer(request))]
    return render(request, "desk/saved_views.html", {"views": views, "section": "views"})


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Keep the view as it stands: its filters, columns and density."""
    user = viewer(request)
    query = request.GET.urlencode() if request.method != "POST" else request.POST.get("query", "")
    initial = {"query": query, "scope": "mine", "density": request.GET.get("density", "comfortable")}
    form = ViewForm(request.POST or None, initial=initial, teams=people.teams(), may_share=may_share_views.test(user))
    where = f"{reverse('queue')}?{query}"
    if request.method == "POST" and form.is_valid():
        scope = form.value("scope")
        team = next((team for team in people.teams() if str(team.pk) == scope), None)
        try:
            made = actions.save_view(
                name=form.value("name"), query=query, by=user, team=team, shared=scope == "everybody",
                columns=[column for column in form.value("columns").split(",") if column], density=form.value("density"),
            )  # fmt: skip
            return done(request, f"{reverse('queue')}?{made.query}&saved={made.pk}", f"{made.name} is in the sidebar.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Save this view", submit="Save the view", cancel=where)


@worker
@require_POST
def delete(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Forget it."""
    actions.delete_view(view_id=view_id, by=viewer(request))
    return redirect("saved_views")
