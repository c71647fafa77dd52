"""Stories of figures: a lead sees what is wrong and where it comes from, sets a goal, and has it told every week."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.intake.email.conftest import Sink, delivered
from tests.intake.email.conftest import mail_settings as mail_settings  # noqa: PLC0414 - fixtures of this module
from tests.intake.email.conftest import sink as sink  # noqa: PLC0414 - a real mail server
from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk
from tocsin.domain.insights import actions
from tocsin.domain.insights.models import FigureReport, ReportReader
from tocsin.domain.tickets import actions as tickets
from tocsin.web.insights.report_letters import send_due

HOUR = timedelta(hours=1)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def a_bad_week(desk: Desk) -> None:
    """Twenty-four tickets of the last seven days, every second reopened; in the seven before none was."""
    for days, bad in ((6, True), (13, False)):
        for number in range(24):
            at = desk.now - timedelta(days=days) + number * HOUR
            made = tickets.open_ticket(
                subject=f"Mail {number}",
                requester=desk.requester,
                team=desk.team,
                service=desk.service,
                by=None,
                now=at,
            )
            tickets.resolve(ticket_id=made.pk, by=desk.agent, now=at + HOUR)
            if bad and number % 2:
                tickets.reopen(ticket_id=made.pk, by=desk.agent, now=at + 2 * HOUR)
    actions.refresh()


def report_of(desk: Desk, client: Client, *readers: Any) -> FigureReport:
    """Set up a report of the first line, for every Monday at seven, through the page."""
    where = reverse("insights_report_new") + "?team=first-line"
    given = {
        "name": "First line",
        "cadence": "weekly",
        "weekday": "1",
        "hour": "7",
        "readers": [str(r.pk) for r in readers],
    }
    answer = client.post(where, given)
    assert answer.status_code == 302, answer.content.decode()
    return FigureReport.objects.get()


def test_a_lead_sees_what_got_worse_and_follows_it_to_the_tickets(desk: Desk) -> None:
    a_bad_week(desk)
    client = desk.client(desk.lead)
    page = client.get(reverse("insights"), {"period": "7", "team": "first-line"})
    assert page.context["sentence"][0].startswith("Reopened rose to ")
    figure = next(one for _, group in page.context["groups"] for one in group if one.metric.key == "reopened")
    rows = client.get(figure.rows)
    assert rows.context["total"] == 12
    assert all(row.hit for row, _ in rows.context["rows"])


def test_every_monday_the_report_comes_by_mail_with_a_pdf_in_the_readers_language(
    desk: Desk, sink: Sink, mail_settings: Any
) -> None:
    mail_settings.BASE_URL = "https://desk.example"
    a_bad_week(desk)
    desk.manager.language = "de"
    desk.manager.save()
    client = desk.client(desk.lead)
    report = report_of(desk, client, desk.lead, desk.manager)
    assert report.scope == {"team": "first-line"}
    due = report.due_at
    assert due > desk.now
    assert (due.isoweekday(), send_due(now=due - timedelta(seconds=1))) == (1, 0)
    assert send_due(now=due) == 1
    sent = [mail for mail in delivered(sink, due) if str(mail["Subject"]).startswith("First line: ")]
    mails = {str(mail["To"].addresses[0].addr_spec): mail for mail in sent}
    assert set(mails) == {desk.lead.email, desk.manager.email}
    english, german = mails[desk.lead.email], mails[desk.manager.email]
    assert "Against the period before" in part(english, "html")
    assert "Gegenüber dem Zeitraum davor" in part(german, "html")
    for mail in mails.values():
        (file,) = mail.iter_attachments()
        assert (file.get_content_type(), file.get_content()[:5]) == ("application/pdf", b"%PDF-")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    report.refresh_from_db()
    assert (report.sent_at, report.due_at) == (due, due + timedelta(days=7))
    assert send_due(now=due) == 0


def test_a_reader_leaves_by_the_link_in_the_mail_and_opening_it_changes_nothing(
    desk: Desk, sink: Sink, mail_settings: Any
) -> None:
    mail_settings.BASE_URL = "https://desk.example"
    report = report_of(desk, desk.client(desk.lead), desk.lead, desk.agent)
    send_due(now=report.due_at)
    mail = next(mail for mail in delivered(sink, report.due_at) if desk.agent.email in str(mail["To"]))
    link = re.search(r"https://desk\.example(/insights/reports/leave/\S+)", part(mail, "plain"))
    assert link is not None
    anybody = Client()
    for _ in range(3):
        assert "Get this report no more?" in anybody.get(link[1]).content.decode()
    assert not ReportReader.objects.filter(left_at__isnull=False).exists()
    assert anybody.post(link[1]).status_code == 200
    report.refresh_from_db()
    send_due(now=report.due_at)
    assert [str(mail["To"].addresses[0].addr_spec) for mail in delivered(sink, report.due_at)] == [desk.lead.email]
    assert anybody.get(reverse("insights_report_leave", args=["forged.token"])).status_code == 404


def test_after_a_downtime_the_newest_report_alone_is_sent(desk: Desk, sink: Sink, mail_settings: Any) -> None:
    report = report_of(desk, desk.client(desk.lead), desk.lead)
    late = report.due_at + timedelta(days=17)
    assert send_due(now=late) == 1
    (mail,) = delivered(sink, late)
    newest = report.due_at + timedelta(days=14)
    assert f"{(newest - timedelta(days=7)).date()} – {(newest - timedelta(days=1)).date()}" in part(mail, "plain")
    report.refresh_from_db()
    assert report.due_at == newest + timedelta(days=7)


def test_what_the_report_says_is_what_the_page_says(desk: Desk) -> None:
    a_bad_week(desk)
    client = desk.client(desk.lead)
    report = report_of(desk, client, desk.lead)
    content = client.get(reverse("insights_report", args=[report.pk])).context["content"]
    first, last = content["period"].split(" – ")
    page = client.get(reverse("insights"), {"team": "first-line", "from": first, "to": last}).context
    shown = {one.metric.name: (one.value, f"{one.figure.n:,}") for one in page["strip"]}
    told = {one["name"]: (one["value"], one["n"]) for one in content["figures"]}
    assert shown.items() <= told.items()
    assert content["sentence"] == page["sentence"]
    pdf = client.get(reverse("insights_report_pdf", args=[report.pk]))
    assert pdf.content[:5] == b"%PDF-"


def test_who_may_set_one_up_and_who_may_get_one(desk: Desk) -> None:
    agent, lead = desk.client(desk.agent), desk.client(desk.lead)
    assert agent.get(reverse("insights_report_new")).status_code == 403
    refused = lead.post(reverse("insights_report_new"), {"name": "x", "cadence": "weekly", "weekday": "1", "hour": "7"})
    assert refused.status_code == 422
    customer = lead.post(
        reverse("insights_report_new"),
        {"name": "x", "cadence": "weekly", "weekday": "1", "hour": "7", "readers": [str(desk.requester.pk)]},
    )
    assert customer.status_code == 422
    report = report_of(desk, lead, desk.agent)
    assert agent.get(reverse("insights_report", args=[report.pk])).status_code == 200
    assert agent.post(reverse("insights_report_remove", args=[report.pk])).status_code == 403
    assert agent.post(reverse("insights_report_stop", args=[report.pk])).status_code == 302
    assert ReportReader.objects.get().left_at is not None
    assert lead.post(reverse("insights_report_remove", args=[report.pk])).status_code == 302
    assert "No report goes out" in lead.get(reverse("insights_reports")).content.decode()


def test_without_a_mail_server_nothing_is_said_to_have_been_sent(desk: Desk, settings: Any) -> None:
    settings.SMTP_HOST = ""
    report = report_of(desk, desk.client(desk.lead), desk.lead)
    send_due(now=report.due_at)
    report.refresh_from_db()
    assert report.sent_at is None
    page = desk.client(desk.lead).get(reverse("insights_report", args=[report.pk])).content.decode()
    assert "No mail leaves here" in page


def test_the_report_is_for_days_that_are_over() -> None:
    from tocsin.domain.insights.logic.report_times import days_of, next_due  # noqa: PLC0415 - beside the stories of it

    zone, after = "Europe/Berlin", datetime(2026, 3, 27, 12, tzinfo=UTC)
    weekly = next_due("weekly", 1, 7, zone, after)
    assert weekly == datetime(2026, 3, 30, 5, tzinfo=UTC)  # summer time has begun on Sunday
    assert [str(day) for day in days_of("weekly", weekly, zone)] == ["2026-03-23", "2026-03-29"]
    monthly = next_due("monthly", 1, 7, zone, after)
    assert monthly == datetime(2026, 4, 1, 5, tzinfo=UTC)
    assert [str(day) for day in days_of("monthly", monthly, zone)] == ["2026-03-01", "2026-03-31"]
    assert next_due("monthly", 1, 7, zone, monthly) == datetime(2026, 5, 1, 5, tzinfo=UTC)
