"""What a report of figures says, and its letter: text, HTML and PDF, in the language of whoever gets it."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from tocsin.domain.insights import actions, links, queries
from tocsin.domain.insights.actions import ReportLetter
from tocsin.domain.insights.logic.metrics import DIMENSIONS
from tocsin.domain.insights.logic.metrics_words import sentence
from tocsin.domain.insights.logic.report_times import days_of
from tocsin.domain.insights.models import FigureReport, ReportReader
from tocsin.domain.insights.printing import pdf_of
from tocsin.domain.people.models import User
from tocsin.intake.email.configured import letters_leave, terms
from tocsin.kernel.ids import new_id
from tocsin.web.insights import metrics_charts as charts
from tocsin.web.insights.metrics_pages import STRIP, shown_figures, told
from tocsin.web.insights.metrics_selecting import Chosen, read
from tocsin.web.insights.spoken import number
from tocsin.web.languages.catalogue import LANGUAGES, SOURCE, exact, say

LINES = 8  # of one table
_CELL = "padding-right:12px;padding-top:4px;padding-bottom:4px;border-top:thin;border-top-style:solid;border-top-color:#c9ced6;text-align:"


def send_due(*, now: datetime, limit: int = 10) -> int:
    """Send the reports that are due; return how many (for the ticker)."""
    return actions.send_due_reports(write=letter_of, now=now, limit=limit)


def asked_of(report: FigureReport, due_at: datetime) -> Chosen:
    """Return the selection that a report due at an instant tells of: its filter, and days that are over."""
    first, last = days_of(report.cadence, due_at, report.zone)
    words = QueryDict(mutable=True)
    words.update({**report.scope, "from": first.isoformat(), "to": last.isoformat()})
    return read(words, User(zone=report.zone), due_at, selects=False)


def content_of(report: FigureReport, due_at: datetime) -> dict[str, Any]:
    """Return everything that a report says, in the language being spoken: what the page, the mail and the PDF show."""
    asked = asked_of(report, due_at)
    found, goals = told(asked)
    figures = {key: queries.Figure(n=one.n, value=one.value) for key, one in found.items()}
    first, last = days_of(report.cadence, due_at, report.zone)
    return {
        "title": report.name, "period": period_words(first, last), "where": where_words(report.scope),
        "sentence": [say(part) for part in sentence(found, asked.days)],
        "figures": [
            {
                "name": say(one.metric.name), "value": one.value, "goal": one.goal, "missed": one.missed,
                "n": number(one.figure.n), "before": one.before,
            }
            for one in shown_figures(asked, found, (*STRIP, "promises_kept", "backlog"))
        ],
        "sla": [
            {
                "name": say(one.metric.name), "value": one.text, "goal": one.goal_text, "missed": one.missed,
                "n": number(one.figure.n), "share": round(one.width / 200, 4),
            }
            for one in charts.bullets(figures, goals, asked)
        ],
        "tables": [
            _table(exact("What escalations are about"), charts.pareto(asked, "reason")),
            _table(exact("How tickets move between teams"), charts.flow(asked)),
        ],
        "words": _words(report), "link": _link(asked),
    }  # fmt: skip


def _table(title: str, chart: charts.Chart) -> dict[str, Any]:
    lines = [[line.name, *line.cells] for line in chart.lines[:LINES]]
    return {"title": title, "finding": chart.title, "head": list(chart.head), "lines": lines}


def _words(report: FigureReport) -> dict[str, str]:
    return {
        "kind": exact("Report of figures"), "figures": exact("Figures"), "figure": exact("Figure"), "value": exact("Value"),
        "goal": exact("Goal"), "before": exact("Against the period before"), "sla": "SLA", "target": exact("Target"),
        "met": exact("Met"), "clocks": exact("Clocks"),
        "foot": say(
            f"Days are those of {report.zone}. A change is told only where chance would hardly explain it; definitions stand "
            "on the page Insights."
        ),
    }  # fmt: skip


def period_words(first: date, last: date) -> str:
    """Return the first and the last day as they stand in a report of any language."""
    return f"{first} – {last}"


def where_words(scope: Mapping[str, str]) -> str:
    """Say what a filter takes in; "" for everything."""
    parts = [
        f"{exact(DIMENSIONS[name][1])}: {say(dict(queries.offered(name)).get(value, value))}"
        for name, value in scope.items()
        if name in DIMENSIONS
    ]
    return ", ".join(parts + ([exact("Elapsed time")] if scope.get("clock") == "elapsed" else []))


def _link(asked: Chosen) -> str:
    return f"{settings.BASE_URL}{asked.link(reverse('insights'))}" if settings.BASE_URL else ""


def language_of(user: User) -> str:
    """Return the language in which somebody is written to."""
    code = (user.language or settings.LANGUAGE_CODE)[:2]
    return code if code in LANGUAGES else SOURCE


def pdf_for(report: FigureReport, due_at: datetime, language: str) -> bytes:
    """Return the PDF of a report in a language."""
    with translation.override(language):
        return pdf_of(content_of(report, due_at), language=language)


def letter_of(reader: ReportReader, due_at: datetime) -> ReportLetter | None:
    """Return the letter for one reader; None where no mail leaves."""
    if not letters_leave():
        return None
    report, user = reader.report, reader.user
    language = language_of(user)
    with translation.override(language):
        content = content_of(report, due_at)
        pdf = pdf_of(content, language=language)
        sample = reader._state.adding  # whoever tries a report is no reader of it, and has nothing to leave
        leave = "" if sample else links.leave_url(reader.pk, now=due_at)
        own = terms()
        data: dict[str, Any] = {
            "from": own.desk, "from_name": own.name, "to_name": user.name, "reply_to": own.desk,
            "message_id": f"r{new_id()}@{own.domain}", "in_reply_to": [], "references": [],
            "auto_submitted": "auto-generated", "installation": own.installation, "language": language, "files": [],
            "html": html_of(content, leave), "unsubscribe": leave,
            "enclosed": [
                {
                    "name": f"tocsin-{due_at.astimezone(UTC):%Y-%m-%d}.pdf", "kind": "application/pdf",
                    "content": b64encode(pdf).decode(),
                }
            ],
        }  # fmt: skip
        subject = f"{report.name}: {content['sentence'][0]}"
        return ReportLetter(subject[:200], text_of(content, leave), data)


def text_of(content: Mapping[str, Any], leave: str) -> str:
    """Return a report as plain text."""
    lines = [f"{content['title']}, {content['period']}", content["where"], "", *content["sentence"], ""]
    for one in (*content["figures"], *content["sla"]):
        goal = f", {content['words']['goal'].lower()} {one['goal']}" if one["goal"] else ""
        before = f"; {one['before']}" if one.get("before") else ""
        lines.append(f"{one['name']}: {one['value']} (n = {one['n']}{goal}){before}")
    for table in content["tables"]:
        lines += ["", table["title"], table["finding"], *("  " + "  ".join(line) for line in table["lines"])]
    lines += ["", content["link"], content["words"]["foot"]]
    if leave:
        lines += ["", f"{exact('Get this report no more')}: {leave}"]
    return "\n".join(line for place, line in enumerate(lines) if line or (place and lines[place - 1]))


def html_of(content: Mapping[str, Any], leave: str) -> str:
    """Return a report as the HTML side of its mail: tables and inline styles, which every mail program draws."""
    words = content["words"]
    quiet = "color:#5b6472;font-size:13px"
    parts = [
        f'<p style="{quiet};margin:0">{escape(content["period"])}{escape(" · " + content["where"]) if content["where"] else ""}</p>',
        f'<h1 style="font-size:20px;margin:4px 0 12px">{escape(content["title"])}</h1>',
        f'<p style="border-left:3px solid #2456c8;padding-left:12px;font-size:17px">{escape(" ".join(content["sentence"]))}</p>',
        _html_table(
            [words["figure"], words["value"], words["goal"], "n", words["before"]],
            [[one["name"], _bold(one), one["goal"], one["n"], one["before"]] for one in content["figures"]],
        ),
    ]  # fmt: skip
    if content["sla"]:
        parts.append(f'<h2 style="font-size:16px">{escape(words["sla"])}</h2>')
        rows = [[one["name"], _bold(one), one["goal"], one["n"]] for one in content["sla"]]
        parts.append(_html_table([words["target"], words["met"], words["goal"], words["clocks"]], rows))
    for table in content["tables"]:
        parts.append(f'<h2 style="font-size:16px;margin-bottom:0">{escape(table["title"])}</h2>')
        parts.append(f'<p style="{quiet}">{escape(table["finding"])}</p>')
        if table["lines"]:
            parts.append(_html_table(table["head"], table["lines"]))
    if content["link"]:
        parts.append(f'<p><a href="{escape(content["link"], quote=True)}">{escape(exact("Open in Insights"))}</a></p>')
    foot = escape(words["foot"])
    if leave:
        foot += f'<br><a href="{escape(leave, quote=True)}">{escape(exact("Get this report no more"))}</a>'
    parts.append(f'<p style="{quiet}">{foot}</p>')
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class _Bold:
    """A value that stands out, in red where its goal is missed."""

    value: str
    missed: bool


def _bold(one: Mapping[str, Any]) -> _Bold:
    return _Bold(one["value"], bool(one["missed"]))


def _html_table(head: Sequence[str], lines: Sequence[Sequence[str | _Bold]]) -> str:
    def cell(value: str | _Bold, place: int, tag: str) -> str:
        side = "left" if place == 0 else "right"
        style = _CELL + side
        if tag == "th":
            style += ";color:#5b6472;font-weight:normal;font-size:13px"
        if isinstance(value, _Bold):
            style += ";font-weight:bold" + (";color:#b3261e" if value.missed else "")
        shown = value.value if isinstance(value, _Bold) else value
        return f'<{tag} style="{style}">{escape(shown)}</{tag}>'

    rows = [f"<tr>{''.join(cell(one, n, 'th') for n, one in enumerate(head))}</tr>"]
    rows += [f"<tr>{''.join(cell(one, n, 'td') for n, one in enumerate(line))}</tr>" for line in lines]
    return f'<table style="border-collapse:collapse;margin:8px 0">{"".join(rows)}</table>'
