"""Signals: how messages sound and why, by ticket, customer and service; correcting one, and what that changes."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.listening import actions, queries, rules
from tocsin.domain.listening.queries.trends import WEEKS, Course
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotAllowed, TocsinError
from tocsin.web.access import listening_keeper, now, staff, viewer
from tocsin.web.listening.charts import degree_bars, share_bars
from tocsin.web.listening.forms import VerdictForm
from tocsin.web.listening.on_tickets import DEGREES
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@staff
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Who sounds displeased, and is it getting better."""
    user, at = _reader(request), now(request)
    customers, services = queries.by_customer(user, at), queries.by_service(user, at)
    context = {
        "customers": [_row(one) for one in customers], "services": [_row(one) for one in services],
        "loudest": queries.loudest(user, since=at - timedelta(days=14)), "degrees": DEGREES, "weeks": WEEKS,
        "written": sum(one.messages for one in services), "displeased": sum(one.displeased for one in services),
        "may_keep": rules.may_keep_words.test(user), "section": "signals",
    }  # fmt: skip
    return render(request, "listening/signals.html", context)


def _row(course: Course) -> dict[str, object]:
    change = course.change
    words = f"{course.name}: {course.displeased} of {course.messages} messages in {WEEKS} weeks"
    return {
        "course": course, "percent": round(course.share * 100), "bars": share_bars(course.shares, words),
        "change": None if change is None else round(change * 100),
    }  # fmt: skip


@staff
@require_safe
def of_ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Every message of a ticket's customer, with the words that count."""
    user = _reader(request)
    found = tickets.access_ticket(user, number)
    shown = queries.shown_signals(found.pk)
    trend = queries.trend_of([one.signal for one in reversed(shown)])
    degrees = [degree for _, degree, _ in trend.points]
    context = {
        "ticket": found, "shown": shown, "trend": trend, "degrees": DEGREES,
        "bars": degree_bars(degrees, f"{len(degrees)} messages, the worst {DEGREES[trend.worst]}"),
        "may_keep": rules.may_keep_words.test(user), "section": "signals",
    }  # fmt: skip
    return render(request, "listening/of_ticket.html", context)


@listening_keeper
@require_http_methods(GET_OR_POST)
def correct(request: HttpRequest, signal_id: UUID) -> HttpResponse:
    """Say that a signal is right, too strong or wrong, having seen what that changes."""
    user = viewer(request)
    found = queries.signal_by_id(user, signal_id)
    form = VerdictForm(request.POST or None)
    where = reverse("ticket_signals", args=[found.signal.ticket.number])
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_signal(signal_id=signal_id, verdict=form.value("verdict"), by=user, now=now(request))
            return done(request, where, "Noted. The latest messages are graded by it.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="Is this signal right?", submit="Apply", cancel=where, template="listening/correct.html",
        found=found, effects=queries.effects_of(found.signal), degrees=DEGREES,
    )  # fmt: skip


@staff
@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """Which words count otherwise here than as shipped, and a box to try a text."""
    user = _reader(request)
    text = request.GET.get("text", "").replace("\x00", "")[:2000]
    found, pieces = queries.try_out(text) if text.strip() else (None, [])
    context = {
        "words": queries.house_words(), "text": text, "found": found, "pieces": pieces, "degrees": DEGREES,
        "may_keep": rules.may_keep_words.test(user), "section": "signals",
    }  # fmt: skip
    return render(request, "listening/words.html", context)


@listening_keeper
@require_POST
def reset_word(request: HttpRequest) -> HttpResponse:
    """Let a word count as it was shipped."""
    actions.reset_word(key=request.POST.get("key", "")[:250], by=viewer(request), now=now(request))
    return done(request, reverse("signal_words"), "It counts as it was shipped.")


def _reader(request: HttpRequest) -> User:
    """Return the viewer, who may read how customers sound. Raises NotAllowed for a customer's stakeholder."""
    user = viewer(request)
    if not rules.may_see_signals.test(user):
        raise NotAllowed("not_allowed", "How messages sound is for those who work on tickets.")
    return user
