"""A review's way: meeting, sign-off, a new version."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.reviews import actions, queries
from tocsin.domain.reviews.logic.lifecycle import Act
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, viewer, worker
from tocsin.web.reviews.forms import SignForm
from tocsin.web.reviews.sheets_of import page_of
from tocsin.web.sheets import done, through

ACTS = {Act.MEET: actions.meet, Act.FINISH: actions.finish_meeting, Act.REVISE: actions.revise}


@worker
@require_POST
def move(request: HttpRequest, number: int) -> HttpResponse:
    """Move a review by one of its buttons."""
    found = queries.access_review(viewer(request), number)
    wanted = request.POST.get("act", "")
    if wanted not in ACTS:
        raise NotFound("no_such_act", "There is no such act.")
    moved = ACTS[Act(wanted)](review_id=found.pk, by=viewer(request), now=now(request))
    return done(request, page_of(moved), f"{moved.reference}: {moved.get_state_display()}.")


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Sign a version off."""
    found = queries.access_review(viewer(request), number)
    form = SignForm(request.POST or None)

    def run() -> str:
        actions.sign_off(review_id=found.pk, word=form.value("word"), by=viewer(request), now=now(request))
        return f"{found.reference} is signed off."

    title = f"Sign off {found.reference}, version {found.version}"
    lead = "What it says now is kept as this version. Open actions are followed up; later changes begin a new version."
    return through(request, form, run, page_of(found, "sign-off"), title, "Sign off", lead=lead)
