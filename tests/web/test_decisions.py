"""The catalogue in pages: kept by leads, in versions, with refusals beside the fields; the report and its CSV."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tocsin.domain.decisions import actions
from tocsin.domain.decisions.actions import Granted
from tocsin.domain.decisions.models import Decision, Request, Taken, Version

FIELDS = {
    "name": "Refund", "purpose": "Goodwill.", "unit": "amount", "unit_name": "EUR", "fields_kept": "Invoice\n\nInvoice",
    "who_0": "line:L1", "limit_0": "200", "who_1": "role:lead", "limit_1": "", "starts_on": "2026-01-01",
}  # fmt: skip


def test_a_lead_writes_a_decision_down_and_changes_it_in_versions(desk: Any, signed_in: Any) -> None:
    lead = signed_in("lead")
    assert lead.post(reverse("decision_new"), FIELDS).status_code == 302
    found = Decision.objects.get()
    assert (found.slug, found.fields, found.version) == ("refund", ["Invoice"], 1)
    assert [(one.line, one.role, one.limit) for one in found.grants.all()] == [
        ("L1", "", Decimal(200)),
        ("", "lead", None),
    ]
    where = reverse("decision_edit", args=["refund"])
    assert lead.post(where, FIELDS | {"limit_0": "300", "word": "more", "version": "1"}).status_code == 302
    assert [one.content["rights"][0]["limit"] for one in Version.objects.order_by("number")] == ["200", "300"]
    stale = lead.post(where, FIELDS | {"limit_0": "400", "version": "1"})
    assert "was changed meanwhile" in stale.content.decode()
    shown = lead.get(reverse("decision", args=["refund"])).content.decode()
    assert "300 EUR" in shown
    assert "no limit" in shown


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"condition": "ticket.colour == 1"}, "A ticket has no field colour."),
        ({"who_0": "", "who_1": ""}, "Say who may take it"),
        ({"who_1": "line:L1"}, "L1 stands there twice"),
        ({"unit_name": ""}, "This must not be empty."),
        ({"ends_on": "2025-12-31"}, "The last day cannot be before the first."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    desk: Any, signed_in: Any, wrong: dict[str, str], problem: str
) -> None:
    answer = signed_in("lead").post(reverse("decision_new"), FIELDS | wrong)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert 'value="Refund"' in answer.content.decode()
    assert not Decision.objects.exists()


def test_agents_read_the_catalogue_and_do_not_change_it(desk: Any, signed_in: Any) -> None:
    signed_in("lead").post(reverse("decision_new"), FIELDS)
    agent = signed_in("agent")
    page = agent.get(reverse("decisions")).content.decode()
    assert "You may decide this yourself up to 200 EUR: First line." in page
    assert reverse("decision_new") not in page
    assert agent.post(reverse("decision_edit", args=["refund"]), FIELDS).status_code == 403
    assert agent.get(reverse("decisions_report")).status_code == 403


def test_a_decision_is_offered_only_where_its_scope_and_condition_say(desk: Any, signed_in: Any) -> None:
    more = {"services": [str(desk.service.pk)], "condition": "ticket.priority <= 4"}
    signed_in("lead").post(reverse("decision_new"), FIELDS | more)
    agent = signed_in("agent")
    assert "Refund" in agent.get(reverse("ticket_decisions", args=[desk.ticket.number])).content.decode()
    elsewhere = agent.get(reverse("ticket_decisions", args=[desk.queued.number])).content.decode()
    assert elsewhere.strip() == ""
    sheet = agent.get(reverse("ticket_decide", args=[desk.queued.number])).content.decode()
    assert "The catalogue has nothing to decide on this ticket." in sheet


def test_the_report_counts_and_the_csv_disarms_formulas(desk: Any, signed_in: Any) -> None:
    made = actions.save_decision(
        name="=Refund", purpose="", unit="count", unit_name="days", condition="", fields=[], starts_on=desk.now.date(),
        by=desk.lead, now=desk.now, grants=[Granted(holder="line", key="L1", limit=Decimal(3)), Granted(holder="role", key="lead")],
    )  # fmt: skip
    for amount in (1, 2, 4):
        actions.decide(
            ticket_id=desk.queued.pk,
            decision_id=made.pk,
            amount=Decimal(amount),
            reason="x",
            by=desk.agent,
            now=desk.now,
        )
    assert (Taken.objects.count(), Request.objects.count()) == (2, 1)
    lead = signed_in("lead")
    report = lead.get(reverse("decisions_report")).context["report"]
    (row,) = report.decisions
    assert (row.taken, row.total, row.asked, report.whole.escalated, report.share) == (2, "3 days", 1, 0, None)
    assert [(one.name, one.taken) for one in report.people] == [("Agent", 2)]
    assert [one.name for one in report.teams] == ["First line"]
    lines = b"".join(lead.get(reverse("decisions_csv"))).decode()
    assert "'=Refund" in lines
    earlier = lead.get(reverse("decisions_report"), {"from": "2020-01-01", "to": "2020-01-31"}).context["report"]
    assert earlier.whole.taken == 0
    assert lead.get(reverse("decisions_report"), {"from": "never", "to": "9999-99-99"}).status_code == 200
