"""Feedback (leads): bad ratings first, CSAT with n, themes, recovery, the views of all parties (UX "Pages")."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.feedback import queries, rules
from tocsin.domain.feedback.logic.satisfaction import Bar, Satisfaction, change, diverging
from tocsin.domain.feedback.queries import Group
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Rating
from tocsin.web.access import feedback_reader, now, signed_in, staff, viewer
from tocsin.web.desk.bulk import FORMULA
from tocsin.web.feedback import words
from tocsin.web.feedback.answering import shown
from tocsin.web.feedback.selecting import PERIODS, Chosen, chosen
from tocsin.web.sheets import done

BY = {"team": "By team", "service": "By service", "customer": "By customer", "month": "By month"}
SCORES = {"bad": "Bad: 1 and 2", "middle": "Middling: 3", "good": "Good: 4 and 5"}
BETWEEN = {"bad": (1, 2), "middle": (3, 3), "good": (4, 5)}
FIRST_LINES, PAGE, MOST_ROWS = 8, 50, 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of ratings."""

    group: Group
    bars: list[Bar]
    figures: Satisfaction


@feedback_reader
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What customers say, and what is done about it."""
    at, user = now(request), viewer(request)
    asked = chosen(request, at)
    by = request.GET.get("by", "team")
    by = by if by in BY else "team"
    figures, before = queries.figures(asked.where), queries.figures(asked.where.before())
    groups = queries.by_month(asked.where) if by == "month" else queries.by_group(asked.where, by)
    found, examples, read = queries.themes_of(asked.where)
    setting = queries.setting()
    context = {
        "asked": asked, "periods": PERIODS, "by": by, "bys": BY, "figures": figures, "finding": words.finding(figures),
        "moved": words.moved(change(figures, before)), "whole": diverging(figures.counts),
        "lines": [Line(group, diverging(group.figures.counts), group.figures) for group in groups],
        "bad": queries.bad(asked.where, setting.low_score)[:FIRST_LINES],
        "bad_count": queries.bad(asked.where, setting.low_score).count(),
        "themes": [(theme, [examples[pk] for pk in theme.examples if pk in examples]) for theme in found],
        "comments": read, "standing": queries.standing(user, at), "parties": [
            (party, [(words.about(key), mean, n) for key, mean, n in party.means])
            for party in queries.by_party(asked.where)
        ],
        "around": [
            (one, [words.difference(each) for each in one.differences])
            for one in queries.around(asked.where, limit=FIRST_LINES)
        ], "setting": setting, "low": setting.low_score,
        "may": {"set": rules.may_set_questions.test(user)}, "section": "feedback",
    }  # fmt: skip
    return render(request, "feedback/overview.html", context)


def _listed(request: HttpRequest, asked: Chosen) -> tuple[QuerySet[Rating], str, str]:
    text, score = request.GET.get("q", "").strip()[:100], request.GET.get("score", "")
    rows = queries.commented(asked.where, text) if text else queries.ratings(asked.where)
    if score in BETWEEN:
        rows = rows.filter(score__range=BETWEEN[score])
    else:
        score = ""
    return rows, text, score


@feedback_reader
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The ratings behind a figure."""
    asked = chosen(request, now(request))
    rows, text, score = _listed(request, asked)
    page = Paginator(rows.select_related("recovery__owner"), PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked, "periods": PERIODS, "page": page, "q": text, "score": score, "scores": SCORES,
        "section": "feedback",
    }  # fmt: skip
    return render(request, "feedback/ratings.html", context)


HEAD = [
    "reference",
    "score",
    "comment",
    "given_at",
    "changed_at",
    "customer",
    "person",
    "team",
    "service",
    "resolved_at",
]


@feedback_reader
@require_safe
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same list, up to 20,000 lines; what a spreadsheet would run is disarmed."""
    rows, _, _ = _listed(request, chosen(request, now(request)))
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + str(writer.writerow(HEAD))
        for rating in rows[:MOST_ROWS].iterator(chunk_size=500):
            yield str(writer.writerow([_plain(value) for value in _row(rating)]))

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="ratings.csv"'
    return answer


def _row(rating: Rating) -> list[str]:
    ticket = rating.ticket
    return [
        ticket.reference, str(rating.score), rating.comment, rating.given_at.isoformat(), rating.changed_at.isoformat(),
        ticket.organisation.name if ticket.organisation else "", rating.by.email, ticket.team.name if ticket.team else "",
        ticket.service.name if ticket.service else "", rating.resolved_at.isoformat(),
    ]  # fmt: skip


def _plain(value: str) -> str:
    return f"'{value}" if value.lstrip().startswith(FORMULA) or value.startswith(FORMULA) else value


class _Echo:
    """A file that gives back what is written: csv needs one."""

    def write(self, value: str) -> str:
        return value


@staff
@require_safe
def around(request: HttpRequest, escalation: UUID) -> HttpResponse:
    """The parties' views of one escalation side by side, differences first."""
    found = queries.access_around(viewer(request), escalation)
    views = queries.answers_of(found.pk)
    keys = dict.fromkeys(key for view in views for key in view.answers)
    rows = [(key, words.about(key), [view.answers.get(key) for view in views]) for key in keys]
    differences = queries.differences_of(views)
    context = {
        "escalation": found, "views": views, "rows": rows, "differences": [(one, words.difference(one)) for one in differences],
        "apart": {one.key for one in differences}, "section": "feedback",
        "may": {"read": rules.may_read_feedback.test(viewer(request))},
    }  # fmt: skip
    return render(request, "feedback/around.html", context)


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I am asked, and what I answered."""
    user = viewer(request)
    context = {
        "asks": queries.asked_of(user, now(request)), "answered": queries.answered_lately(user),
        "section": "feedback_mine",
    }  # fmt: skip
    return render(request, "feedback/mine.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, ask: UUID) -> HttpResponse:
    """One question to me."""
    page = shown(request, queries.access_ask(viewer(request), ask), via="inbox")
    if page.done:
        return done(request, reverse("feedback_mine"), "Thank you. You can change it until the question runs out.")
    context = {"page": page, "ask": page.ask, "form": page.form, "section": "feedback_mine"}
    return render(request, "feedback/answer.html", context, status=page.status)


@staff
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What a ticket's people think of it, beside the ticket; nothing where nobody was asked."""
    found = tickets.access_ticket(viewer(request), number)
    known = queries.on_ticket(found)
    context = {
        "ticket": found, "found": known, "asks": [(ask, words.not_asked(ask.why)) for ask in known.asks],
        "recoveries": queries.recoveries_of(found),
        "now_at": now(request),
    }  # fmt: skip
    return render(request, "feedback/panel.html", context)
