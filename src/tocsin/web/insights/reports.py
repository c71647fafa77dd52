"""Reports of figures by mail: who gets which, when; how the next one looks; leaving one by its own link."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.insights import actions, links, queries, rules
from tocsin.domain.insights.models import FigureReport
from tocsin.domain.insights.models.reports import Cadence
from tocsin.intake.email.configured import letters_leave
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import insider, now, public, target_setter, viewer
from tocsin.web.fields import Choices, Form, choice
from tocsin.web.insights.metrics_charts import DAYS
from tocsin.web.insights.metrics_selecting import chosen, read
from tocsin.web.insights.report_letters import content_of, letter_of, pdf_for, where_words
from tocsin.web.languages.catalogue import language_now
from tocsin.web.sheets import done

GET_OR_POST = ["GET", "HEAD", "POST"]
LONGEST_TOKEN = 200


class ReportForm(Form):
    """What is told to whom, and when. The filter comes with the address of the page that it was begun on."""

    name = forms.CharField(label="Name", max_length=80, help_text="Stands above the report and in the mail's subject.")
    cadence = choice("How often", Cadence.choices, initial=Cadence.WEEKLY)
    weekday = choice(
        "On", [(str(n), name) for n, name in enumerate(DAYS, 1)], initial="1", help_text="Of weekly reports."
    )
    hour = choice("At", [(str(n), f"{n:02d}:00") for n in range(24)], initial="7")
    readers = forms.MultipleChoiceField(
        label="Who gets it", widget=forms.CheckboxSelectMultiple, help_text="Each in their own language."
    )  # fmt: skip

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("readers", people)


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every report, the next one first."""
    user = viewer(request)
    rows = [(one, where_words(one.scope)) for one in queries.reports()]
    context = {
        "rows": rows, "may_set": rules.may_set_targets.test(user), "leaves": letters_leave(), "section": "insights",
        "tab": "reports",
    }  # fmt: skip
    return render(request, "insights/reports.html", context)


@target_setter
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest) -> HttpResponse:
    """Set one up, with the filter of the page it was begun on."""
    return _edited(request, None, chosen(request, selects=False).query)


@target_setter
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, report: UUID) -> HttpResponse:
    """Change one."""
    found = queries.access_report(report)
    return _edited(request, found, found.scope)


def _edited(request: HttpRequest, found: FigureReport | None, scope: dict[str, str]) -> HttpResponse:
    people = {str(user.pk): user for user in queries.possible_readers()}
    initial: dict[str, Any] = {"readers": [str(viewer(request).pk)]}
    if found is not None:
        getting = [str(one.user_id) for one in queries.readers_of(found) if one.left_at is None]
        initial = {
            "name": found.name, "cadence": found.cadence, "weekday": str(found.weekday), "hour": str(found.hour),
            "readers": getting,
        }  # fmt: skip
    form = ReportForm(request.POST or None, initial=initial, people=[(pk, user.name) for pk, user in people.items()])
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_report(
                report_id=found.pk if found else None, name=form.value("name"), scope=scope, cadence=form.value("cadence"),
                weekday=int(form.value("weekday")), hour=int(form.value("hour")),
                readers=[people[pk] for pk in form.cleaned_data["readers"]], by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, reverse("insights_report", args=[made.pk]), "The report is set up.")
        except TocsinError as error:
            form.refuse(error)
    context = {
        "form": form, "report": found, "where": where_words(scope), "zone": found.zone if found else viewer(request).zone,
        "action": request.get_full_path(), "section": "insights", "tab": "reports",
    }  # fmt: skip
    return render(request, "insights/report_edit.html", context, status=422 if form.errors else 200)


@insider
@require_safe
def report(request: HttpRequest, report: UUID) -> HttpResponse:
    """One report: when it leaves, who gets it, and how it would look if it left now."""
    found, user = queries.access_report(report), viewer(request)
    context = {
        "report": found, "readers": queries.readers_of(found), "mine": queries.reader_of(found, user),
        "content": content_of(found, now(request)), "may_set": rules.may_set_targets.test(user), "leaves": letters_leave(),
        "weekday": DAYS[found.weekday - 1], "section": "insights", "tab": "reports",
        "open": read(_words(found.scope), user, now(request), selects=False).link(reverse("insights")),
    }  # fmt: skip
    return render(request, "insights/report.html", context)


def _words(scope: dict[str, str]) -> QueryDict:
    words = QueryDict(mutable=True)
    words.update(scope)
    return words


@insider
@require_safe
def pdf(request: HttpRequest, report: UUID) -> HttpResponse:
    """The PDF as it would leave now, in the language of whoever looks."""
    found = queries.access_report(report)
    answer = HttpResponse(pdf_for(found, now(request), language_now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="tocsin-{now(request):%Y-%m-%d}.pdf"'
    return answer


@target_setter
@require_POST
def sample(request: HttpRequest, report: UUID) -> HttpResponse:
    """Send it to whoever asks, as it would leave now."""
    sent = actions.send_sample(report_id=report, write=letter_of, by=viewer(request), now=now(request))
    said = "It is on its way to you." if sent else "No mail leaves here. Set up a mail server first."
    return done(request, reverse("insights_report", args=[report]), said)


@target_setter
@require_POST
def remove(request: HttpRequest, report: UUID) -> HttpResponse:
    """Take it away."""
    actions.remove_report(report_id=report, by=viewer(request), now=now(request))
    return done(request, reverse("insights_reports"), "The report is taken away.")


@insider
@require_POST
def stop(request: HttpRequest, report: UUID) -> HttpResponse:
    """Get it no more, from its page."""
    found = queries.access_report(report)
    mine = queries.reader_of(found, viewer(request))
    if mine is None:
        raise NotFound("report_not_found", "You do not get this report.")
    actions.leave_report(reader_id=mine.pk, by=viewer(request), now=now(request))
    return done(request, reverse("insights_report", args=[report]), "You get this report no more.")


@public
@csrf_exempt
@never_cache
@require_http_methods(GET_OR_POST)
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Leave a report by the link in its mail: GET shows a page with a button and changes nothing, POST leaves.

    Exempt from CSRF: the token in the address is the right to do it, and mail programs have no cookie.
    """
    try:
        if len(token) > LONGEST_TOKEN:
            raise NotFound("link_invalid", "This link is not whole. Open the newest message, or sign in.")
        found = queries.reader(links.read_leave_token(token, now=now(request)))
    except NotFound as error:
        return render(request, "insights/report_leave.html", {"message": error.message}, status=404)
    left = found.left_at is not None
    if request.method == "POST":
        actions.leave_report(reader_id=found.pk, by=None, now=now(request))
        left = True
    answer = render(request, "insights/report_leave.html", {"name": found.report.name, "left": left})
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
